/**
 * Two ways to do one thing, in turns in one process: the CPU time of each, and their ratio turn by turn.
 *
 * CPU time of all threads and not wall time, so that other work of the machine counts as little as possible.
 */

import { alignedTable } from '../../harness/aligned-table.ts';
import type { Figure } from '../lines.ts';
import { FIGURE_HEADINGS, figure } from '../numbers.ts';

const TURNS = 101;
/** How long one way works in one turn, in milliseconds of CPU time. */
const TURN_MS = 20;

/** Does the step once, for the answer of this number. */
export type Step = (n: number) => unknown;

export interface Compared {
  /** Milliseconds of CPU time for one answer. */
  readonly ours: Figure;
  readonly theirs: Figure;
  readonly ratio: Figure;
}

/** The three figures as a table for people. */
export function comparedTable({ ours, ratio, theirs }: Compared, theirName: string): string {
  const row = (name: string, { highest, lowest, median }: Figure, digits: number) => [
    name,
    ...[median, lowest, highest].map((value) => value.toFixed(digits)),
  ];
  return alignedTable([
    FIGURE_HEADINGS,
    row('CPU ms of an answer, own', ours, 3),
    row(`CPU ms of an answer, ${theirName}`, theirs, 3),
    row(`own / ${theirName}`, ratio, 2),
  ]);
}

/** Compares after a turn that does not count, in which code is compiled. */
export async function compareCpu(ours: Step, theirs: Step): Promise<Compared> {
  const turns: { ours: number; theirs: number }[] = [];
  for (let turn = 0; turn <= TURNS; turn++) {
    // There and back again, so that what becomes slower meanwhile slows both.
    if (turn % 2 === 0) turns.push({ ours: await cpuOf(ours), theirs: await cpuOf(theirs) });
    else {
      const first = await cpuOf(theirs);
      turns.push({ ours: await cpuOf(ours), theirs: first });
    }
  }
  const counted = turns.slice(1);
  return {
    ours: figure(counted.map((turn) => turn.ours)),
    theirs: figure(counted.map((turn) => turn.theirs)),
    ratio: figure(counted.map((turn) => turn.ours / turn.theirs)),
  };
}

async function cpuOf(step: Step): Promise<number> {
  const before = process.cpuUsage();
  let spentMs = 0;
  let done = 0;
  while (spentMs < TURN_MS) {
    for (const end = done + 5; done < end; done++) await step(done);
    const { system, user } = process.cpuUsage(before);
    spentMs = (system + user) / 1000;
  }
  return spentMs / done;
}
