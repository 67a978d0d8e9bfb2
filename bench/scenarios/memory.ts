/**
 * How much memory a thousand targets take: one idle connection each, after ten thousand probes.
 */
import type { Bench, Experiment, Outcome } from '../experiment.ts';
import { loadOf, startOurs } from '../exporter.ts';
import { probeAll } from '../load.ts';
import { figure } from '../numbers.ts';
import { residentMiB } from '../process-usage.ts';

const TARGETS = 1_000;
const PROBES = 10_000;
const QUICK_PROBES = 1_000;
/** Looked at so often. */
const LOOKS = 10;

export const memory: Experiment = {
  name: 'memory',
  lines: ['memory'],
  connections: () => TARGETS + 50,
  run,
};

async function run(bench: Bench): Promise<Outcome> {
  const { concurrency, quick, sets } = bench.options;
  const probes = quick ? QUICK_PROBES : PROBES;
  const ours = await startOurs(bench, { targets: TARGETS, sets, maxConnections: 1 });
  const load = loadOf(ours, bench.options, 1);
  const resident = [await residentMiB(ours.child.pid)];
  for (let look = 1; look <= LOOKS; look++) {
    bench.say(`memory: ${(probes / LOOKS) * look} probes`);
    await probeAll(load, concurrency, { ms: 0, probes: probes / LOOKS });
    resident.push(await residentMiB(ours.child.pid));
  }
  await ours.stop();
  const rows = resident.map((mib, look) => [String((probes / LOOKS) * look), mib.toFixed(0)]);
  return {
    figures: { memory: figure(resident.slice(-1)) },
    tables: [
      { title: `${TARGETS} targets, one connection each`, rows: [['probes', 'resident MiB'], ...rows] },
    ],
    details: { resident },
  };
}
