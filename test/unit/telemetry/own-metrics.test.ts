/** The table of the exporter's own metrics is what /metrics shows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOwnMetrics, OWN_METRICS, observe } from '../../../src/telemetry/own-metrics.ts';
import { OwnRegistry } from '../../../src/telemetry/own-registry.ts';

const registry = new OwnRegistry();
const metrics = createOwnMetrics(registry, ['dns', 'auth']);
observe(registry, {
  version: '1.2.3',
  lastReload: () => ({ ok: true, succeededAt: 1_700_000_000_500 }),
  targets: () => 7,
  limits: {
    requests: 11,
    connections: 12,
    queries: 13,
    response_bytes: 14,
    result_bytes: 19,
    clients: 17,
    unread_bytes: 18,
  },
  namesInUse: () => 20,
  probesInFlight: () => 15,
  queriesInFlight: () => 16,
  connections: () => ({ idle: 1, lent: 2, opening: 3, closing: 4, waiting: 5 }),
});

/** Each family as a text of its lines; those of the process, which prom-client names, are left out. */
async function families(): Promise<readonly string[]> {
  const text = await registry.text();
  return text.split('\n\n').flatMap((family) => (family.startsWith('# HELP query_') ? [family.trim()] : []));
}

test('every family of the table is there, in its order, and no other', async () => {
  const heads = (await families()).map((family) => family.split('\n').slice(0, 2));
  assert.deepEqual(
    heads,
    Object.values(OWN_METRICS).map(({ help, name, type }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
    ]),
  );
});

test('the labels of the table are those of the series', async () => {
  const shown = (await families()).map((family) => {
    const [, labels = ''] = /^[^#{]+\{(.*)\}/m.exec(family) ?? [];
    return [...labels.matchAll(/(\w+)="/g)].map(([, name]) => name);
  });
  assert.deepEqual(
    shown,
    Object.values(OWN_METRICS).map((family) => ('labels' in family ? [...family.labels] : [])),
  );
});

test('every counter starts at 0, and counts its own event alone', async () => {
  const lines = async () =>
    (await families()).flatMap((family) => family.split('\n').filter((line) => /^\w+_total/.test(line)));
  const before = await lines();
  assert.ok(before.length === 22 && before.every((line) => line.endsWith(' 0')), before.join('\n'));
  const grown = async (event: () => void) => {
    const old = await lines();
    event();
    return (await lines()).filter((line, i) => line !== old[i]);
  };
  assert.deepEqual(await grown(() => metrics.probeFinished(undefined)), ['query_exporter_probes_total 1']);
  assert.deepEqual(await grown(() => metrics.probeFinished('auth')), [
    'query_exporter_probes_total 2',
    'query_exporter_probe_failures_total{reason="auth"} 1',
  ]);
  assert.deepEqual(await grown(() => metrics.probeJoined()), ['query_exporter_probes_joined_total 1']);
  assert.deepEqual(await grown(() => metrics.queryFinished(undefined)), ['query_exporter_queries_total 1']);
  assert.deepEqual(await grown(() => metrics.queryFinished('dns')), [
    'query_exporter_queries_total 2',
    'query_exporter_query_failures_total{reason="dns"} 1',
  ]);
  assert.deepEqual(await grown(() => metrics.duplicatesDropped(3)), [
    'query_exporter_duplicate_series_total 3',
  ]);
  assert.deepEqual(await grown(() => metrics.serverChanged()), ['query_exporter_server_changes_total 1']);
  assert.deepEqual(await grown(() => metrics.statementNotKilled()), [
    'query_exporter_statements_not_killed_total 1',
  ]);
  assert.deepEqual(await grown(() => metrics.logLinesLost(2)), ['query_exporter_log_lines_lost_total 2']);
  assert.deepEqual(await grown(() => metrics.refused('queries')), [
    'query_exporter_refused_total{limit="queries"} 1',
  ]);
  assert.deepEqual(await grown(() => metrics.turnedAway('login')), [
    'query_exporter_requests_refused_total{reason="login"} 1',
  ]);
});

test('every gauge reads its own part of the program', async () => {
  const values = (await families())
    .flatMap((family) => family.split('\n').filter((line) => !/^#|_total/.test(line)))
    .map((line) => line.replace('query_exporter_', ''));
  assert.deepEqual(values, [
    `build_info{version="1.2.3",nodeversion="${process.version}"} 1`,
    'config_last_reload_successful 1',
    'config_last_reload_success_timestamp_seconds 1700000000.5',
    'targets 7',
    'pattern_names 20',
    'probes_in_flight 15',
    'queries_in_flight 16',
    'connections{state="idle"} 1',
    'connections{state="busy"} 2',
    'connections{state="opening"} 3',
    'connections{state="closing"} 4',
    'connection_waiters 5',
    'requests_max 11',
    'connections_max 12',
    'queries_max 13',
    'response_max_bytes 14',
    'result_max_bytes 19',
    'clients_max 17',
    'unread_max_bytes 18',
  ]);
});
