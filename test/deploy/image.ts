/** What is in the image, what it says of itself, and how it starts, right and wrong. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import * as z from 'zod';
import { removeFolder, temporaryFolder } from '../../harness/children.ts';
import { docker, dockerLines } from '../../harness/docker/engine.ts';
import { type Built, buildImage, DEBIAN, megabytesOf } from '../../harness/docker/image.ts';

const run = promisify(execFile);
const ROOT = new URL('../../', import.meta.url);

/** Node.js is 109 MB of it, its libraries 6, which are not added to a Debian. */
const MOST_MEGABYTES = { bare: 120, debian: 115 } as const;

const folder = temporaryFolder('image');
after(() => removeFolder(folder));
let bare: Built;
let debian: Built;

before(async () => {
  bare = await buildImage('bare');
  debian = await buildImage(DEBIAN);
});

/** What the program prints, also when it fails. */
async function ran(...args: readonly string[]): Promise<{ readonly code: number; readonly stderr: string }> {
  try {
    const { stderr } = await run('docker', ['run', '--rm', ...args]);
    return { code: 0, stderr };
  } catch (cause) {
    const { code, stderr } = cause as { code: number; stderr: string };
    return { code, stderr };
  }
}

test('sizes', async (t) => {
  const base = await megabytesOf(DEBIAN);
  t.diagnostic(`bare: ${bare.megabytes.toFixed(1)} MB, built in ${bare.seconds.toFixed(0)} s`);
  t.diagnostic(`on Debian: ${base.toFixed(1)} MB and ${(debian.megabytes - base).toFixed(1)} MB`);
  assert.ok(bare.megabytes < MOST_MEGABYTES.bare, `${bare.megabytes} MB`);
  assert.ok(debian.megabytes - base < MOST_MEGABYTES.debian, `${debian.megabytes} MB on ${base} MB`);
});

const configSchema = z.object({
  User: z.string(),
  WorkingDir: z.string(),
  Labels: z.record(z.string(), z.string()),
  ExposedPorts: z.record(z.string(), z.unknown()),
  Volumes: z.null().optional(),
  Entrypoint: z.array(z.string()),
  Cmd: z.null().optional(),
  Healthcheck: z.object({ Test: z.array(z.string()) }),
});

test('its settings', async () => {
  const { version } = JSON.parse(await readFile(new URL('package.json', ROOT), 'utf8')) as {
    version: string;
  };
  for (const { name } of [bare, debian]) {
    const [config = ''] = await dockerLines('image', 'inspect', '--format', '{{json .Config}}', name);
    const { Entrypoint, ExposedPorts, Healthcheck, Labels, User, WorkingDir } = configSchema.parse(
      JSON.parse(config),
    );
    assert.deepEqual([User, WorkingDir], ['1000:1000', '/etc/mysql-query-exporter']);
    assert.deepEqual(Object.keys(ExposedPorts), ['9104/tcp']);
    assert.deepEqual(Healthcheck.Test, ['CMD', ...Entrypoint, 'healthcheck']);
    const label = (key: string) => Labels[`org.opencontainers.image.${key}`];
    assert.deepEqual(['title', 'licenses', 'version', 'revision'].map(label), [
      'mysql-query-exporter',
      'MIT',
      version,
      'unknown',
    ]);
    assert.match(label('description') ?? '', /Prometheus exporter for MySQL and MariaDB/);
  }
});

test('the bare one has Node.js, the program, their licences, and nothing else', async () => {
  const files = await filesOf(bare.name);
  const tops = files.map((file) => file.split('/')[0] ?? '');
  assert.deepEqual([...new Set(tops)].filter((top) => !MADE_BY_THE_ENGINE.has(top)).sort(), [
    'app',
    'etc',
    'lib',
    'lib64',
    'tmp',
    'usr',
  ]);
  const wrong = files.filter((file) =>
    /\.map$|\.d\.ts$|\.test\.|node_modules|(^|\/)(npm|npx|sh|bash)$/.test(file),
  );
  assert.deepEqual(wrong, []);
  const below = (start: string) => files.filter((file) => file.startsWith(start) && !file.endsWith('/'));
  assert.deepEqual(below('usr/local/'), ['usr/local/bin/node']);
  for (const file of ['app/LICENSE', 'app/dist/licences.txt', 'usr/share/doc/node/LICENSE'])
    assert.ok(files.includes(file), file);
  assert.ok(below('app/queries/').length > 10);
  const texts = below('usr/share/doc/').filter((file) =>
    /(libc6|libgcc-s1|libstdc\+\+6)\/copyright$/.test(file),
  );
  assert.equal(texts.length, 3, texts.join());
  assert.deepEqual(below('etc/mysql-query-exporter/'), []);
});

/** In every container, whatever the image has. */
const MADE_BY_THE_ENGINE = new Set(['.dockerenv', 'dev', 'proc', 'sys']);

async function filesOf(image: string): Promise<readonly string[]> {
  const [id = ''] = await dockerLines('create', image);
  const archive = join(folder, 'root.tar');
  await docker(['export', '--output', archive, id]);
  await docker(['rm', id]);
  const { stdout } = await run('tar', ['-tf', archive], { maxBuffer: 2 ** 26 });
  return stdout.trimEnd().split('\n');
}

test('there is no shell but on Debian', async () => {
  assert.equal((await ran('--entrypoint', 'sh', bare.name, '-c', 'true')).code, 127);
  assert.equal((await ran('--entrypoint', 'sh', debian.name, '-c', 'true')).code, 0);
});

test('--version, --help and check, by any user', async () => {
  const { version } = JSON.parse(await readFile(new URL('package.json', ROOT), 'utf8')) as {
    version: string;
  };
  const config = join(folder, 'targets.yml');
  await writeFile(config, 'targets: {a: {address: "db:3306", user: u, password: p}}\n');
  const mount = ['--volume', `${config}:/etc/mysql-query-exporter/targets.yml:ro`];
  for (const { name } of [bare, debian])
    for (const user of ['1000:1000', '12345', '2147483647:0']) {
      const start = ['run', '--rm', '--user', user, ...mount, name];
      assert.equal((await docker([...start, '--version'])).stdout.trim(), version);
      assert.match((await docker([...start, '--help'])).stdout, /^ {2}serve /m);
      assert.match((await docker([...start, 'check'])).stdout, /1 target/);
    }
});

test('a start without a configuration says so', async () => {
  const { code, stderr } = await ran(bare.name);
  assert.equal(code, 1);
  assert.match(stderr, /^targets\.yml:1:1: error: the file does not exist$/m);
});

test('and so does one whose file on the host is not there, of which Docker makes a folder', async () => {
  const missing = join(folder, 'missing.yml');
  const { code, stderr } = await ran(
    '--volume',
    `${missing}:/etc/mysql-query-exporter/targets.yml:ro`,
    bare.name,
  );
  assert.equal(code, 1);
  assert.match(stderr, /^targets\.yml:1:1: error: this is a folder, not a file$/m);
});
