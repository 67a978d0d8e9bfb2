/** The lab of docker-compose.yml: up until all is healthy, scraped, without alarms, behind a login, and gone again. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import * as z from 'zod';
import { removeFolder, temporaryFolder } from '../../harness/children.ts';
import { docker, dockerLines } from '../../harness/docker/engine.ts';
import { dashboardFiles, readDashboard } from '../repo/deploy/files.ts';
import { takenIn } from '../repo/deploy/login.ts';
import { eventually } from '../support/eventually.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROJECT = 'mysql-query-exporter-trial';
const PROMETHEUS = 'http://127.0.0.1:9090';
const GRAFANA = 'http://127.0.0.1:3000';
const EXPORTER = 'http://127.0.0.1:9104';

/** Two evaluations of the rules, and the time that a query may take. */
const WATCHED_MS = 60_000;
/** Servers that were started just now. */
const RIGHT_ALERTS = ['MySQLRestarted'];

const folder = temporaryFolder('compose');
const composeText = await readFile(join(ROOT, 'docker-compose.yml'), 'utf8');
const { services } = z
  .object({ services: z.record(z.string(), z.object({ image: z.string().optional() })) })
  .parse(parse(composeText));

/** Files in place of docker-compose.yml; what they name is relative to the repository. */
const compose = (args: readonly string[], files: readonly string[] = [join(ROOT, 'docker-compose.yml')]) =>
  docker(
    [
      ...['compose', '--project-name', PROJECT, '--project-directory', ROOT],
      ...files.flatMap((file) => ['--file', file]),
      ...args,
    ],
    { cwd: ROOT },
  );
const remove = () => compose(['down', '--volumes', '--remove-orphans', '--rmi', 'local']);
after(async () => {
  await remove();
  removeFolder(folder);
});

/** Those whose image the engine has or can pull; Grafana has no stand-in. */
async function startable(): Promise<{
  readonly names: readonly string[];
  readonly without: readonly string[];
}> {
  const names: string[] = [];
  const without: string[] = [];
  for (const [name, { image }] of Object.entries(services)) {
    const isThere =
      image === undefined ||
      (await docker(['image', 'inspect', image]).then(
        () => true,
        () => false,
      )) ||
      (await docker(['pull', image]).then(
        () => true,
        () => false,
      ));
    (isThere ? names : without).push(name);
  }
  return { names, without };
}

const { names, without } = await startable();
const containers = () =>
  dockerLines('ps', '--all', '--quiet', '--filter', `label=com.docker.compose.project=${PROJECT}`);

/** The volumes of all its containers, which have no names of their own. */
async function volumes(): Promise<readonly string[]> {
  const format = '{{range .Mounts}}{{if eq .Type "volume"}}{{println .Name}}{{end}}{{end}}';
  return await dockerLines('inspect', '--format', format, ...(await containers()));
}

const targetsSchema = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({
        labels: z.record(z.string(), z.string()),
        health: z.string(),
        lastError: z.string(),
      }),
    ),
  }),
});
const alertsSchema = z.object({
  data: z.object({
    alerts: z.array(z.object({ labels: z.record(z.string(), z.string()), state: z.string() })),
  }),
});
const vectorSchema = z.object({
  data: z.object({
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) }),
    ),
  }),
});

const json = async (url: string): Promise<unknown> => await (await fetch(url)).json();

/** The samples of an expression, as Prometheus has them now. */
async function vector(expression: string): Promise<readonly (readonly [instance: string, value: number])[]> {
  const url = `${PROMETHEUS}/api/v1/query?query=${encodeURIComponent(expression)}`;
  const { result } = vectorSchema.parse(await json(url)).data;
  return result.map(({ metric, value }) => [metric['instance'] ?? '', Number(value[1])] as const).sort();
}

async function targetsUp(): Promise<void> {
  await eventually(async () => {
    const { activeTargets } = targetsSchema.parse(await json(`${PROMETHEUS}/api/v1/targets`)).data;
    assert.equal(activeTargets.length, 4);
    for (const { health, labels, lastError } of activeTargets)
      assert.equal(health, 'up', `${labels['instance']}: ${lastError}`);
  }, 60_000);
  await eventually(
    async () =>
      assert.deepEqual(await vector('mysql_up'), [
        ['mariadb-primary', 1],
        ['mariadb-replica', 1],
        ['mysql', 1],
      ]),
    60_000,
  );
}

