/**
 * Does a probe cost more when there are more targets? Exporters with 100, 300 and 1,000 of them take turns.
 */
import type { Bench, Experiment, Outcome } from '../experiment.ts';
import { CONNECTIONS_PER_TARGET, loadOf, startOurs } from '../exporter.ts';
import type { Figure } from '../lines.ts';
import { exporterContender, ratio, takeTurns, turnsTable } from '../phases.ts';

const SIZES = [100, 300, 1_000] as const;

export const scale: Experiment = {
  name: 'scale',
  lines: ['flat'],
  connections: () => SIZES.reduce((sum, size) => sum + size * CONNECTIONS_PER_TARGET, 50),
  run,
};

const nameOf = (size: number) => `${size} targets`;

async function run(bench: Bench): Promise<Outcome> {
  const { concurrency, sets } = bench.options;
  const exporters = [];
  for (const targets of SIZES) exporters.push(await startOurs(bench, { targets, sets }));
  const contenders = exporters.map((ours) =>
    exporterContender(
      nameOf(ours.targets.length),
      ours.child.pid,
      loadOf(ours, bench.options, 1),
      concurrency,
    ),
  );
  const turns = await takeTurns(bench, contenders);
  for (const ours of exporters) await ours.stop();
  const [few, ...more] = SIZES;
  const changes = more.map((size) => percentOff(ratio(turns, 'cpuMs', [nameOf(size), nameOf(few)])));
  const farthest = changes.reduce((a, b) => (b.median > a.median ? b : a));
  return {
    figures: { flat: farthest },
    tables: [turnsTable(`${concurrency} probes at once`, turns, contenders)],
    details: { turns },
  };
}

/** How far a ratio is from 1, either way. */
function percentOff({ highest, lowest, median }: Figure): Figure {
  const off = (ratio: number) => Math.abs(ratio - 1) * 100;
  const ends = [off(lowest), off(highest)];
  const nearest = lowest <= 1 && highest >= 1 ? 0 : Math.min(...ends);
  return { median: off(median), lowest: nearest, highest: Math.max(...ends) };
}
