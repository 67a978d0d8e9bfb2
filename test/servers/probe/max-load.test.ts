/** What a slow query costs a real server: counted there, over minutes that pass at once between two probes. */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { assemble } from '../../../src/commands/program.ts';
import { Deadline } from '../../../src/deadline.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { load } from '../../support/config-folder.ts';
import { heldStatement, hold } from '../../support/held-statement.ts';
import { metricValue } from '../../support/parse-exposition.ts';
import { privateServer, type RealServer } from '../../support/real-servers.ts';

const LOCK = 'max_load';
const SLOW_MS = 800;
const USER = 'max_load';

const servers = await Promise.all([privateServer('mariadb'), privateServer('mysql')]);
for (const server of servers) {
  await server.root("SET GLOBAL log_output = 'TABLE'");
  await server.root('SET GLOBAL general_log = ON');
  await server.createUser(USER, 'x');
  after(() => server.stop());
}

/** Statements that the server has been sent which begin so. */
async function counted(server: RealServer, start: string): Promise<number> {
  const sql = 'SELECT COUNT(*) AS n FROM mysql.general_log WHERE argument LIKE ?';
  const [row] = await server.root(sql, [`${start}%`]);
  return Number(row?.['n']);
}

/** `performance.now()` with leaps, for time in which nothing happens. */
function leapingClock(t: TestContext): { readonly leap: (seconds: number) => void } {
  let ahead = 0;
  const now = performance.now.bind(performance);
  const { mock } = t.mock.method(performance, 'now', () => now() + ahead);
  t.after(() => mock.restore());
  return {
    leap(seconds) {
      ahead += seconds * 1000;
    },
  };
}

const metric = 'type: gauge, description: D, value: v';

async function start(t: TestContext, { port }: RealServer, maxLoad: string) {
  const { lines, result } = await load({
    'targets.yml': `
query_files: [q.yml]
defaults: {user: ${USER}, password: x, max_load: ${maxLoad}}
targets: {a: {address: "127.0.0.1:${port}", query_sets: [slow, quick]}}
`,
    'q.yml': `
query_sets:
  slow: {namespace: t, metrics: {slow: {query: "SELECT SLEEP(${SLOW_MS / 1000}) + 1 AS v", ${metric}}}}
  held: {namespace: t, metrics: {held: {query: "${heldStatement(LOCK)}", timeout: 1s, ${metric}}}}
  plain: {namespace: t, metrics: {plain: {query: SELECT 5 AS v, timeout: 2s, ${metric}}}}
  quick: {namespace: t, metrics: {quick: {query: SHOW STATUS LIKE 'Threads_connected', type: gauge, description: D, value: Value}}}
`,
  });
  assert.ok(result.ok, lines.join('\n'));
  const program = assemble(result.config, createLogger({ level: 'error', format: 'logfmt' }), 100);
  t.after(() => program.pools.close());
  const { catalog } = program.current();
  return async (sets: readonly string[] = []) => {
    const target = catalog.targets.get('a');
    assert.ok(target);
    using until = Deadline.after(20_000);
    const { registry } = await program.prober.probe(catalog.plan(target, sets), until);
    const { text } = registry.render();
    const of = (query: string) => ({
      value: metricValue(text, `t_${query}`, {}),
      success: metricValue(text, 'query_exporter_query_success', { query }),
      duration: metricValue(text, 'query_exporter_query_duration_seconds', { query }),
      interval: metricValue(text, 'query_exporter_query_interval_seconds', { query }),
      age: metricValue(text, 'query_exporter_query_age_seconds', { query }),
      reason: new RegExp(`query_error\\{.*query="${query}",reason="(\\w+)"`).exec(text)?.[1],
    });
    return { up: metricValue(text, 'mysql_up', {}), of };
  };
}

