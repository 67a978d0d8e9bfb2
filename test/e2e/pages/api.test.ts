/** `/api/v1`: what is up, what is not and why, of real servers that are well, slow, dead, or refuse the login. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import type { QueryReport } from '../../../src/status/query-report.ts';
import type { TargetDetail } from '../../../src/status/target-detail.ts';
import type { TargetSummary } from '../../../src/status/target-summary.ts';
import { PASSWORD, startPagesWorld, USER } from './world.ts';

/** As it comes out of JSON. */
type Read<T> = T extends Date
  ? string
  : T extends readonly (infer Of)[]
    ? readonly Read<Of>[]
    : T extends object
      ? { readonly [Key in keyof T]: Read<T[Key]> }
      : T;

const world = await startPagesWorld('--web.history', '3');
const { exporter, servers } = world;
after(() => world[Symbol.asyncDispose]());
for (const { name } of servers)
  for (let i = 0; i < 4; i++) await world.probe(name, `slow-${name}`, `denied-${name}`);
await world.probe('dead');

async function get<T>(path: string, status = 200): Promise<Read<T>> {
  const { headers, status: answered, text } = await exporter.get(path);
  assert.equal(answered, status, text);
  assert.match(headers.get('content-type') ?? '', /^application\/json/);
  assert.ok(!text.includes(PASSWORD), text);
  return JSON.parse(text) as Read<T>;
}

const detail = (name: string) => get<TargetDetail>(`/api/v1/targets/${encodeURIComponent(name)}`);

for (const { flavour, name, version } of servers) {
  test(`${name}: a target that is well but for a right that it lacks`, async () => {
    const target = await detail(name);
    assert.equal(target.state, 'partly');
    assert.deepEqual(
      target.failing.map(({ query, reason }) => [query, reason]),
      [['slave_status/status', 'sql']],
    );
    assert.equal(target.server?.flavour, flavour);
    assert.ok(
      version.startsWith(target.server?.version ?? 'nothing'),
      `${target.server?.version} of ${version}`,
    );
    assert.equal(target.lastProbe?.requests, 1);
    assert.deepEqual(
      target.probes.map(({ reason }) => reason),
      [undefined, undefined, undefined],
    );
    assert.deepEqual(
      target.clients.map(({ address }) => address),
      ['127.0.0.1'],
    );
    const [connection] = target.connections;
    assert.equal(connection?.user, USER);
    assert.equal(connection?.resolvedTo, '127.0.0.1');
    assert.equal(connection?.backoffUntil, undefined);
    if (flavour === 'mysql') {
      assert.match(connection?.tls?.version ?? '', /^TLSv1\.[23]$/);
      assert.match(connection?.tls?.certificateEnd ?? '', /^\w{3} +\d+ [\d:]+ 20\d\d GMT$/);
    } else assert.equal(connection?.tls, null);
    const states = Object.fromEntries(target.queries.map((query) => [query.name, query.state]));
    assert.deepEqual(states, {
      ...{
        'global_status/status': 'ok',
        'global_variables/variables': 'ok',
        'slave_status/status': 'failed',
      },
      ...{ 'own/answer': 'ok', 'own/absent': 'skipped', 'own/kept': 'ok' },
    });
    const asked = target.queries.find((query) => query.name === 'slave_status/status');
    assert.equal(asked?.sql, flavour === 'mysql' ? 'SHOW REPLICA STATUS' : 'SHOW ALL SLAVES STATUS');
    const answer = target.queries.find((query) => query.name === 'own/answer');
    assert.deepEqual([answer?.rows, answer?.series], [1, 1]);
    assert.ok((answer?.p50Seconds ?? 0) > 0 && (answer?.p99Seconds ?? 0) >= (answer?.p50Seconds ?? 1));
    assert.match(target.settings, /password: <secret> # defaults, targets\.yml:5/);
  });

  test(`${name}: a slow query, over four probes one failure`, async () => {
    const target = await detail(`slow-${name}`);
    assert.equal(target.state, 'partly');
    const [failure, ...others] = target.failures;
    assert.deepEqual(others, []);
    assert.deepEqual(
      [failure?.query, failure?.reason, failure?.failures, failure?.goesOn],
      ['slow/sleep', 'timeout', 4, true],
    );
    assert.ok(String(failure?.since) < String(failure?.lastAt));
  });

  test(`${name}: a refused login, with the server's words while it is left alone`, async () => {
    const target = await detail(`denied-${name}`);
    assert.equal(target.state, 'down');
    const [failure, ...others] = target.failing;
    assert.deepEqual(others, []);
    assert.equal(failure?.reason, 'auth');
    assert.match(failure?.detail ?? '', /^Access denied for user 'pages_probe_\d+'@/);
    assert.equal(failure?.failures, 4);
    assert.ok(Date.parse(String(target.connections[0]?.backoffUntil)) > Date.now());
  });
}

test('a dead server, one that nobody asked, and one that is disabled', async () => {
  const dead = await detail('dead');
  assert.deepEqual([dead.state, dead.failing[0]?.reason], ['down', 'refused']);
  const never = await detail('never-asked');
  assert.deepEqual([never.state, never.lastProbe, never.probes], ['not_asked', undefined, []]);
  assert.equal((await detail('switched-off')).state, 'disabled');
});

test('the list has the numbers of all, and what a filter leaves', async () => {
  interface List {
    readonly counts: Readonly<Record<string, number>>;
    readonly targets: readonly TargetSummary[];
  }
  const { counts, targets } = await get<List>('/api/v1/targets?state=down&sort=name');
  assert.deepEqual(counts, { up: 0, partly: 4, down: 3, not_asked: 2, disabled: 1 });
  assert.deepEqual(
    targets.map(({ name }) => name),
    ['dead', 'denied-MariaDB', 'denied-MySQL'],
  );
});

test('a query over all targets', async () => {
  const { queries } = await get<{ readonly queries: readonly QueryReport[] }>('/api/v1/queries');
  const sleep = queries.find(({ name }) => name === 'slow/sleep');
  assert.deepEqual([sleep?.targets, sleep?.asked, sleep?.failed], [2, 8, { timeout: 8 }]);
  assert.ok((sleep?.totalSeconds ?? 0) > 8 * 0.1, `${sleep?.totalSeconds} s`);
  assert.deepEqual(sleep?.slowest.map(({ target }) => target).toSorted(), ['slow-MariaDB', 'slow-MySQL']);
  const kept = queries.find(({ name }) => name === 'own/kept');
  assert.equal(kept?.asked, 4, 'a kept result is not asked again');
  const totals = queries.map(({ totalSeconds }) => totalSeconds);
  assert.deepEqual(
    totals,
    totals.toSorted((one, other) => other - one),
  );
});

test('the reference names every field', async () => {
  const page = await readFile(new URL('../../../docs/reference/api.md', import.meta.url), 'utf8');
  const answers = await Promise.all([
    ...['/api/v1/targets', '/api/v1/queries'].map((path) => get<object>(path)),
    ...['MySQL', 'slow-MariaDB', 'denied-MySQL'].map((name) => get<object>(`/api/v1/targets/${name}`)),
  ]);
  const fields = new Set(answers.flatMap(fieldsOf));
  assert.ok(fields.size > 40);
  assert.deepEqual(
    [...fields].filter((field) => !page.includes(`\`${field}\``)),
    [],
  );
});

/** The names of all fields, but for those of labels, states and reasons, which are no names of ours. */
function fieldsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(fieldsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([field, of]) =>
    ['labels', 'counts', 'failed'].includes(field) ? [field] : [field, ...fieldsOf(of)],
  );
}

