/**
 * Where the answers to "what is going on" come from: the configuration, the history and the pools of one moment.
 */
import type { History } from '../history/history.ts';
import type { Target } from '../model/config.ts';
import type { Pools, TargetPool } from '../mysql/pool/pools.ts';
import type { PlannedQuery } from '../probe/catalog.ts';
import type { Generation } from '../probe/generation.ts';

export interface StatusSources {
  readonly generation: Generation;
  /** Undefined when none is kept. */
  readonly history: History | undefined;
  readonly pools: Pools;
  /** Targets that names under patterns have made. */
  readonly namesInUse: Iterable<Target>;
  /** How long `max_load` lets a query wait after its last run, in milliseconds; 0 when it need not. */
  readonly loadIntervalOf: (target: Target, planned: PlannedQuery) => number;
}

/** Every target by its name: the listed ones, then those of names in use. */
export function targetsOf({ generation, namesInUse }: StatusSources): readonly Target[] {
  return [...generation.config.targets.values(), ...namesInUse];
}

export type PoolsByTarget = ReadonlyMap<string, readonly TargetPool[]>;

/** A moment on the clock of `performance.now()`, of the calendar. */
export function dateOf(at: number): Date {
  return new Date(performance.timeOrigin + at);
}
