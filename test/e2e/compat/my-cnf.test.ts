/** A `.my.cnf` means to `convert` what it means to mysqld_exporter, which is asked. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { removeFolder, startChild, stopChild, temporaryFolder } from '../../../harness/children.ts';
import { freePort } from '../../../harness/free-port.ts';
import { httpReady } from '../../../harness/http-ready.ts';
import { findMysqldExporter } from '../../../harness/programs.ts';
import { load } from '../../support/config-folder.ts';
import { convert } from '../../support/converting.ts';
import { eventually } from '../../support/eventually.ts';
import { realServers } from '../../support/real-servers.ts';

const folder = temporaryFolder('my-cnf');
after(() => removeFolder(folder));
const [server] = await realServers();
assert.ok(server !== undefined);

/** As the value of `user`, which a server names when it refuses the login. */
const VALUES = [
  'a#b',
  'a;b',
  'a #b',
  'a;b # c',
  '"a#b"',
  '"a#b" # c',
  '"a"b"',
  '"a\\"b"',
  '"a\\b"',
  '"""a#b""" # c',
  "'a;b'",
  "'a' # c",
  "'a' 'b'",
  "'",
  '`a#b`',
  '`a#b` # c',
  '`a`b`',
  '`a\\` b',
  'a\\b',
  'a=b',
  "'a'b'",
  "'''a'''",
  `a${'$'}{MY_CNF_TEST}b`,
];
const ENV = { ...process.env, MY_CNF_TEST: 'other' };

const sections = [
  '[client]\nuser = usual\npassword = x\n',
  '[client.child]\nport = 1\n',
  '[client.child.child]\nport = 1\n',
  '[orders]\nuser: of_orders\npassword: x\n',
  '[orders.child]\npassword = y\n',
  '[twice]\nuser = first\npassword = x\n[twice]\nuser = second\n',
  ...VALUES.map((value, i) => `[s${i}]\nuser = ${value}\npassword = x\n`),
];
const nameOf = (section: string): string => /^\[(.*)\]$/m.exec(section)?.[1] ?? '';
const names = sections.map(nameOf);

const config = join(folder, '.my.cnf');
await writeFile(config, sections.join(''));
const program = await findMysqldExporter();
const log = join(folder, 'log');
const address = `127.0.0.1:${await freePort()}`;
const child = await startChild({
  command: program.command,
  args: [...program.prefix, `--config.my-cnf=${config}`, `--web.listen-address=${address}`],
  log,
  env: ENV,
});
after(() => stopChild(child, 5000));
await httpReady(child, `http://${address}/`, log);

/** The user with whom it logs in: from its log, for the login is refused. */
async function theirUser(module: string): Promise<string | undefined> {
  const before = (await readFile(log, 'utf8')).length;
  const asked = new URLSearchParams({ target: `127.0.0.1:${server?.port}`, auth_module: module });
  await (await fetch(`http://${address}/probe?${asked}&collect[]=global_status`)).arrayBuffer();
  let user: string | undefined;
  await eventually(async () => {
    const text = (await readFile(log, 'utf8')).slice(before);
    const [, quoted] = /err=("(?:[^"\\]|\\.)*")/.exec(text) ?? [];
    user = /Access denied for user '(.*)'@/s.exec(
      quoted === undefined ? '' : String(JSON.parse(quoted)),
    )?.[1];
    assert.notEqual(user, undefined, text);
  });
  return user;
}

const { files } = convert({ '.my.cnf': sections.join('') });
const targets = `targets:\n${names.map((name) => `  ${name}: {address: h, auth_module: ${name}}\n`).join('')}`;
const converted = files['targets.yml']?.replace(/^targets:.*\n/m, targets) ?? '';
const { lines, result } = await load({ 'targets.yml': converted }, ENV);

for (const section of sections)
  test(`the user of ${JSON.stringify(section)}`, async () => {
    const name = nameOf(section);
    assert.ok(result.ok, lines.join('\n'));
    assert.equal(result.config.targets.get(name)?.credentials.user, await theirUser(name));
  });
