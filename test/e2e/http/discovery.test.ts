/** A real Prometheus finds its targets through /sd, in both recipes; what is taken away goes, and nothing else. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { stopChild, temporaryFolder } from '../../../harness/children.ts';
import { freePort } from '../../../harness/free-port.ts';
import { findPrometheus } from '../../../harness/programs.ts';
import { startPrometheus } from '../../../harness/prometheus.ts';
import { eventually } from '../../support/eventually.ts';
import { realServers } from '../../support/real-servers.ts';
import { configOf, serveProgram } from './served-program.ts';

const DEPLOY = new URL('../../../deploy/prometheus/', import.meta.url);
const TARGETS = 200;
/** So many have a server behind them; nobody listens at the others' addresses, so they are down at once. */
const ALIVE = 10;

const [server] = await realServers();
assert.ok(server !== undefined);

/** Names and labels that stand in the way of a list, or of Prometheus, if they can. */
const ODD: Readonly<Record<string, string>> = {
  'unix:///run/no such/socket': '{}',
  '<b>"odd" & näme</b>\\ {}':
    '{address: "127.0.0.1:1", labels: {instance: mine, le: "0.5", env: "a\\"b\\\\"}}',
  __address__: '{address: "[::1]:1", labels: {address: x, target: y, exported_instance: z, param_target: w}}',
  '127.0.0.1:1': '{scrape_interval: 4s, scrape_timeout: 5s}',
};

const numbered = Array.from({ length: TARGETS - Object.keys(ODD).length }, (_, n) => `db-${n}`);
const lineOf = (name: string, n: number) =>
  `  ${name}: {address: "127.0.2.${n + 1}:${n < ALIVE ? server.port : 1}", groups: [${n % 2 === 0 ? 'even' : 'odd'}], labels: {shard: "${n % 7}"}}`;

const configWith = (names: readonly string[], oddNames: readonly string[]) =>
  configOf({
    'targets.yml': `
query_files: [queries.yml]
defaults: {user: exporter, password: exporter, query_sets: [one], max_connections: 1, labels: {env: prod}}
groups:
  even: {scrape_interval: 8s, scrape_timeout: 7s}
  odd: {}
targets:
${names.map((name) => lineOf(name, numbered.indexOf(name))).join('\n')}
${oddNames.map((name) => `  ${JSON.stringify(name)}: ${ODD[name]}`).join('\n')}
  retired: {address: "127.0.0.1:1", enabled: false}
`,
    'queries.yml':
      'query_sets: {one: {namespace: test, metrics: {one: {query: SELECT 1 AS v, type: gauge, description: One, value: v}}}}',
  });

const exporter = await serveProgram(await configWith(numbered, Object.keys(ODD)));
after(() => exporter.close());

interface Job {
  job_name: string;
  readonly static_configs?: unknown;
  http_sd_configs?: { refresh_interval: string }[];
}

/** The first job of a recipe that users copy, for this exporter, quicker and under another name. */
async function jobOf(file: string, name: string): Promise<Job> {
  const text = await readFile(new URL(file, DEPLOY), 'utf8');
  const recipe = parse(text.replaceAll('exporter:9104', exporter.host)) as { scrape_configs: Job[] };
  const [job] = recipe.scrape_configs;
  assert.ok(job?.http_sd_configs?.[0] !== undefined, file);
  job.http_sd_configs[0].refresh_interval = '3s';
  return { ...job, job_name: name };
}

interface ActiveTarget {
  readonly scrapePool: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
  readonly health: string;
}

const RECIPES = { mysql: 'discovery.yml', direct: 'discovery-direct.yml' } as const;

async function run() {
  const folder = temporaryFolder('prometheus');
  const config = join(folder, 'prometheus.yml');
  const jobs = await Promise.all(Object.entries(RECIPES).map(([name, file]) => jobOf(file, name)));
  // Somebody still lists the target that is disabled.
  const listed = {
    ...(parse(await readFile(new URL('prometheus.yml', DEPLOY), 'utf8')) as { scrape_configs: Job[] })
      .scrape_configs[0],
    job_name: 'listed',
    static_configs: [{ targets: ['retired'], labels: { job: 'mysql' } }],
  };
  // The guide's way to another interval than that of the targets.
  const tables = {
    job_name: 'tables',
    params: { query_set: ['one'] },
    http_sd_configs: [{ url: `http://${exporter.host}/sd?recipe=direct&group=even`, refresh_interval: '3s' }],
    relabel_configs: [
      { target_label: '__scrape_interval__', replacement: '9s' },
      { target_label: '__scrape_timeout__', replacement: '8s' },
    ],
  };
  const text = stringify({
    global: { scrape_interval: '6s', scrape_timeout: '6s', evaluation_interval: '1s' },
    rule_files: [fileURLToPath(new URL('rules/exporter.yml', DEPLOY))],
    scrape_configs: [...jobs, listed, tables],
  }).replaceAll('exporter:9104', exporter.host);
  await writeFile(config, text);
  const { child, log, url } = await startPrometheus(await findPrometheus(), folder, config, await freePort());
  after(() => stopChild(child, 5000));
  return { log, url };
}

const { log, url } = await run();

