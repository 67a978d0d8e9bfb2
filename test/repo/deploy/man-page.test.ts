/** The manual page: a formatter has no complaint, and what it prints can be read and copied. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findTroff } from '../../../harness/checking-programs.ts';
import { createCommandLine } from '../../../src/commands/command-line.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const { man } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { man: [string] };
const PAGE = join(ROOT, man[0]);
const troff = await findTroff();

/** An unpacked one does not find its own fonts and macros. */
async function folders(): Promise<readonly string[]> {
  const share = join(dirname(troff.path), '../share/groff', troff.version);
  await access(join(share, 'tmac/an.tmac'));
  return ['-F', join(share, 'font'), '-M', join(share, 'tmac')];
}

async function format(page: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const args = [...troff.prefix, ...(await folders()), '-man', '-ww', '-Tascii', page];
  return await run(troff.command, args, { maxBuffer: 2 ** 24 });
}

test('troff warns of nothing', async () => {
  const { stderr, stdout } = await format(PAGE);
  assert.equal(stderr, '');
  assert.ok(stdout.length > 10_000);
});

test('every command and option is in the page, with dashes that can be copied', async () => {
  const page = await readFile(PAGE, 'utf8');
  const { commands } = await createCommandLine();
  for (const command of commands) {
    assert.ok(page.includes(`\n.SS ${command.name().replaceAll('-', '\\-')}\n`), command.name());
    for (const { long } of command.options)
      assert.ok(page.includes(`\\fB${long?.replaceAll('-', '\\-')}\\fR`), long);
  }
  assert.doesNotMatch(page.replaceAll(/^\.\\".*$/gm, ''), /(?<!\\)-/);
});

test('no line of text is taken for a request', async () => {
  const page = await readFile(PAGE, 'utf8');
  const requests = new Set(page.split('\n').flatMap((line) => /^[.'](\S+)/.exec(line)?.[1] ?? []));
  const known = ['\\"', 'TH', 'SH', 'SS', 'TP', 'B', 'BR', 'P', 'br'];
  assert.deepEqual(
    [...requests].filter((request) => !known.includes(request)),
    [],
  );
});
