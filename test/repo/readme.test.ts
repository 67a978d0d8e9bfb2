/** What the README shows works as shown. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { DEFAULT_QUERY_SETS } from '../../src/config/targets-file/precedence.ts';
import { load } from '../support/config-folder.ts';
import { Exporter, runCommand } from '../support/exporter.ts';
import { errorsOf, metricValue } from '../support/parse-exposition.ts';
import { realServers } from '../support/real-servers.ts';

const README = await readFile(new URL('../../README.md', import.meta.url), 'utf8');

/** The one YAML block of the README that begins with this key. */
function block(key: string): string {
  const blocks = [...README.matchAll(/```yaml\n([^`]*)```/g)].map((match) => match[1] ?? '');
  const [found, ...more] = blocks.filter((text) => text.startsWith(`${key}:`));
  assert.ok(found !== undefined && more.length === 0, `${1 + more.length} blocks with ${key}`);
  return found;
}

const servers = await realServers();
const USER = 'readme_reader';
const OWN = { 'shop.yml': block('query_sets') };
const [, PASSWORD = '', PASSWORD_FILE = ''] = /^\(umask 077 && echo '(.*)' > (.*)\)$/m.exec(README) ?? [];
const SECRET = { [PASSWORD_FILE]: `${PASSWORD}\n` };
const TARGETS = block('auth_modules')
  .replace('user: exporter', `user: ${USER}`)
  .replace('10.0.0.11:3306', `127.0.0.1:${servers[0]?.port}`)
  .replace('10.0.0.12:3306', `127.0.0.1:${servers[1]?.port}`);

const SQL = /```sql\n(CREATE USER[^`]*)```/.exec(README)?.[1] ?? '';
const asReader = (sql: string) => sql.replaceAll("'exporter'", `'${USER}'`);
/** The GRANT statements below the heading of a flavour. */
const grantsIn = (sql: string, flavour: string) =>
  (sql.split('\n-- ').find((part) => part.toLowerCase().startsWith(`${flavour}\n`)) ?? '')
    .split('\n')
    .filter((line) => line.startsWith('GRANT'));

test('the account of the README is what `grants` prints for the sets that are on by default', async () => {
  const { stdout } = await runCommand({}, 'grants', ...DEFAULT_QUERY_SETS);
  assert.equal(`-- ${SQL}`, stdout);
});

test('it may run those, and with what `grants` prints also other sets and the example', async () => {
  for (const server of servers) {
    await server.dropUser(USER);
    await server.root(asReader(SQL.split('\n')[0] ?? ''));
    after(() => server.dropUser(USER));
    for (const grant of grantsIn(SQL, server.flavour)) await server.root(asReader(grant));
  }
  const files = { 'targets.yml': TARGETS, ...SECRET };
  await using shipped = await Exporter.start(files);
  const ownFiles = {
    'targets.yml': `query_files: [shop.yml]\n${TARGETS.replace(/, query_sets: \[.*?\]/, '').replace('defaults:', 'defaults:\n  query_sets: [shop]')}`,
    ...OWN,
    ...SECRET,
  };
  await using own = await Exporter.start(ownFiles);
  const byDefault = DEFAULT_QUERY_SETS.map((set) => `&query_set=${set}`).join('');
  const targets = ['orders-primary', 'orders-replica'];
  for (const target of targets) {
    const { text } = await shipped.probe(target, 10, byDefault);
    assert.equal(metricValue(text, 'mysql_up'), 1);
    assert.deepEqual(errorsOf(text), []);
  }
  for (const wanted of [files, ownFiles]) {
    const { stdout } = await runCommand(wanted, 'grants');
    for (const server of servers)
      for (const grant of grantsIn(stdout, server.flavour)) await server.root(grant);
  }
  for (const target of targets) {
    const { text } = await shipped.probe(target);
    assert.deepEqual(errorsOf(text), []);
    assert.ok(metricValue(text, 'mysql_global_status_threads_connected') !== undefined);
    const shop = (await own.probe(target)).text;
    assert.deepEqual(errorsOf(shop), []);
    assert.ok((metricValue(shop, 'shop_customers') ?? 0) > 0);
    assert.ok(
      shop.includes('\nshop_orders{status="') &&
        shop.includes('\nshop_newest_order_timestamp_seconds{status="'),
    );
  }
});

test('the files of the README pass the checks that it shows', async () => {
  const commands = [...README.matchAll(/^node dist\/cli\.js (check \S+)$/gm)].map(([, args = '']) =>
    args.split(' '),
  );
  assert.equal(commands.length, 2);
  const files = { 'servers.yml': block('auth_modules'), ...OWN, ...SECRET };
  for (const args of commands) {
    const { code, stdout } = await runCommand(files, ...args);
    assert.equal(code, 0, stdout);
  }
});

test('the targets for the sample shop of the lab load, and their sets are those of the example', async () => {
  const { lines, result } = await load({ 'targets.yml': block('query_files'), ...OWN });
  assert.deepEqual(lines, []);
  const targets = result.ok ? [...result.config.targets.values()] : [];
  assert.deepEqual(
    targets.map(({ name, querySets }) => [name, querySets]),
    [['127.0.0.1:13306', ['shop']]],
  );
});