async function get<Data>(path: string): Promise<Data> {
  const answer = (await (await fetch(`${url}/api/v1/${path}`)).json()) as { status: string; data: Data };
  assert.equal(answer.status, 'success', path);
  return answer.data;
}

const activeIn = async (pool: string): Promise<readonly ActiveTarget[]> => {
  const { activeTargets } = await get<{ activeTargets: readonly ActiveTarget[] }>('targets?state=active');
  return activeTargets.filter(({ scrapePool }) => scrapePool === pool);
};

async function byInstance(query: string): Promise<Readonly<Record<string, string>>> {
  type Series = {
    readonly metric: Readonly<Record<string, string>>;
    readonly value: readonly [number, string];
  };
  const { result } = await get<{ result: readonly Series[] }>(`query?query=${encodeURIComponent(query)}`);
  return Object.fromEntries(result.map(({ metric, value }) => [metric['instance'] ?? '', value[1]]));
}

const sorted = (names: Iterable<string>) => [...names].sort();
const allNames = sorted([...numbered, ...Object.keys(ODD)]);

for (const job of Object.keys(RECIPES)) {
  test(`${job}: Prometheus finds and scrapes all ${TARGETS}`, async () => {
    await eventually(async () =>
      assert.deepEqual(
        // A scrape that a busy machine lost is made up for.
        await byInstance(`max_over_time(up{job="${job}", instance!="retired"}[5m])`),
        Object.fromEntries(allNames.map((name) => [name, '1'])),
      ),
    );
    const up = await byInstance(`max_over_time(mysql_up{job="${job}"}[5m])`);
    assert.deepEqual(sorted(Object.keys(up)), allNames);
    const alive = Object.entries(up).flatMap(([name, value]) => (value === '1' ? [name] : []));
    assert.deepEqual(sorted(alive), sorted(numbered.slice(0, ALIVE)));
  });

  test(`${job}: labels and intervals arrive`, async () => {
    const active = await activeIn(job);
    assert.equal(active.length, TARGETS);
    const of = (name: string) => {
      const found = active.find(({ labels }) => labels['instance'] === name);
      assert.ok(found !== undefined, name);
      return found;
    };
    for (const [n, name] of numbered.entries()) {
      const { labels, scrapeInterval, scrapeTimeout } = of(name);
      assert.deepEqual(labels, { env: 'prod', instance: name, job, shard: String(n % 7) });
      assert.deepEqual([scrapeInterval, scrapeTimeout], n % 2 === 0 ? ['8s', '7s'] : ['6s', '6s']);
    }
    const { scrapeInterval, scrapeTimeout } = of('127.0.0.1:1');
    assert.deepEqual([scrapeInterval, scrapeTimeout], ['4s', '4s']);
  });
}

test('a job of one group, with a query set and an interval of its own', async () => {
  await eventually(async () => {
    const active = await activeIn('tables');
    assert.equal(active.length, numbered.length / 2);
    for (const { health, scrapeInterval, scrapeTimeout } of active) {
      assert.notEqual(health, 'unknown', 'it was scraped');
      assert.deepEqual([scrapeInterval, scrapeTimeout], ['9s', '8s']);
    }
  });
});

test('a disabled target is not in the list, and no alert fires for it; where it is listed, one is on its way', async () => {
  for (const job of Object.keys(RECIPES))
    assert.deepEqual(
      (await activeIn(job)).filter(({ labels }) => labels['instance'] === 'retired'),
      [],
    );
  await eventually(async () => {
    const { alerts } = await get<{ alerts: readonly { labels: Readonly<Record<string, string>> }[] }>(
      'alerts',
    );
    const unanswered = alerts.filter(({ labels }) => labels['alertname'] === 'MySQLProbeUnanswered');
    // The only series of it is that of the job that lists it by hand.
    assert.deepEqual(
      unanswered.map(({ labels }) => labels['instance']),
      ['retired'],
    );
  });
});

test('a list that gets shorter takes away those targets and no other one', async () => {
  // At the beginning, in the middle and at the end of the list.
  const gone = new Set(numbered.filter((_, n) => n < 20 || (n > 90 && n < 110) || n % 17 === 0));
  const left = numbered.filter((name) => !gone.has(name));
  const leftOdd = Object.keys(ODD).filter((name) => name !== '__address__');
  const names = sorted([...left, ...leftOdd]);
  exporter.program.swap(await configWith(left, leftOdd));
  for (const job of Object.keys(RECIPES)) {
    await eventually(async () =>
      assert.deepEqual(sorted((await activeIn(job)).map(({ labels }) => labels['instance'] ?? '')), names),
    );
    // Series of the others have ended, those that are left go on.
    await eventually(async () => {
      const up = await byInstance(`up{job="${job}", instance!="retired"}`);
      assert.deepEqual(sorted(Object.keys(up)), names);
    });
  }
});

test('no list and no target was refused', async () => {
  const lines = (await readFile(log, 'utf8')).split('\n');
  const refused = lines.filter((line) => /refresh target groups|[Cc]reating targets? failed/.test(line));
  // A busy machine answers too late at times, after which Prometheus goes on with the list that it has.
  assert.deepEqual(
    refused.filter((line) => !line.includes('deadline exceeded')),
    [],
  );
});
