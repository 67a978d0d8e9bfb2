/** The container lab, the bare lab, Prometheus' recipe and targets.yml speak of the same servers. */
import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parse } from 'yaml';
import * as z from 'zod';

const ROOT = new URL('../../../', import.meta.url);
const read = (name: string) => readFile(new URL(name, ROOT), 'utf8');

const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string().optional(),
      build: z.string().optional(),
      environment: z.record(z.string(), z.string()).optional(),
      volumes: z.array(z.string()).optional(),
      depends_on: z.record(z.string(), z.object({ condition: z.literal('service_healthy') })).optional(),
      healthcheck: z.object({ test: z.array(z.string()).min(2) }).optional(),
    }),
  ),
});
const recipeSchema = z.object({
  scrape_configs: z.array(z.object({ static_configs: z.array(z.object({ targets: z.array(z.string()) })) })),
});

const targetsText = await read('targets.yml');
const targets = Object.keys(
  z.object({ targets: z.record(z.string(), z.unknown()) }).parse(parse(targetsText)).targets,
);
const { services } = composeSchema.parse(parse(await read('docker-compose.yml')));

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

test('who is waited for has a health check, and what is mounted is there', async () => {
  for (const { depends_on: needed, volumes } of Object.values(services)) {
    for (const name of Object.keys(needed ?? {})) {
      const isOwn = services[name]?.build !== undefined; // its Dockerfile has the check
      assert.ok(isOwn ? /^HEALTHCHECK /m.test(await read('Dockerfile')) : services[name]?.healthcheck, name);
    }
    for (const volume of volumes ?? []) await access(new URL(volume.split(':')[0] ?? '', ROOT));
  }
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
  const [mysql] = recipeSchema.parse(parse(await read('deploy/prometheus/prometheus.yml'))).scrape_configs;
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
  const compose = await read('docker-compose.yml');
  for (const [, published = ''] of compose.matchAll(/^ {6}- (\S+:\d+:\d+)$/gm))
    assert.match(published, /^127\.0\.0\.1:/);
  const stack = await read('lab/stack.ts');
  const starts = [...stack.matchAll(/start(?:Mariadb|Mysql)\(\{([^}]*)\}/g)].map(([, options]) => options);
  assert.equal(starts.length, 3);
  for (const options of starts) assert.match(options ?? '', /\bbindAddress\b/);
});
