/** What npm packs of a clone, installed where there is nothing else, and run by every Node.js that is supported. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { NODE_LINES, nodeProgram, nodeRelease } from '../../harness/node-program.ts';
import { packagesIn } from '../../tools/build/licences.ts';
import { Exporter, runProgram } from '../support/exporter.ts';
import { EXPORTER, realServers } from '../support/real-servers.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NOT_IN_A_CLONE = /^(\.git|\.cache|dist(-.*)?|node_modules|release)$/;

const folder = await mkdtemp(join(tmpdir(), 'package-'));
after(() => rm(folder, { recursive: true, force: true }));
const clone = join(folder, 'clone');
const prefix = join(folder, 'prefix');
const installed = join(prefix, 'node_modules/mysql-query-exporter');
const servers = await realServers();

/** Packing puts another package.json in the place of ours for a moment, which is not for the tests beside this one. */
async function packAndInstall(): Promise<void> {
  for (const entry of await readdir(ROOT))
    if (!NOT_IN_A_CLONE.test(entry)) await cp(join(ROOT, entry), join(clone, entry), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: clone });
  const archive = join(folder, stdout.trim().split('\n').at(-1) ?? '');
  // Offline: it has no dependency that would have to be fetched.
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--prefix', prefix, archive]);
}

await packAndInstall();

test('it needs no other package, and packing leaves the clone as it was', async () => {
  assert.deepEqual(await readdir(join(prefix, 'node_modules')), [
    '.bin',
    '.package-lock.json',
    'mysql-query-exporter',
  ]);
  assert.equal(
    await readFile(join(clone, 'package.json'), 'utf8'),
    await readFile(join(ROOT, 'package.json'), 'utf8'),
  );
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as object;
  assert.deepEqual(
    Object.keys(manifest).filter((key) => /dependencies|scripts/i.test(key)),
    [],
  );
});

test('it has the licences of what is in it', async () => {
  const licences = await readFile(join(installed, 'dist/licences.txt'), 'utf8');
  const { dependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) assert.match(licences, new RegExp(`^${name} \\d`, 'm'));
  // As many texts as packages, and each forbids or permits something.
  const parts = licences.split(`\n${'-'.repeat(80)}\n`);
  assert.equal(packagesIn(licences).length, parts.length);
  for (const part of parts) assert.match(part, /permission|permitted|license/i);
});

test('it has its manual page and completions', async () => {
  const { man } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as { man: [string] };
  assert.match(await readFile(join(installed, man[0]), 'utf8'), /^\.TH MYSQL/m);
  assert.deepEqual(await readdir(join(installed, 'deploy/completion')), [
    '_mysql-query-exporter',
    'mysql-query-exporter.bash',
  ]);
});

const targets = servers
  .map(
    ({ name, port }) =>
      `  ${name}: {address: "127.0.0.1:${port}", user: ${EXPORTER.user}, password: ${EXPORTER.password}}`,
  )
  .join('\n');
// The pattern is one that runs on the other engine, which is loaded when it is needed.
const files = {
  'targets.yml': `query_files: [builtin, own.yml]\ndefaults: {query_sets: [global_status, own]}\ntargets:\n${targets}\n`,
  'own.yml': `query_sets:
  own:
    namespace: own
    queries:
      one:
        query: SELECT 'xxy=4' AS word
        metrics:
          n: {type: gauge, description: A number., extract: {column: word, match: '(x+x+)+y=(?<n>\\d+)'}, value: n}
`,
  // admin:secret at the lowest cost
  'web.yml': 'basic_auth_users: {admin: "$2b$04$WMZZo5D6H8zf529CqQ.qKuUx3Wb6qWORrdMeTxXaPUUz9hP3ouLc6"}\n',
};

for (const line of NODE_LINES) {
  test(`on Node.js ${line}: help, check, and a probe of every server behind a login`, async () => {
    const node = await nodeProgram(nodeRelease(line) ?? '');
    const program = [node, join(installed, 'dist/cli.js')];
    const help = await runProgram(program, {}, '--help');
    assert.deepEqual([help.code, help.stderr], [0, '']);
    assert.match(help.stdout, /^ {2}serve /m);
    const checked = await runProgram(program, files, 'check', 'targets.yml');
    assert.deepEqual([checked.stderr, checked.code], ['', 0], checked.stdout);
    await using exporter = await Exporter.startProgram(program, files, '--web.config.file=web.yml');
    const headers = { authorization: `Basic ${btoa('admin:secret')}` };
    for (const { name } of servers) {
      const { status, text } = await exporter.get(`/probe?target=${name}`, { headers });
      assert.equal(status, 200);
      assert.match(text, /^mysql_up 1$/m);
      assert.match(text, /^mysql_global_status_uptime \d+$/m);
      assert.match(text, /^own_n 4$/m, text.slice(0, 2000));
    }
    assert.equal((await exporter.get('/metrics')).status, 401);
  });
}
