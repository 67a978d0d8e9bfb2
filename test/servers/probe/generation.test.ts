/** One configuration takes the place of another while probes go on: what stays, what goes, what is under way. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { assemble, type Program } from '../../../src/commands/program.ts';
import { Deadline } from '../../../src/deadline.ts';
import type { Config } from '../../../src/model/config.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { load } from '../../support/config-folder.ts';
import { eventually } from '../../support/eventually.ts';
import { heldStatement, hold } from '../../support/held-statement.ts';
import { parseExposition } from '../../support/parse-exposition.ts';
import { privateServer, type RealServer } from '../../support/real-servers.ts';

const ACCOUNTS = ['generation_a', 'generation_b', 'generation_c'] as const;
const PASSWORD = 'generation';
const LOCK = 'generation';

interface Choice {
  /** Of the target `a`, whose settings are changed in some tests. */
  readonly a?: string;
  readonly password?: string;
  readonly others?: boolean;
  readonly keptHelp?: string;
  readonly otherHelp?: string;
}

/** Three targets on one server, each with an account of its own; every load makes all objects anew. */
async function configOf(
  { port }: RealServer,
  { a, keptHelp = 'Kept', otherHelp = 'Same', others = true, password = PASSWORD }: Choice = {},
): Promise<Config> {
  const target = (user: string, more = 'max_connections: 1') =>
    `{address: "127.0.0.1:${port}", user: ${user}, password: ${password}, query_sets: [ids, kept], ${more}}`;
  const { lines, result } = await load({
    'targets.yml': `
query_files: [queries.yml]
targets:
  a: ${target(ACCOUNTS[0], a)}
${others ? `  b: ${target(ACCOUNTS[1])}\n  c: ${target(ACCOUNTS[2])}` : ''}
`,
    'queries.yml': `
query_sets:
  ids:
    namespace: test
    metrics:
      id: {query: SELECT CONNECTION_ID() AS v, type: gauge, description: Connection, value: v}
      other: {query: SELECT 1 AS v, type: gauge, description: ${otherHelp}, value: v}
      kept: {query: "SELECT 'new' AS l, 1 AS v", type: gauge, description: ${keptHelp}, labels: [l], value: v}
  kept:
    namespace: test
    queries:
      seldom:
        query: SELECT 'kept' AS l, UUID_SHORT() % 1000000 AS v
        min_interval: 1h
        metrics:
          kept: {type: gauge, description: ${keptHelp}, labels: [l], value: v}
  slow:
    namespace: test
    metrics:
      slow: {query: "${heldStatement(LOCK)}", type: gauge, description: Slow, value: v}
`,
  });
  assert.ok(result.ok, lines.join('\n'));
  return result.config;
}

function start(config: Config): Program {
  const program = assemble(config, createLogger({ level: 'error', format: 'logfmt' }), 100);
  after(() => program.pools.close());
  return program;
}

/** A probe as a request makes it; the values by family, of those that begin with `test_`. */
async function probe({ current, prober }: Program, name: string, sets: readonly string[] = []) {
  const { catalog } = current();
  const target = catalog.targets.get(name);
  assert.ok(target, `no target ${name}`);
  using until = Deadline.after(20_000);
  const { registry, snapshot } = await prober.probe(catalog.plan(target, sets), until);
  assert.equal(snapshot.down, undefined);
  const { text } = registry.render();
  for (const keyword of ['HELP', 'TYPE'])
    for (const [line] of text.matchAll(new RegExp(`^# ${keyword} (\\S+)`, 'gm')))
      assert.equal(text.split(`${line} `).length, 2, `${line} stands once`);
  return {
    text,
    valueOf: (family: string, l?: string) =>
      parseExposition(text).find(({ labels, name }) => name === family && labels['l'] === l)?.value,
  };
}

// Of their own: they count clients that were aborted, and other tests abort some.
const servers = await Promise.all([privateServer('mariadb'), privateServer('mysql')]);
for (const server of servers) after(() => server.stop());