for (const server of servers) {
  const slowAsked = () => counted(server, 'SELECT SLEEP');

  test(`${server.name}: a query of 800 ms takes a tenth of the time, and its result stays`, async (t) => {
    const clock = leapingClock(t);
    const probe = await start(t, server, '10%');
    const [before, since] = [await slowAsked(), performance.now()];
    for (let scrape = 0; scrape < 13; scrape++) {
      if (scrape > 0) clock.leap(5);
      const { of, up } = await probe();
      assert.equal(up, 1);
      const { age, interval = 0, success, value } = of('slow');
      assert.deepEqual([value, success], [1, 1]);
      assert.ok(interval >= SLOW_MS / 100, `waits ${interval} s`);
      assert.ok(age !== undefined && age < interval, `is ${age} s old`);
      const quick = of('quick');
      assert.ok((quick.value ?? 0) > 0);
      assert.equal(quick.success, 1);
      // A busy machine may need 100 ms for it, and then it waits.
      if ((quick.duration ?? 1) < 0.1) assert.deepEqual([quick.interval, quick.age], [undefined, undefined]);
    }
    const asked = (await slowAsked()) - before;
    const load = (asked * SLOW_MS) / (performance.now() - since);
    assert.ok(asked > 1 && load <= 0.1, `asked ${asked} times: a load of ${load}`);
  });

  test(`${server.name}: a query that times out is asked seldom, and each time once it is fast`, async (t) => {
    const clock = leapingClock(t);
    const probe = await start(t, server, '2%');
    await using holding = await hold(server, LOCK);
    const probeOnce = async () => {
      const before = await counted(server, 'SELECT GET_LOCK');
      const { of, up } = await probe(['held']);
      assert.equal(up, 1);
      const { duration: _, ...told } = of('held');
      return { asked: (await counted(server, 'SELECT GET_LOCK')) - before, ...told };
    };
    const expectFailure = async (asked: number): Promise<number> => {
      const { interval = 0, ...rest } = await probeOnce();
      assert.deepEqual(rest, { asked, value: undefined, success: 0, age: undefined, reason: 'timeout' });
      assert.ok(interval > 30, `waits ${interval} s for a time-out of one second`);
      return interval;
    };
    let interval = await expectFailure(1);
    for (let round = 0; round < 2; round++) {
      await expectFailure(0);
      clock.leap(interval - 10);
      await expectFailure(0);
      if (round > 0) await holding.release();
      clock.leap(10);
      if (round === 0) interval = await expectFailure(1);
    }
    for (let scrape = 0; scrape < 4; scrape++) {
      const { asked, reason, success, value } = await probeOnce();
      assert.deepEqual([asked, value, success, reason], [1, 1, 1, undefined]);
      clock.leap(30); // less than a time-out would have it wait
    }
  });

  test(`${server.name}: queries of a server that said nothing are asked as soon as it is back`, async (t) => {
    const probe = await start(t, server, '2%');
    assert.equal((await probe(['plain'])).of('plain').value, 5);
    await server.process.pause();
    const silent = await probe(['plain']).finally(() => server.process.resume());
    assert.deepEqual([silent.up, silent.of('plain').reason], [0, 'timeout']);
    const { of, up } = await probe(['plain']);
    assert.deepEqual([up, of('plain').success, of('plain').value], [1, 1, 5]);
  });

  test(`${server.name}: other probes of the target share the wait, and without a limit nothing waits`, async (t) => {
    const clock = leapingClock(t);
    const probe = await start(t, server, '10%');
    await probe(['slow']);
    const before = await slowAsked();
    clock.leap(1);
    await Promise.all([probe(), probe(['slow']), probe(['slow', 'quick'])]);
    assert.equal(await slowAsked(), before);
    const unlimited = await start(t, server, '100%');
    for (let scrape = 0; scrape < 2; scrape++)
      assert.equal((await unlimited(['slow'])).of('slow').interval, undefined);
    assert.equal((await slowAsked()) - before, 2);
  });
}