test('it comes up, and all of it is healthy', async (t) => {
  assert.deepEqual(
    without.filter((name) => name !== 'grafana'),
    [],
    'no image, and none that can be pulled: npm run stand-ins',
  );
  for (const name of without)
    t.diagnostic(`WITHOUT ${name}: its image is not here, and was not to be pulled`);
  const began = performance.now();
  await compose(['up', '--build', '--detach', '--wait', '--wait-timeout', '300', ...names]);
  t.diagnostic(`all healthy after ${((performance.now() - began) / 1000).toFixed(0)} s, the build included`);
  const health = '{{.Name}} {{.State.Health.Status}}';
  const states = await dockerLines('inspect', '--format', health, ...(await containers()));
  assert.deepEqual(
    [...states].sort(),
    [...names].sort().map((name) => `/${PROJECT}-${name}-1 healthy`),
  );
});

test('Prometheus scrapes all, no query fails, and no alert fires that should not', async (t) => {
  await targetsUp();
  await delay(WATCHED_MS);
  assert.deepEqual(await vector('query_exporter_query_success == 0'), []);
  assert.deepEqual(await vector('query_exporter_query_incomplete'), []);
  assert.deepEqual(await vector('mysql_slave_status_slave_sql_running'), [['mariadb-replica', 1]]);
  const { alerts } = alertsSchema.parse(await json(`${PROMETHEUS}/api/v1/alerts`)).data;
  t.diagnostic(alerts.map(({ labels, state }) => `${labels['alertname']} ${state}`).join(', '));
  assert.deepEqual([...new Set(alerts.map(({ labels }) => labels['alertname'] ?? ''))].sort(), RIGHT_ALERTS);
});

const searchSchema = z.array(z.object({ uid: z.string(), folderTitle: z.string() }));

if (names.includes('grafana'))
  test('Grafana has the dashboards, and its data source answers', async () => {
    const found = searchSchema.parse(await json(`${GRAFANA}/api/search?type=dash-db`));
    const shipped = await Promise.all((await dashboardFiles()).map(readDashboard));
    assert.deepEqual(found.map(({ uid }) => uid).sort(), shipped.map(({ uid }) => uid).sort());
    for (const { folderTitle } of found) assert.equal(folderTitle, 'MySQL');
  });

test('with the commented lines taken in, who has no login gets nothing, and Prometheus has one', async () => {
  const recipe = join(folder, 'prometheus.yml');
  await writeFile(recipe, takenIn(await readFile(join(ROOT, 'deploy/prometheus/prometheus.yml'), 'utf8')));
  const file = join(folder, 'docker-compose.yml');
  await writeFile(file, takenIn(composeText).replace('./deploy/prometheus/prometheus.yml', recipe));
  await compose(['up', '--detach', '--wait', '--wait-timeout', '300', ...names], [file]);
  assert.equal((await fetch(`${EXPORTER}/metrics`)).status, 401);
  const headers = { authorization: `Basic ${btoa('prometheus:prometheus')}` };
  assert.equal((await fetch(`${EXPORTER}/metrics`, { headers })).status, 200);
  await targetsUp();
});

test('stop ends all in order, and nothing is left of it', async (t) => {
  const used = await volumes();
  // Of three databases and Prometheus at least.
  assert.ok(used.length >= 4, used.join());
  const began = performance.now();
  await compose(['stop']);
  t.diagnostic(`stopped in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  const ended = await dockerLines(
    'inspect',
    '--format',
    '{{.Name}} {{.State.ExitCode}} {{.State.OOMKilled}}',
    ...(await containers()),
  );
  assert.deepEqual(
    [...ended].sort(),
    [...names].sort().map((name) => `/${PROJECT}-${name}-1 0 false`),
  );
  await remove();
  assert.deepEqual(await containers(), []);
  const left = await dockerLines('volume', 'ls', '--quiet');
  assert.deepEqual(
    used.filter((volume) => left.includes(volume)),
    [],
  );
  const network = ['network', 'ls', '--quiet', '--filter', `label=com.docker.compose.project=${PROJECT}`];
  assert.deepEqual(await dockerLines(...network), []);
});