for (const server of servers) {
  test(server.name, async (t) => {
    for (const account of ACCOUNTS) await server.createUser(account, PASSWORD);
    t.after(async () => {
      for (const account of ACCOUNTS) await server.dropUser(account);
    });

    await t.test('an unchanged target keeps its connection, a changed one gets another', async () => {
      const program = start(await configOf(server));
      const before = { a: await probe(program, 'a'), b: await probe(program, 'b') };
      program.swap(await configOf(server, { a: 'max_connections: 1, session: {net_write_timeout: 77}' }));
      const afterwards = { a: await probe(program, 'a'), b: await probe(program, 'b') };
      const id = 'test_id';
      assert.ok((before.b.valueOf(id) ?? 0) > 0);
      assert.equal(afterwards.b.valueOf(id), before.b.valueOf(id));
      assert.notEqual(afterwards.a.valueOf(id), before.a.valueOf(id));
      await eventually(async () =>
        assert.equal(await server.connections(ACCOUNTS[0]), 1, 'the old connection has gone'),
      );
    });

    await t.test('limits of the pool change under its connections', async () => {
      const program = start(await configOf(server));
      const before = await probe(program, 'a');
      program.swap(await configOf(server, { a: 'max_connections: 2, connect_timeout: 2s' }));
      assert.equal((await probe(program, 'a')).valueOf('test_id'), before.valueOf('test_id'));
    });

    await t.test('a removed target is let go with a goodbye', async () => {
      const program = start(await configOf(server));
      await probe(program, 'b');
      const aborted = await server.globalStatus('Aborted_clients');
      program.swap(await configOf(server, { others: false }));
      assert.equal(program.current().catalog.targets.has('b'), false);
      await eventually(async () => assert.equal(await server.connections(ACCOUNTS[1]), 0, 'none is left'));
      assert.equal(await server.globalStatus('Aborted_clients'), aborted);
    });

    await t.test('a probe that is under way ends on what it began with', async () => {
      const program = start(await configOf(server));
      await using holding = await hold(server, LOCK);
      const underWay = probe(program, 'a', ['slow']);
      await eventually(async () =>
        assert.equal((await server.statementsRunning(ACCOUNTS[0])).length, 1, 'it runs'),
      );
      program.swap(await configOf(server, { a: 'max_connections: 1, session: {net_write_timeout: 78}' }));
      assert.ok(((await probe(program, 'a')).valueOf('test_id') ?? 0) > 0);
      await holding.release();
      assert.equal((await underWay).valueOf('test_slow'), 1);
      await eventually(async () =>
        assert.equal(await server.connections(ACCOUNTS[0]), program.pools.stats.idle, 'no other is left'),
      );
    });

    await t.test('a kept result stays, and HELP and TYPE of its family stand once', async () => {
      const program = start(await configOf(server));
      const before = await probe(program, 'a');
      // Another set has changed, so all sets are compiled anew, and the kept samples have the objects of before.
      program.swap(await configOf(server, { otherHelp: 'Changed' }));
      const afterwards = await probe(program, 'a');
      assert.ok(before.valueOf('test_kept', 'kept') !== undefined);
      assert.equal(afterwards.valueOf('test_kept', 'kept'), before.valueOf('test_kept', 'kept'));
      assert.equal(afterwards.valueOf('test_kept', 'new'), 1);
      assert.match(afterwards.text, /^# HELP test_other Changed$/m);
    });

    await t.test('a kept result of a query that has changed is not used', async () => {
      const program = start(await configOf(server));
      const before = await probe(program, 'a');
      program.swap(await configOf(server, { keptHelp: 'Changed' }));
      const afterwards = await probe(program, 'a');
      assert.match(afterwards.text, /^# HELP test_kept Changed$/m);
      assert.notEqual(afterwards.valueOf('test_kept', 'kept'), before.valueOf('test_kept', 'kept'));
    });

    await t.test('a password that was mended is tried at once', async () => {
      const program = start(await configOf(server, { password: 'wrong' }));
      const target = program.current().catalog.targets.get('a');
      assert.ok(target);
      using until = Deadline.after(20_000);
      const { snapshot } = await program.prober.probe(program.current().catalog.plan(target), until);
      assert.equal(snapshot.down?.reason, 'auth');
      program.swap(await configOf(server));
      assert.ok(((await probe(program, 'a')).valueOf('test_id') ?? 0) > 0);
    });
  });
}
