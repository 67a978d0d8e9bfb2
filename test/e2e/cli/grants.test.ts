/** What `grants` prints is accepted by the servers, and is enough for every shipped query set. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { loadShippedSets } from '../../../src/config/load.ts';
import { accountText } from '../../../src/grants/account.ts';
import { grantsOfSet } from '../../../src/grants/needed.ts';
import { grantStatements } from '../../../src/grants/statements.ts';
import { Exporter, runCommand } from '../../support/exporter.ts';
import { parseExposition } from '../../support/parse-exposition.ts';
import { type PrivateServer, privateServer } from '../../support/real-servers.ts';

const PASSWORD = 'only what is printed';

/** What the statistics of a server depend on is on or off; binary logs make more to ask for. */
const WORLDS = [
  { name: 'mysql', flavour: 'mysql', args: ['--log-bin=binlog', '--server-id=1'] },
  {
    name: 'mariadb',
    flavour: 'mariadb',
    args: ['--log-bin=binlog', '--server-id=2', '--performance-schema=ON', '--userstat=ON'],
  },
  { name: 'mariadb_plain', flavour: 'mariadb', args: ['--performance-schema=OFF'] },
] as const;

type World = (typeof WORLDS)[number] & { readonly server: PrivateServer };

const worlds = await Promise.all(
  WORLDS.map(async (world): Promise<World> => {
    const server = await privateServer(world.flavour, { args: world.args });
    after(() => server.stop());
    // The table that a set reads by default, and that a server has only when somebody writes heartbeats.
    await server.root(
      'CREATE DATABASE heartbeat; CREATE TABLE heartbeat.heartbeat (server_id INT PRIMARY KEY, ts VARCHAR(26))',
    );
    return { ...world, server };
  }),
);

const sets = await loadShippedSets();
const NAMES = [...sets.keys()];
const userOf = (set: string) => `only_${NAMES.indexOf(set)}`;

for (const { flavour, server } of worlds) {
  const printed = await runCommand({}, 'grants', ...NAMES, '--flavour', flavour, '--user', 'all_sets@%');
  assert.deepEqual([printed.code, printed.stderr], [0, '']);
  await server.createUser('all_sets', PASSWORD);
  await server.createUser('no_grants', PASSWORD);
  const statements = printed.stdout.split('\n').filter((line) => line !== '' && !line.startsWith('--'));
  assert.ok(statements.length > 0);
  for (const statement of statements) await server.root(statement);
  for (const [name, set] of sets) {
    await server.createUser(userOf(name), PASSWORD);
    const account = accountText({ user: userOf(name), host: '%' });
    for (const statement of grantStatements(grantsOfSet(set, flavour), account)) await server.root(statement);
  }
}

const account = (user: string) => `user: ${user}, password: ${PASSWORD}`;
const targets = worlds.flatMap(({ name, server }) =>
  [
    `${name}: {address: "127.0.0.1:${server.port}", ${account('all_sets')}, query_sets: [${NAMES.join(', ')}]}`,
    `${name}_bare: {address: "127.0.0.1:${server.port}", ${account('no_grants')}, query_sets: [${NAMES.join(', ')}]}`,
    ...NAMES.map(
      (set) =>
        `${name}_${userOf(set)}: {address: "127.0.0.1:${server.port}", ${account(userOf(set))}, query_sets: [${set}]}`,
    ),
  ].map((line) => `  ${line}\n`),
);
const FILES = {
  'targets.yml': `defaults: {scrape_timeout: 30s, query_timeout: 30s}\ntargets:\n${targets.join('')}`,
};

const exporter = await Exporter.start(FILES);
after(() => exporter[Symbol.asyncDispose]());

/** What did not succeed, and was not skipped for a reason either. */
async function failuresOf(target: string): Promise<readonly string[]> {
  const samples = parseExposition((await exporter.probe(target, 30)).text);
  const about = (family: string) =>
    samples
      .filter(({ name }) => name === family)
      .map(({ labels, value }) => ({ ...labels, value, query: `${labels['query_set']}/${labels['query']}` }));
  const skipped = new Set(about('query_exporter_query_skipped').map(({ query }) => query));
  const asked = about('query_exporter_query_success');
  assert.ok(samples.some(({ name, value }) => name === 'mysql_up' && value === 1));
  assert.ok(skipped.size + asked.length > 0, 'something was asked');
  return asked.flatMap(({ query, value }) => (value === 1 || skipped.has(query) ? [] : [query]));
}

for (const { name } of worlds) {
  test(`${name}: the privileges for all sets are enough for all sets`, async () => {
    assert.deepEqual(await failuresOf(name), []);
    const { code, stdout } = await runCommand(FILES, 'check', '--target', name);
    assert.match(stdout, /, 0 incomplete, 0 failed\n$/);
    assert.equal(code, 0, stdout);
  });

  test(`${name}: without them other sets fail than those that need none`, async () => {
    const failed = new Set((await failuresOf(`${name}_bare`)).map((query) => query.split('/')[0] ?? ''));
    const flavour = WORLDS.find((world) => world.name === name)?.flavour ?? 'mysql';
    const needsNone = [...sets.values()].filter((set) => grantsOfSet(set, flavour).length === 0);
    assert.ok(failed.has('slave_status') && failed.has('innodb'));
    assert.deepEqual(
      needsNone.flatMap((set) => (failed.has(set.name) ? [set.name] : [])),
      [],
    );
  });

  for (const set of NAMES)
    test(`${name}: the privileges for ${set} are enough for it`, async () => {
      assert.deepEqual(await failuresOf(`${name}_${userOf(set)}`), []);
    });
}
