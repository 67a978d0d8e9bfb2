/**
 * How much memory and CPU the exporter takes with 200 targets, by the limit of its container and the options of
 * Node.js.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { alignedTable } from '../../harness/aligned-table.ts';
import { removeFolder, temporaryFolder } from '../../harness/children.ts';
import { Container } from '../../harness/docker/container.ts';
import { Fleet, fleetConfig, probeRound } from '../../harness/docker/fleet.ts';

const TARGETS = 200;
const CLIENTS = 4;
/** As Prometheus asks by default in deploy/prometheus. */
const ROUND_MS = 15_000;
const ROUNDS = 3;

/** The last stands for a container without one. */
const LIMITS = ['128m', '256m', '8g'] as const;
const OPTIONS = [
  '',
  '--max-old-space-size-percentage=50',
  '--max-old-space-size-percentage=50 --max-semi-space-size=16',
] as const;

/** @returns a table */
export async function memory(image: string): Promise<string> {
  await using fleet = await Fleet.start();
  const rows: string[][] = [];
  for (const limit of LIMITS)
    for (const options of OPTIONS) {
      const row = await measure(image, fleet, limit, options);
      rows.push(row);
      process.stderr.write(`${row.join('  ')}\n`);
    }
  return alignedTable([
    ['limit', 'NODE_OPTIONS', 'resident MiB', 'most MiB', 'heap limit MiB', 'CPU ms a probe', 'up'],
    ...rows,
  ]);
}

async function measure(image: string, fleet: Fleet, limit: string, options: string): Promise<string[]> {
  const folder = temporaryFolder('bench');
  const config = join(folder, 'targets.yml');
  await writeFile(config, fleetConfig(TARGETS));
  const limited = ['--memory', limit, '--memory-swap', limit];
  await using container = await Container.start({
    image,
    options: [
      ...['--network', fleet.network, '--publish', '127.0.0.1::9104', '--no-healthcheck', ...limited],
      ...[
        '--env',
        `NODE_OPTIONS=${options}`,
        '--volume',
        `${config}:/etc/mysql-query-exporter/targets.yml:ro`,
      ],
    ],
  });
  try {
    const address = await container.address(9104);
    await untilListening(container);
    // The first round opens the connections and compiles what is used often.
    await probeRound(address, TARGETS, { clients: CLIENTS });
    const before = await container.usage();
    let most = 0;
    let up = 0;
    for (let round = 0; round < ROUNDS; round++) {
      up += (await probeRound(address, TARGETS, { clients: CLIENTS, ms: ROUND_MS })).up;
      most = Math.max(most, (await container.usage()).memoryMiB);
    }
    const { cpuMs } = await container.usage();
    const text = await (await fetch(`http://${address}/metrics`)).text();
    const mib = (family: string) =>
      (Number(new RegExp(`^${family} (\\S+)$`, 'm').exec(text)?.[1]) / 2 ** 20).toFixed(0);
    return [
      limit,
      options === '' ? 'none' : options.replaceAll('--max-', ''),
      mib('process_resident_memory_bytes'),
      most.toFixed(0),
      await heapLimit(container),
      ((cpuMs - before.cpuMs) / (ROUNDS * TARGETS)).toFixed(2),
      `${up} of ${ROUNDS * TARGETS}`,
    ];
  } finally {
    removeFolder(folder);
  }
}

async function untilListening(container: Container): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if ((await container.log()).includes('msg=listening')) return;
    await delay(100);
  }
  throw new Error(`it does not listen:\n${await container.log()}`);
}

/** Of another Node.js beside the exporter, with the same options and the same limit. */
async function heapLimit(container: Container): Promise<string> {
  const script = "console.log(Math.round(require('v8').getHeapStatistics().heap_size_limit / 2 ** 20))";
  return (await container.exec('node', '--eval', script)).trim();
}
