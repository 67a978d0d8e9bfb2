/**
 * Tests of what `grants` prints, on the servers that a test file names: they accept it, and it is enough for every
 * shipped query set.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Program } from '../../harness/programs.ts';
import type { Flavour } from '../../harness/server-process.ts';
import { loadShippedSets } from '../../src/config/load.ts';
import { accountText } from '../../src/grants/account.ts';
import { grantsOfSet } from '../../src/grants/needed.ts';
import { grantStatements } from '../../src/grants/statements.ts';
import { Exporter, runCommand } from './exporter.ts';
import { parseExposition } from './parse-exposition.ts';
import { type PrivateServer, privateServer } from './real-servers.ts';

export interface GrantsWorld {
  /** A word that begins the names of its targets. */
  readonly name: string;
  readonly flavour: Flavour;
  readonly args: readonly string[];
  /** The machine's own when left out. */
  readonly program?: Program;
}

/** Families about the sessions of those who ask, and of others, which come and go. */
export const OF_SOME_SESSIONS =
  /^mysql_(?:long_transactions_user_|lock_waits_blocked_|sessions_longest_|active_sessions$)/;

const PASSWORD = 'only what is printed';

const sets = await loadShippedSets();
const NAMES = [...sets.keys()];
const userOf = (set: string) => `only_${NAMES.indexOf(set)}`;

/** Starts the servers, which end with the test file, and adds the tests. */
export async function testPrintedGrants(worlds: readonly GrantsWorld[]): Promise<void> {
  const servers = await Promise.all(worlds.map(startWorld));
  const files = filesFor(worlds.map(({ name }, i) => ({ name, port: servers[i]?.port ?? 0 })));
  const exporter = await Exporter.start(files);
  after(() => exporter[Symbol.asyncDispose]());
  for (const { flavour, name } of worlds) {
    test(`${name}: the privileges for all sets are enough for all sets`, async () => {
      assert.deepEqual(await failuresOf(exporter, name), []);
      const { code, stdout } = await runCommand(files, 'check', '--target', name);
      assert.match(stdout, /, 0 incomplete, 0 failed\n$/);
      assert.equal(code, 0, stdout);
    });

    test(`${name}: with them there is every family that root gets`, async () => {
      const [own, full] = [await exporter.probe(name, 30), await exporter.probe(`${name}_root`, 30)];
      assert.deepEqual(familiesIn(own.text), familiesIn(full.text));
    });

    test(`${name}: without them other sets fail than those that need none`, async () => {
      const failed = new Set(
        (await failuresOf(exporter, `${name}_bare`)).map((query) => query.split('/')[0] ?? ''),
      );
      const needsNone = [...sets.values()].filter((set) => grantsOfSet(set, flavour).length === 0);
      assert.ok(failed.has('slave_status') && failed.has('innodb'));
      assert.deepEqual(
        needsNone.flatMap((set) => (failed.has(set.name) ? [set.name] : [])),
        [],
      );
    });

    for (const set of NAMES)
      test(`${name}: the privileges for ${set} are enough for it`, async () => {
        assert.deepEqual(await failuresOf(exporter, `${name}_${userOf(set)}`), []);
      });
  }
}

async function startWorld({ args, flavour, program }: GrantsWorld): Promise<PrivateServer> {
  const server = await privateServer(flavour, { args }, program);
  after(() => server.stop());
  // The table that a set reads by default, and that a server has only when somebody writes heartbeats.
  await server.root(
    'CREATE DATABASE heartbeat; CREATE TABLE heartbeat.heartbeat (server_id INT PRIMARY KEY, ts VARCHAR(26))',
  );
  await makeAccounts(server);
  return server;
}

async function makeAccounts(server: PrivateServer): Promise<void> {
  const { flavour } = server;
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

function filesFor(servers: readonly { readonly name: string; readonly port: number }[]) {
  const targets = servers.flatMap(({ name, port }) => {
    const target = (key: string, user: string, wanted: readonly string[], password = PASSWORD) =>
      `  ${key}: {address: "127.0.0.1:${port}", user: ${user}, password: "${password}", query_sets: [${wanted.join(', ')}]}\n`;
    return [
      target(name, 'all_sets', NAMES),
      target(`${name}_bare`, 'no_grants', NAMES),
      target(`${name}_root`, 'root', NAMES, ''),
      ...NAMES.map((set) => target(`${name}_${userOf(set)}`, userOf(set), [set])),
    ];
  });
  return {
    'targets.yml': `defaults: {scrape_timeout: 30s, query_timeout: 30s, max_load: 100%}\ntargets:\n${targets.join('')}`,
  };
}

const familiesIn = (text: string) =>
  [...new Set(parseExposition(text).map(({ name }) => name))]
    .filter((name) => !OF_SOME_SESSIONS.test(name))
    .sort();

/** What did not succeed, and was not skipped for a reason either. */
async function failuresOf(exporter: Exporter, target: string): Promise<readonly string[]> {
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