test('what is wrong with a request', async () => {
  const { error } = await get<{ readonly error: string }>('/api/v1/targets/MySLQ', 404);
  assert.equal(error, 'unknown target "MySLQ"; did you mean "MySQL"?');
  for (const [path, sentence] of [
    ['?stat=down', 'unknown parameter "stat"; did you mean "state"?'],
    ['?state=broken', 'unknown state "broken"; there are: up, partly, down, not_asked, disabled'],
    ['?sort=duratoin', 'unknown sort "duratoin"; did you mean "duration"?'],
  ]) {
    const { error: said } = await get<{ readonly error: string }>(`/api/v1/targets${path}`, 400);
    assert.equal(said, sentence);
  }
  assert.equal((await exporter.get('/api/v1/targets/MySQL', { method: 'POST' })).status, 405);
  assert.equal((await exporter.get('/api/v1/nothing')).status, 404);
});

test('a reload keeps the past of what has not changed', async () => {
  await world.rewrite((text) => text.replace('enabled: false', 'enabled: false, query_timeout: 2s'));
  assert.equal((await exporter.get('/-/reload', { method: 'POST' })).status, 200);
  assert.equal((await detail('slow-MySQL')).probes.length, 3);
  await world.rewrite((text) => text.replaceAll('query_sets: [own, slow]', 'query_sets: [own]'));
  assert.equal((await exporter.get('/-/reload', { method: 'POST' })).status, 200);
  assert.equal((await detail('slow-MySQL')).state, 'not_asked');
  assert.equal((await detail('MySQL')).probes.length, 3);
});

test('a query that a URL has chosen stands behind those of the target', async () => {
  await exporter.probe('MySQL', 10, '&query_set=slow');
  const { queries } = await detail('MySQL');
  assert.deepEqual([queries.at(-1)?.name, queries.at(-1)?.state], ['slow/sleep', 'failed']);
});
