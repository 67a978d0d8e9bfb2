/** What the health check of the image costs: the CPU of two idle containers, one with it and one without. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { removeFolder, temporaryFolder } from '../../harness/children.ts';
import { Container } from '../../harness/docker/container.ts';
import { fleetConfig } from '../../harness/docker/fleet.ts';

const TARGETS = 200;
/** More often than the image says, for more checks in the same time. */
const INTERVAL_S = 5;
const WATCHED_S = 150;
const SETTLING_MS = 5_000;

/** @returns a sentence */
export async function health(image: string): Promise<string> {
  const folder = temporaryFolder('bench');
  const config = join(folder, 'targets.yml');
  await writeFile(config, fleetConfig(TARGETS));
  const mount = ['--volume', `${config}:/etc/mysql-query-exporter/targets.yml:ro`];
  const often = ['--health-interval', `${INTERVAL_S}s`, '--health-start-period', '0s'];
  try {
    await using without = await Container.start({ image, options: [...mount, '--no-healthcheck'] });
    await using checked = await Container.start({ image, options: [...mount, ...often] });
    await checked.untilHealthy(60_000);
    await delay(SETTLING_MS);
    const before = await Promise.all([checked.usage(), without.usage()]);
    await delay(WATCHED_S * 1000);
    const now = await Promise.all([checked.usage(), without.usage()]);
    const [withChecks = 0, alone = 0] = now.map(({ cpuMs }, i) => cpuMs - (before[i]?.cpuMs ?? 0));
    const checks = WATCHED_S / INTERVAL_S;
    const each = (withChecks - alone) / checks;
    return [
      `idle with ${TARGETS} targets: ${perMinute(alone)} ms of CPU a minute without a health check`,
      `a check: ${each.toFixed(0)} ms of CPU, which at one in 30 s is ${(each * 2).toFixed(0)} ms a minute`,
    ].join('\n');
  } finally {
    removeFolder(folder);
  }
}

const perMinute = (ms: number) => ((ms * 60) / WATCHED_S).toFixed(0);
