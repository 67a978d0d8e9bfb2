/** The container lab, the bare lab, Prometheus' recipe, Grafana's files and targets.yml speak of the same things. */
import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compare } from 'bcryptjs';
import { parse } from 'yaml';
import * as z from 'zod';
import { runCommand } from '../../support/exporter.ts';
import { dashboardFiles } from './files.ts';
import { takenIn } from './login.ts';

const ROOT = new URL('../../../', import.meta.url);
const read = (name: string) => readFile(new URL(name, ROOT), 'utf8');

const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string().optional(),
      build: z.string().optional(),
      command: z.union([z.string(), z.array(z.string())]).optional(),
      environment: z.record(z.string(), z.string()).optional(),
      volumes: z.array(z.string()).optional(),
      depends_on: z.record(z.string(), z.object({ condition: z.literal('service_healthy') })).optional(),
      healthcheck: z.object({ test: z.array(z.string()).min(2) }).optional(),
    }),
  ),
  volumes: z.record(z.string(), z.null()),
});
const recipeSchema = z.object({
  global: z.object({ scrape_interval: z.string() }),
  scrape_configs: z.array(
    z.object({
      static_configs: z.array(z.object({ targets: z.array(z.string()) })),
      basic_auth: z.object({ username: z.string(), password: z.string() }).optional(),
    }),
  ),
});
const providersSchema = z.object({
  providers: z.array(z.object({ type: z.literal('file'), options: z.object({ path: z.string() }) })),
});
const dataSourcesSchema = z.object({
  datasources: z.array(
    z.object({
      type: z.literal('prometheus'),
      url: z.url(),
      isDefault: z.boolean(),
      jsonData: z.object({ timeInterval: z.string() }),
    }),
  ),
});

const targetsText = await read('targets.yml');
const targets = Object.keys(
  z.object({ targets: z.record(z.string(), z.unknown()) }).parse(parse(targetsText)).targets,
);
const composeText = await read('docker-compose.yml');
const { services, volumes: namedVolumes } = composeSchema.parse(parse(composeText));
const recipeText = await read('deploy/prometheus/prometheus.yml');

/** The file or folder of the repository that a service has at a path. */
function mountedAt(service: string, path: string): string | undefined {
  for (const volume of services[service]?.volumes ?? []) {
    const [from = '', to = ''] = volume.split(':');
    if (path === to || path.startsWith(`${to}/`)) return join(from, path.slice(to.length));
  }
  return undefined;
}

