/** Reloads: what they change, what they leave alone, and what a mistake does not do. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { heapMiB, instrumented } from '../../faults/instrumented.ts';
import { eventually } from '../../support/eventually.ts';
import { Exporter, type Files, runCommand } from '../../support/exporter.ts';
import { heldStatement, hold } from '../../support/held-statement.ts';
import { metricValue, parseExposition } from '../../support/parse-exposition.ts';
import { privateServer } from '../../support/real-servers.ts';

const servers = await Promise.all([privateServer('mariadb'), privateServer('mysql')]);
for (const server of servers) after(() => server.stop());

const LOCK = 'reload';

interface Variation {
  readonly one?: number;
  /** Besides those of the servers. */
  readonly targets?: string;
  readonly sets?: string;
}

const targetsYml = ({ sets = 'one, kept', targets = '' }: Variation = {}) => `
query_files: ["q*.yml"]
defaults: {user: exporter, password: exporter, query_sets: [${sets}], max_load: 100%}
targets:
${servers.map(({ name, port }) => `  ${name}: {address: "127.0.0.1:${port}"}`).join('\n')}
${targets}
`;
const queriesYml = ({ one = 1 }: Variation = {}) => `
query_sets:
  one: {namespace: test, metrics: {one: {query: SELECT ${one} AS v, type: gauge, description: One, value: v}}}
  kept: {namespace: test, metrics: {kept: {query: SELECT CONNECTION_ID() AS v, min_interval: 1h, type: gauge, description: Kept, value: v}}}
  slow: {namespace: test, metrics: {slow: {query: "${heldStatement(LOCK)}", type: gauge, description: Slow, value: v}}}
`;
const files = (variation?: Variation): Files => ({
  'targets.yml': targetsYml(variation),
  'q.yml': queriesYml(variation),
});

const reload = (exporter: Exporter, method = 'POST') => exporter.get('/-/reload', { method });
const own = async (exporter: Exporter, name: string) =>
  Number(new RegExp(`^${name} (.*)$`, 'm').exec((await exporter.get('/metrics')).text)?.[1]);
const SUCCESSFUL = 'query_exporter_config_last_reload_successful';
const SUCCEEDED_AT = 'query_exporter_config_last_reload_success_timestamp_seconds';

test('POST, PUT and SIGHUP take over what has changed; other methods are refused', async () => {
  await using exporter = await Exporter.start(files());
  const [server] = servers;
  const one = async () => metricValue((await exporter.probe(server!.name)).text, 'test_one');
  assert.equal(await one(), 1);
  for (const [value, trigger] of [
    [2, () => reload(exporter)],
    [3, () => reload(exporter, 'PUT')],
  ] as const) {
    await exporter.write(files({ one: value }));
    const { status, text } = await trigger();
    assert.deepEqual({ status, text }, { status: 200, text: 'reloaded\n' });
    assert.equal(await one(), value);
  }
  await exporter.write(files({ one: 4 }));
  exporter.signal('SIGHUP');
  await eventually(async () => assert.equal(await one(), 4));
  assert.match(
    exporter.log,
    /msg="configuration reloaded" trigger=SIGHUP targets=2 query_sets_changed=one$/m,
  );
  for (const method of ['GET', 'HEAD', 'DELETE']) assert.equal((await reload(exporter, method)).status, 405);
});

