import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { flagsOfServe } from '../../../../src/commands/healthcheck/running-serve.ts';
import { eventually } from '../../../support/eventually.ts';

test('finds the arguments of the exporter that runs from the same file, and of no other command of it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'running-serve-'));
  t.after(() => rm(folder, { recursive: true }));
  const script = join(folder, 'cli.js');
  await writeFile(script, 'setInterval(() => {}, 1000);');
  const ownScript = process.argv[1];
  process.argv[1] = script;
  t.after(() => {
    process.argv[1] = ownScript ?? '';
  });
  const run = (...args: readonly string[]) => {
    const child = spawn(process.execPath, ['--no-warnings', 'cli.js', ...args], {
      cwd: folder,
      stdio: 'ignore',
    });
    t.after(() => child.kill('SIGKILL'));
    return child;
  };
  assert.equal(await flagsOfServe(), undefined);
  run('check', 'targets.yml');
  run('serve', '--web.listen-address', ':9999');
  await eventually(async () =>
    assert.deepEqual(await flagsOfServe(), ['serve', '--web.listen-address', ':9999']),
  );
});