test('every target is a service, and the exporter is told where it is', () => {
  for (const target of targets) assert.ok(services[target], target);
  const variables = [...targetsText.matchAll(/address: \$\{(\w+):/g)].map((match) => match[1] ?? '');
  assert.equal(variables.length, targets.length);
  const told = services['exporter']?.environment ?? {};
  assert.deepEqual(Object.keys(told), variables);
  assert.deepEqual(
    Object.values(told),
    targets.map((target) => `${target}:3306`),
  );
});

test('every service has a health check, who is waited for is there, and so is what is mounted', async () => {
  for (const [name, { build, depends_on: needed, healthcheck, volumes }] of Object.entries(services)) {
    const isOwn = build !== undefined; // its Dockerfile has the check
    assert.ok(isOwn ? /^HEALTHCHECK /m.test(await read('Dockerfile')) : healthcheck, name);
    for (const other of Object.keys(needed ?? {})) assert.ok(services[other], other);
    for (const volume of volumes ?? []) {
      const [source = ''] = volume.split(':');
      if (source.startsWith('./')) await access(new URL(source, ROOT));
      else assert.ok(source in namedVolumes, source);
    }
  }
});

test('every image is named with its version', async () => {
  for (const { image } of Object.values(services))
    if (image !== undefined) assert.match(image, /^[\w/-]+:v?\d+\.\d+/);
  assert.match(await read('Dockerfile'), /^ARG NODE_IMAGE=node:\d+-\w+-slim$/m);
});

test('the image says which version it is', async () => {
  const { version } = JSON.parse(await read('package.json')) as { readonly version: string };
  assert.match(await read('Dockerfile'), new RegExp(`^ARG VERSION=${version.replaceAll('.', '\\.')}$`, 'm'));
});

test('Grafana finds the dashboards where its provisioning says, and the data source is a service', async () => {
  const folder = 'deploy/grafana/provisioning';
  assert.equal(mountedAt('grafana', '/etc/grafana/provisioning'), folder);
  const { providers } = providersSchema.parse(parse(await read(`${folder}/dashboards/mysql.yml`)));
  const dashboards = 'deploy/grafana/dashboards';
  assert.deepEqual(
    providers.map(({ options }) => mountedAt('grafana', options.path)),
    [dashboards],
  );
  const home = services['grafana']?.environment?.['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? '';
  const files = (await dashboardFiles()).map((file) => file.slice(fileURLToPath(ROOT).length));
  assert.ok(files.includes(mountedAt('grafana', home) ?? ''), home);
  const { datasources } = dataSourcesSchema.parse(parse(await read(`${folder}/datasources/prometheus.yml`)));
  const [source, ...more] = datasources;
  assert.ok(source?.isDefault && more.length === 0, 'one data source, the one that dashboards take');
  const { hostname, port } = new URL(source.url);
  assert.match(services[hostname]?.image ?? '', /^prom\/prometheus:/);
  assert.equal(port, '9090');
  assert.equal(source.jsonData.timeInterval, recipeSchema.parse(parse(recipeText)).global.scrape_interval);
});

test('with the commented lines taken in the lab asks for a login that Prometheus has', async () => {
  const { command, volumes } = composeSchema.parse(parse(takenIn(composeText))).services['exporter'] ?? {};
  assert.deepEqual(command, ['serve', '--web.config.file=web.yml']);
  assert.deepEqual(volumes?.slice(1), ['./lab/web.yml:/etc/mysql-query-exporter/web.yml:ro']);
  const web = await read('lab/web.yml');
  const { code, stderr } = await runCommand({ 'web.yml': web }, 'check', 'web.yml');
  assert.deepEqual([stderr, code], ['', 0]);
  const users = z.object({ basic_auth_users: z.record(z.string(), z.string()) }).parse(parse(web));
  const recipe = recipeSchema.parse(parse(takenIn(recipeText)));
  for (const { basic_auth: login } of recipe.scrape_configs) {
    const hash = users.basic_auth_users[login?.username ?? ''] ?? '';
    assert.ok(await compare(login?.password ?? '', hash), 'not the password of lab/web.yml');
  }
  for (const { basic_auth: login } of recipeSchema.parse(parse(recipeText)).scrape_configs)
    assert.equal(login, undefined);
});

test('the health script of MariaDB looks at the replication, and has no last option that misses its value', () => {
  const scripts = Object.values(services).flatMap(({ healthcheck }) =>
    healthcheck?.test.includes('healthcheck.sh') ? [healthcheck.test] : [],
  );
  assert.equal(scripts.length, 2);
  for (const options of scripts)
    if (options.some((option) => option.startsWith('--replication_')))
      assert.equal(options.at(-1), '--replication');
});

test('the image checks its health by a command of the program', async () => {
  const [, words = ''] = /^HEALTHCHECK .* CMD (\[.*\])$/m.exec(await read('Dockerfile')) ?? [];
  const [, entry = ''] = /^ENTRYPOINT (\[.*\])$/m.exec(await read('Dockerfile')) ?? [];
  assert.deepEqual(JSON.parse(words), [...JSON.parse(entry), 'healthcheck']);
});

test("Prometheus' recipe scrapes the same targets", async () => {
  const [mysql] = recipeSchema.parse(parse(recipeText)).scrape_configs;
  assert.deepEqual(mysql?.static_configs, [{ targets }]);
});

test('the image is not run by root, and is built from what it copies', async () => {
  const dockerfile = await read('Dockerfile');
  // Kubernetes' runAsNonRoot refuses names.
  assert.match(dockerfile, /^USER [1-9]\d*:[1-9]\d*$/m);
  const ignored = await read('.dockerignore');
  for (const [, sources = ''] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
    for (const source of sources.split(' ')) {
      await access(new URL(source, ROOT));
      assert.ok(ignored.includes(`!${source}\n`), `${source} is not in the build's context`);
    }
  }
});

test('the lab listens for nobody but this machine: its passwords are known', async () => {
  for (const [, published = ''] of composeText.matchAll(/^ {6}- (\S+:\d+:\d+)$/gm))
    assert.match(published, /^127\.0\.0\.1:/);
  const stack = await read('lab/stack.ts');
  const starts = [...stack.matchAll(/start(?:Mariadb|Mysql)\(\{([^}]*)\}/g)].map(([, options]) => options);
  assert.equal(starts.length, 3);
  for (const options of starts) assert.match(options ?? '', /\bbindAddress\b/);
});