test('a mistake: the lines of check, the gauges, and everything goes on as before', async () => {
  await using exporter = await Exporter.start(files());
  const [server] = servers;
  const loadedAt = await own(exporter, SUCCEEDED_AT);
  assert.ok(Math.abs(loadedAt - Date.now() / 1000) < 100);
  const broken: Files = {
    ...files({ one: 2 }),
    'targets.yml': targetsYml().replace('query_sets', 'query_set'),
  };
  await exporter.write(broken);
  const { status, text } = await reload(exporter);
  assert.equal(status, 500);
  assert.equal(
    text,
    (await runCommand(broken, 'check')).stdout.split('\n').slice(0, -2).join('\n').concat('\n'),
  );
  assert.match(text, /^targets\.yml:3:48: error: unknown key "query_set".*did you mean "query_sets"/);
  assert.match(exporter.log, /level=error msg="unknown key .* file=targets\.yml line=3 column=48/);
  assert.equal(await own(exporter, SUCCESSFUL), 0);
  assert.equal(await own(exporter, SUCCEEDED_AT), loadedAt);
  assert.equal(metricValue((await exporter.probe(server!.name)).text, 'test_one'), 1);
  await exporter.write(files({ one: 2 }));
  assert.equal((await reload(exporter)).status, 200);
  assert.equal(await own(exporter, SUCCESSFUL), 1);
  assert.ok((await own(exporter, SUCCEEDED_AT)) > loadedAt);
  assert.equal(metricValue((await exporter.probe(server!.name)).text, 'test_one'), 2);
});

test('with --no-web.enable-reload only SIGHUP reloads', async () => {
  await using exporter = await Exporter.start(files(), '--no-web.enable-reload');
  const { status, text } = await reload(exporter);
  assert.equal(status, 403);
  assert.match(text, /--no-web\.enable-reload/);
  exporter.signal('SIGHUP');
  await eventually(() => assert.match(exporter.log, /msg="configuration reloaded" trigger=SIGHUP/));
});

const newSet = (value: number) =>
  `query_sets: {new: {namespace: test, metrics: {new: {query: SELECT ${value} AS v, type: gauge, description: New, value: v}}}}\n`;

test('files are looked at on their own, new ones among them, and each change is taken over once', async () => {
  const withFile = {
    ...files(),
    'q-file.yml':
      'query_sets: {two: {namespace: test, metrics: {two: {query_file: two.sql, type: gauge, description: Two, value: v}}}}\n',
  };
  await using exporter = await Exporter.start(
    { ...withFile, 'two.sql': 'SELECT 2 AS v' },
    '--config.auto-reload-interval=50ms',
  );
  const [server] = servers;
  const probe = async (set: string) => (await exporter.probe(server!.name, 10, `&query_set=${set}`)).text;
  assert.equal(metricValue(await probe('two'), 'test_two'), 2);
  await exporter.write({ 'two.sql': 'SELECT 22 AS v' });
  await eventually(async () => assert.equal(metricValue(await probe('two'), 'test_two'), 22));
  await exporter.write({ 'q-new.yml': newSet(5) });
  await eventually(async () => assert.equal(metricValue(await probe('new'), 'test_new'), 5));
  await exporter.write({ 'q-new.yml': 'query_sets: {' });
  await eventually(() => assert.match(exporter.log, /msg="configuration not reloaded/));
  await exporter.write({ 'q-new.yml': newSet(6) });
  await eventually(async () => assert.equal(metricValue(await probe('new'), 'test_new'), 6));
  const times = (pattern: RegExp) => exporter.log.match(pattern)?.length ?? 0;
  assert.equal(times(/msg="configuration reloaded" trigger=files/g), 3);
  assert.equal(times(/msg="configuration not reloaded/g), 1);
});

for (const server of servers) {
  test(`${server.name}: 200 reloads beside probes`, async () => {
    await using exporter = await instrumented(() => Exporter.start(files()));
    const aborted = await server.globalStatus('Aborted_clients');
    const wrong: string[] = [];
    const probe = async () => {
      const { status, text } = await exporter.probe(server.name);
      const one = metricValue(text, 'test_one');
      // Strict: a family that is described twice throws.
      const samples = status === 200 ? parseExposition(text) : [];
      const failed = samples.filter(
        ({ name, value }) => name === 'query_exporter_query_success' && value !== 1,
      );
      if (status !== 200 || one === undefined || one < 1 || one > 200 || failed.length > 0)
        wrong.push(`${status} ${text}`);
      return metricValue(text, 'test_kept');
    };
    const kept = await probe();
    const idsOf = async () => {
      const rows = await server.root(
        "SELECT id FROM information_schema.processlist WHERE user = 'exporter' ORDER BY id",
      );
      return rows.map((row) => Number(Object.values(row)[0]));
    };
    await probe();
    const ids = await idsOf();
    let settled = 0;
    let isOver = false;
    const load = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (!isOver) assert.equal(await probe(), kept, 'the kept result was lost');
      }),
    );
    for (let n = 1; n <= 200; n++) {
      await exporter.write(
        files({ one: n, targets: n % 2 === 0 ? '  other: {address: "127.0.0.1:1"}' : '' }),
      );
      const { status, text } = await reload(exporter);
      assert.equal(status, 200, text);
      if (n === 100) settled = await heapMiB(exporter);
    }
    isOver = true;
    await load;
    assert.deepEqual(wrong, []);
    const after = await idsOf();
    assert.deepEqual(after.slice(0, ids.length), ids);
    assert.equal(await server.globalStatus('Aborted_clients'), aborted);
    const grown = (await heapMiB(exporter)) / settled;
    assert.ok(grown < 1.05, `the heap grew by ${((grown - 1) * 100).toFixed(1)} % from the 100th reload on`);
  });

  test(`${server.name}: a probe ends on what it began with, and a removed target gets its goodbyes`, async () => {
    await using exporter = await Exporter.start(files());
    const aborted = await server.globalStatus('Aborted_clients');
    await using holding = await hold(server, LOCK);
    const probe = exporter.probe(server.name, 30, '&query_set=slow');
    await eventually(async () => assert.equal((await server.statementsRunning('exporter')).length, 1));
    const without = targetsYml().replace(new RegExp(`^  ${server.name}: .*$`, 'm'), '');
    await exporter.write({ 'targets.yml': without });
    assert.equal((await reload(exporter)).status, 200);
    assert.equal((await exporter.probe(server.name)).status, 404);
    await holding.release();
    const { status, text } = await probe;
    assert.equal(status, 200);
    assert.equal(metricValue(text, 'test_slow'), 1);
    await eventually(async () => assert.equal(await server.connections('exporter'), 0));
    assert.equal(await server.globalStatus('Aborted_clients'), aborted);
    assert.match(exporter.log, new RegExp(`targets_removed=${server.name}$`, 'm'));
  });
}

/** Whether the process has a handler for SIGHUP, the first of the signals. */
async function takesHangup(pid: number): Promise<boolean> {
  const [, caught = '0'] = /^SigCgt:\s+(\w+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (BigInt(`0x${caught}`) & 1n) === 1n;
}

test('SIGHUP while the program starts is a reload, while it stops nothing', async () => {
  let sent = 0;
  await using exporter = await Exporter.startAnd(files(), async (pid) => {
    await eventually(async () => assert.ok(await takesHangup(pid)));
    process.kill(pid, 'SIGHUP');
    sent++;
  });
  assert.equal(sent, 1);
  await eventually(() =>
    assert.match(exporter.log, /msg="configuration reloaded" trigger=SIGHUP targets=2$/m),
  );
  const [server] = servers;
  await using holding = await hold(server!, LOCK);
  const probe = exporter.probe(server!.name, 30, '&query_set=slow');
  await eventually(async () => assert.equal((await server!.statementsRunning('exporter')).length, 1));
  exporter.signal('SIGTERM');
  await eventually(() => assert.match(exporter.log, /msg=stopping/));
  exporter.signal('SIGHUP');
  await holding.release();
  assert.equal((await probe).status, 200);
  assert.equal(await exporter.exited(), 0);
  assert.equal(exporter.log.match(/msg="configuration reloaded"/g)?.length, 1);
});
