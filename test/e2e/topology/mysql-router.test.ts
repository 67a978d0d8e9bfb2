/** MySQL Router before servers, in each of its modes: what is told is of one server, and of the server itself. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ROUTER_MODES, type RouterMode, startMysqlRouter } from '../../../harness/proxies/mysql-router.ts';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { hangUp } from '../../support/hang-up.ts';
import { errorsOf, metricValue, parseExposition } from '../../support/parse-exposition.ts';
import { type PrivateServer, privateServer } from '../../support/real-servers.ts';
import { portMetrics, portsIn } from '../asked-servers.ts';

const SHIPPED_FILES = `${fileURLToPath(new URL('../../../queries', import.meta.url))}/*.yml`;
const SHIPPED = ['global_status', 'global_variables', 'innodb', 'slave_status', 'connections', 'sessions'];

/** What a session has, whatever the globals are. */
const SESSION = {
  autocommit: '@@autocommit',
  utc: "@@time_zone = '+00:00'",
  read_only: '@@transaction_read_only',
  no_limit: '@@sql_select_limit = 18446744073709551615',
  /** Milliseconds; a little below the time-out of a query, 5 s. */
  time_limit: '@@max_execution_time',
};
const COLUMNS = Object.entries(SESSION).map(([name, expression]) => `${expression} AS ${name}`);

const QUERIES = `
query_sets:
  session:
    namespace: test
    queries:
      session:
        query: "SELECT ${COLUMNS.join(', ')}"
        metrics: {session: {type: gauge, description: Session, values: {${Object.keys(SESSION)
          .map((name) => `${name}: ${name}`)
          .join(', ')}}, value_label: what}}
  ports:
    namespace: test
    metrics:
${portMetrics(4)}
  asleep:
    namespace: test
    metrics:
      asleep: {query: SELECT SLEEP(20) AS v, type: gauge, description: Sleep, value: v, timeout: 8s}
`;

async function start(...servers: readonly PrivateServer[]) {
  const router = await startMysqlRouter(servers.map(({ process }) => process));
  after(() => router.stop());
  const address = (port: number) => `{address: "127.0.0.1:${port}"}`;
  const exporter = await Exporter.start({
    'targets.yml': `
query_files: [queries.yml, ${SHIPPED_FILES}]
defaults: {user: exporter, password: exporter, query_sets: [${['session', 'ports', 'asleep', ...SHIPPED].join(', ')}], max_load: 100%}
targets:
  direct: ${address(servers[0]?.port ?? 0)}
${ROUTER_MODES.map((mode) => `  ${mode}: ${address(router.ports[mode])}`).join('\n')}
`,
    'queries.yml': QUERIES,
  });
  after(() => exporter[Symbol.asyncDispose]());
  return exporter;
}

const [one, other, mortal] = await Promise.all([
  privateServer('mysql'),
  privateServer('mysql'),
  privateServer('mysql'),
]);
after(() => Promise.all([one, other, mortal].map((server) => server.stop())));
const [toOne, toTwo, toMortal] = await Promise.all([start(one), start(one, other), start(mortal)]);

const setsOf = (names: readonly string[]) => names.map((name) => `&query_set=${name}`).join('');

/** Without the one that is there only while another session happens to be at work. */
const familiesIn = (text: string) =>
  [...new Set(parseExposition(text).map(({ name }) => name))]
    .filter((name) => name !== 'mysql_sessions_longest_command_seconds')
    .sort();

for (const mode of ROUTER_MODES) {
  test(`${mode}: as without Router`, async () => {
    const [behind, direct] = await Promise.all(
      [mode, 'direct'].map(async (target) => (await toOne.probe(target, 10, setsOf(SHIPPED))).text),
    );
    assert.deepEqual(errorsOf(behind ?? ''), []);
    assert.deepEqual(familiesIn(behind ?? ''), familiesIn(direct ?? ''));
  });

  test(`${mode}: each statement finds the session as it was set up`, async () => {
    await one.root("SET GLOBAL autocommit = 0, GLOBAL time_zone = '+09:00', GLOBAL sql_select_limit = 2");
    try {
      for (let n = 0; n < 3; n++) {
        const { text } = await toOne.probe(mode, 10, setsOf(['session']));
        const of = (what: string) => metricValue(text, 'test_session', { what });
        for (const what of ['autocommit', 'utc', 'read_only', 'no_limit']) assert.equal(of(what), 1, what);
        assert.ok((of('time_limit') ?? 0) > 4000 && (of('time_limit') ?? 0) < 5000);
        // Longer than Router keeps a silent client's connection for it alone.
        await delay(200);
      }
    } finally {
      await one.root(
        'SET GLOBAL autocommit = 1, GLOBAL time_zone = SYSTEM, GLOBAL sql_select_limit = 18446744073709551615',
      );
    }
  });

  test(`${mode}: two servers are not mixed in one answer`, async () => {
    const seen = new Set<number>();
    for (let n = 0; n < 10; n++) {
      const { text } = await toTwo.probe(mode, 10, setsOf(['ports']));
      assert.deepEqual(errorsOf(text), []);
      const ports = portsIn(text);
      assert.equal(ports.length, 1, `one answer is of ${ports.join(' and ')}`);
      for (const port of ports) seen.add(port);
    }
    assert.ok(seen.size > 0 && [...seen].every((port) => port === one.port || port === other.port));
  });

  test(`${mode}: a statement that nobody waits for is ended, by KILL only where its id is known`, async () => {
    const leaving = new AbortController();
    const slow = toOne.get(`/probe?target=${mode}&query_set=asleep`, { signal: leaving.signal });
    await eventually(async () => assert.equal((await one.statementsRunning('exporter')).length, 1));
    await hangUp(leaving);
    await assert.rejects(slow);
    assert.deepEqual(await one.untilIdle('exporter'), []);
    const isLeftAlone = (name: RouterMode) =>
      new RegExp(`statement not killed.*target=${name} .*a proxy stands before the server`).test(toOne.log);
    if (mode === 'passing') assert.ok(!isLeftAlone(mode));
    else await eventually(() => assert.ok(isLeftAlone(mode), toOne.log));
  });
}

test('no server behind Router', async () => {
  await mortal.process.kill();
  const reasonOf = async (mode: RouterMode) => {
    const { text } = await toMortal.probe(mode, 10, setsOf(['ports']));
    assert.equal(metricValue(text, 'mysql_up'), 0);
    return parseExposition(text).find(({ name }) => name === 'query_exporter_probe_error')?.labels['reason'];
  };
  assert.equal(await reasonOf('passing'), 'unreachable');
  // When it has noticed, Router itself takes no connections either.
  for (const mode of ['terminating', 'sharing'] as const)
    assert.ok(['unreachable', 'refused'].includes((await reasonOf(mode)) ?? ''));
});
