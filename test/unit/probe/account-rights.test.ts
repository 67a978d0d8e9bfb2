/** The rights of an account are listed seldom, and a list that does not come holds nobody up for long. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Deadline } from '../../../src/deadline.ts';
import type { Pool } from '../../../src/mysql/pool/pool.ts';
import { lackedBy, learnRights, rightsFrom } from '../../../src/probe/account-rights.ts';
import { compileQuerySets } from '../../../src/query-set/compile.ts';
import { stopClock } from '../../support/clock.ts';
import { ask, hangUntilKilled, play, poolOf } from '../../support/mysql.ts';
import {
  answering,
  introductionOf,
  result,
  type Script,
  type ScriptedServer,
} from '../../support/scripted-server.ts';

const BARE = ['GRANT USAGE ON *.* TO `e`@`%`'];
const grants = (lines: readonly string[]) =>
  result(
    ['Grants'],
    lines.map((line) => [line]),
  );

/** A server of this name. */
const named =
  (script: Script, name = 'one'): Script =>
  (peer) => {
    peer.introduction = introductionOf(peer.number, '8.4.0', name);
    return script(peer);
  };

/** On which the account has these rights. */
const granting = (lines: readonly string[], name?: string): Script =>
  named(
    answering((peer) => peer.send(...grants(lines))),
    name,
  );

const NEEDED = { privilege: 'PROCESS', schema: '*', table: '*' };
const [set] = compileQuerySets([
  {
    name: 's',
    description: '',
    queries: [
      {
        name: 'q',
        description: '',
        sql: 'SELECT 1',
        timeoutMs: undefined,
        grants: { mysql: [NEEDED], mariadb: [] },
        maxRows: 1,
        maxSeries: 1,
        metrics: [],
      },
    ],
  },
]).values();
const planned = (set?.queries ?? []).map((query) => ({ query }));

const lacks = (pool: Pool) => [...lackedBy(planned, pool).values()];
const listed = ({ peers }: ScriptedServer) =>
  peers.flatMap(({ asked }) => asked).filter((sql) => sql === 'SHOW GRANTS').length;

async function startPool(t: TestContext, script: Script) {
  const clock = stopClock(t);
  const server = await play(t, script);
  const pool = poolOf(t, server, { maxConnectionAgeMs: 3_600_000 });
  const learn = async () => {
    using until = Deadline.after(10_000);
    await learnRights(pool, until);
  };
  return { clock, server, pool, learn };
}

test('once in ten minutes', async (t) => {
  const { clock, learn, pool, server } = await startPool(t, granting(BARE));
  assert.deepEqual(lacks(pool), [], 'nothing is known');
  await learn();
  await learn();
  assert.deepEqual([lacks(pool), listed(server)], [[['PROCESS']], 1]);
  clock.forward(599_000);
  await learn();
  assert.equal(listed(server), 1);
  clock.forward(1_000);
  await learn();
  assert.equal(listed(server), 2);
});

test('a list that does not come ends after a second, and is not asked for at once again', async (t) => {
  const { clock, learn, pool, server } = await startPool(t, answering(hangUntilKilled));
  await clock.during(learn());
  assert.ok(clock.passed >= 1_000 && clock.passed < 5_000, `${clock.passed} ms`);
  const passed = clock.passed;
  await learn();
  assert.deepEqual([clock.passed - passed, listed(server), lacks(pool)], [0, 1, []]);
});

test('what is known stays when a later list does not come', async (t) => {
  const { clock, learn, pool, server } = await startPool(t, granting(BARE));
  await learn();
  server.play(named(answering(hangUntilKilled)));
  server.peers[0]?.cut();
  clock.forward(600_000);
  await clock.during(learn());
  assert.deepEqual(lacks(pool), [['PROCESS']]);
});

test('another server at the same address has other accounts', async (t) => {
  const { learn, pool, server } = await startPool(t, granting(BARE));
  await learn();
  server.play(granting(['GRANT PROCESS ON *.* TO `e`@`%`'], 'other'));
  for (const peer of server.peers) peer.cut();
  assert.ok((await ask(pool, 'SELECT 1')).ok);
  await learn();
  assert.deepEqual([lacks(pool), listed(server)], [[], 2]);
});

test('accounts with the same rights on servers of one version have one object', () => {
  const version = { flavour: 'mysql', major: 8, minor: 4, patch: 0 } as const;
  const rights = rightsFrom(BARE, version);
  assert.equal(rightsFrom([...BARE], { ...version }), rights);
  const more = ['GRANT PROCESS ON *.* TO `e`@`%`'];
  assert.notEqual(rightsFrom(more, version), rights);
  assert.ok(rightsFrom(more, version).grants.has(NEEDED));
  assert.notEqual(rightsFrom(BARE, { ...version, patch: 1 }), rights);
  const long = [...BARE, `-- ${'x'.repeat(10_000)}`];
  assert.notEqual(rightsFrom(long, version), rightsFrom(long, version), 'a long list is not kept');
  assert.equal(rightsFrom([...more, ...long], version).grants.has(NEEDED), true);
});
