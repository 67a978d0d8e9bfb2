/** The image with as little as a container may have: rights, memory, processors; and how it ends. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { removeFolder, temporaryFolder } from '../../harness/children.ts';
import { Container } from '../../harness/docker/container.ts';
import { docker } from '../../harness/docker/engine.ts';
import { Fleet, fleetConfig, probeRound } from '../../harness/docker/fleet.ts';
import { buildImage, DEBIAN } from '../../harness/docker/image.ts';
import { eventually } from '../support/eventually.ts';

const TARGETS = 200;
/** As many as a scrape interval of 15 s has under way when probes take a quarter of a second. */
const CLIENTS = 4;
const ROUNDS = 3;

const LITTLE = [
  ...['--read-only', '--user', '12345:54321', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
  ...['--pids-limit', '32'],
];

const folder = temporaryFolder('limits');
after(() => removeFolder(folder));
let fleet: Fleet;
let image: string;

before(async () => {
  image = (await buildImage('bare')).name;
  fleet = await Fleet.start();
});
after(() => fleet[Symbol.asyncDispose]());

/** An exporter with its configuration, the port of which is published. */
async function exporter(config: string, options: readonly string[], more = ''): Promise<Container> {
  const file = join(folder, `${Math.random()}.yml`);
  await writeFile(file, config);
  const queries = join(folder, 'queries.yml');
  await writeFile(queries, more);
  const mounts = [`${file}:/etc/mysql-query-exporter/targets.yml:ro`, `${queries}:/etc/queries.yml:ro`];
  const network = ['--network', fleet.network, '--publish', '127.0.0.1::9104'];
  return await Container.start({
    image,
    options: [...network, ...mounts.flatMap((mount) => ['--volume', mount]), ...options],
  });
}

test(`128 MB, nothing to write to, no rights, no known user: ${TARGETS} targets`, async (t) => {
  await using container = await exporter(fleetConfig(TARGETS), [
    ...LITTLE,
    ...['--memory', '128m', '--memory-swap', '128m'],
  ]);
  t.diagnostic(`healthy after ${(await container.untilHealthy(60_000)).toFixed(1)} s`);
  const address = await container.address(9104);
  let most = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    const { failures, up } = await probeRound(address, TARGETS, { clients: CLIENTS, ms: 15_000 });
    assert.equal(up, TARGETS, failures.slice(0, 5).join('\n'));
    most = Math.max(most, (await container.usage()).memoryMiB);
  }
  const text = await (await fetch(`http://${address}/metrics`)).text();
  const resident = reading(text, 'process_resident_memory_bytes') / 2 ** 20;
  t.diagnostic(`${resident.toFixed(0)} MiB resident, ${most.toFixed(0)} MiB of the limit`);
  assert.equal(reading(text, 'query_exporter_targets'), TARGETS);
  const { OOMKilled, Running } = await container.state();
  assert.deepEqual([Running, OOMKilled], [true, false]);
  assert.equal(await container.health(), 'healthy');
});

const reading = (text: string, family: string) =>
  Number(new RegExp(`^${family} (\\S+)$`, 'm').exec(text)?.[1]);

test('a tenth of a processor: it becomes healthy and stays so, while it is probed', async (t) => {
  await using container = await exporter(fleetConfig(2), ['--cpus', '0.1', '--health-interval', '10s']);
  t.diagnostic(`healthy after ${(await container.untilHealthy(120_000)).toFixed(1)} s`);
  const address = await container.address(9104);
  for (let look = 1; look <= 8; look++) {
    await probeRound(address, 2, { clients: 1 });
    await delay(5_000);
    assert.equal(await container.health(), 'healthy');
  }
});

const SLOW = `
query_sets:
  slow: {metrics: {slow: {query: SELECT SLEEP(25) AS v, type: gauge, description: Slow., value: v}}}
`;
const SLOW_CONFIG = `
query_files: [builtin, /etc/queries.yml]
defaults: {user: root, password: root, query_timeout: 30s, scrape_timeout: 30s, query_sets: [slow], max_load: 100%}
targets: {slow: {address: "database:3306"}}
`;
const sleeping = () =>
  fleet.sql("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP(25)%'");

test('docker stop: with nothing to do, and with a statement under way, which is ended on the server', async (t) => {
  await using idle = await exporter(fleetConfig(2), []);
  await idle.untilHealthy(60_000);
  const quiet = await idle.stop();
  t.diagnostic(`with nothing to do: ${quiet.seconds.toFixed(1)} s`);
  assert.equal(quiet.code, 0);
  await using busy = await exporter(SLOW_CONFIG, [], SLOW);
  await busy.untilHealthy(60_000);
  const url = `http://${await busy.address(9104)}/probe?target=slow`;
  const probe = fetch(url, { headers: { 'x-prometheus-scrape-timeout-seconds': '30' } }).catch(
    () => undefined,
  );
  await eventually(async () => assert.match(await sleeping(), /^1$/m, 'the statement runs'));
  const { code, seconds } = await busy.stop();
  t.diagnostic(`with a statement under way: ${seconds.toFixed(1)} s`);
  assert.equal(code, 0);
  assert.match(await sleeping(), /^0$/m);
  await probe;
});

test('SIGHUP reads the configuration again, also as process 1', async () => {
  await using container = await exporter(fleetConfig(2), []);
  await container.untilHealthy(60_000);
  await container.signal('SIGHUP');
  await eventually(async () => assert.match(await container.log(), /configuration reloaded/));
  assert.equal((await container.state()).Running, true);
});

test('on Debian a password_command has its programs', async () => {
  const debian = (await buildImage(DEBIAN)).name;
  const config = join(folder, 'command.yml');
  await writeFile(
    config,
    'targets: {db: {address: "database:3306", user: root, password_command: [sh, -c, "echo root"]}}\n',
  );
  const mount = ['--volume', `${config}:/etc/mysql-query-exporter/targets.yml:ro`];
  const start = ['run', '--rm', '--network', fleet.network, ...mount, debian];
  assert.match((await docker([...start, 'probe', 'db'])).stdout, /^mysql_up 1$/m);
});
