/**
 * A query set of an operator's own on all targets: a probe of it beside mysql2, which asks the same statements.
 */
import type { Bench, Outcome } from '../experiment.ts';
import { loadOf, startOurs, statementsOf } from '../exporter.ts';
import type { LineId } from '../lines.ts';
import { type FloorJob, startFloor } from '../peers/floor-process.ts';
import { exporterContender, floorContender, ratio, takeTurns, turnsTable } from '../phases.ts';

const OURS = 'exporter';

export interface Rival {
  readonly name: string;
  readonly connections: FloorJob['connections'];
}

/** @param what the set, for the title of the table */
export async function compareOwnSet(
  bench: Bench,
  line: LineId,
  set: unknown,
  rival: Rival,
  what: string,
): Promise<Outcome> {
  const { concurrency, targets } = bench.options;
  const ours = await startOurs(bench, { targets, sets: ['bench'], ownSets: { bench: set } });
  const statements = await statementsOf(bench, ours);
  const floor = await startFloor(bench, statements, rival.connections);
  const contenders = [
    exporterContender(OURS, ours.child.pid, loadOf(ours, bench.options, statements.length), concurrency),
    floorContender(rival.name, floor, targets),
  ];
  const turns = await takeTurns(bench, contenders);
  floor.stop();
  await ours.stop();
  return {
    figures: { [line]: ratio(turns, 'cpuMs', [OURS, rival.name]) },
    tables: [turnsTable(`${targets} targets, ${concurrency} at once, ${what}`, turns, contenders)],
    details: { statements, turns },
  };
}
