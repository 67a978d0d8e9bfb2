/**
 * One phase: the application works for some seconds, with or without probes of its server meanwhile.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { DatabaseServer } from '../../harness/server-process.ts';
import { type Load, probeSteadily } from '../load.ts';
import { percentile } from '../numbers.ts';
import { cpuSeconds } from '../process-usage.ts';
import type { Application } from './application-process.ts';
import type { Phase } from './lines.ts';
import type { HarmOptions } from './options.ts';

interface Measured {
  readonly application: Application;
  readonly server: DatabaseServer;
  readonly options: Pick<HarmOptions, 'interval' | 'seconds'>;
}

/** @param seed of the transactions: the same ones for all phases of a turn */
export async function measurePhase(
  { application, options, server }: Measured,
  probes: Load | undefined,
  seed: number,
): Promise<Phase> {
  const ms = options.seconds * 1000;
  const before = await cpuSeconds(server.pid);
  const [worked, probed] = await Promise.all([
    application.run({ ms, seed }),
    probes === undefined ? undefined : probeWithin(probes, ms, options.interval * 1000),
  ]);
  const cpu = (await cpuSeconds(server.pid)) - before;
  const { latencies, seconds } = worked;
  return {
    transactions: latencies.length,
    perSecond: latencies.length / seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    serverCpuMs: (cpu * 1000) / latencies.length,
    probes: probed?.latencies.length ?? 0,
    probeMs: percentile(probed?.latencies ?? [], 0.5),
  };
}

/** From the middle of the first interval on, so that all of them are within the phase. */
async function probeWithin(probes: Load, ms: number, intervalMs: number) {
  await delay(intervalMs / 2);
  return await probeSteadily(probes, 1000 / intervalMs, ms - intervalMs / 2);
}
