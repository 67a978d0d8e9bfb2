/**
 * Which targets a query is tried on: some of each flavour and version that the fleet has.
 */
import type { ServerVersion } from '../../mysql/connect/server-version.ts';

/** A target that has said what it is. */
export interface KnownTarget {
  readonly name: string;
  readonly version: ServerVersion;
}

/** Servers that answer a query alike, mostly: `mysql 8.4`. */
export function kindOf({ flavour, major, minor }: ServerVersion): string {
  return `${flavour} ${major}.${minor}`;
}

/** One of each kind in turn, the kinds with most targets first, until there are so many; in the order of their names. */
export function spread<T extends KnownTarget>(targets: readonly T[], most: number): readonly T[] {
  const kinds = new Map<string, T[]>();
  for (const target of targets) {
    const kind = kindOf(target.version);
    kinds.set(kind, [...(kinds.get(kind) ?? []), target]);
  }
  const queues = [...kinds.values()].sort((a, b) => b.length - a.length);
  const chosen: T[] = [];
  for (let round = 0; chosen.length < Math.min(most, targets.length); round++)
    for (const queue of queues) {
      const next = queue[round];
      if (next !== undefined && chosen.length < most) chosen.push(next);
    }
  return chosen.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What a canary gave. */
export interface Tried extends KnownTarget {
  /** Undefined when the query gave no answer. */
  readonly series: number | undefined;
}

/**
 * Series to expect of all targets, to the nearest whole one: those of a kind as many as its canaries on average, those of a kind
 * without a canary, or of none that is known, as many as all canaries.
 *
 * @param targets of all that the query is for
 * @returns undefined when no canary has answered
 */
export function expectedSeries(
  tried: readonly Tried[],
  known: readonly KnownTarget[],
  targets: number,
): number | undefined {
  const overall = averageOf(tried);
  if (overall === undefined) return undefined;
  let sum = (targets - known.length) * overall;
  for (const { version } of known)
    sum += averageOf(tried.filter((one) => kindOf(one.version) === kindOf(version))) ?? overall;
  return Math.round(sum);
}

function averageOf(tried: readonly Tried[]): number | undefined {
  const series = tried.flatMap((one) => one.series ?? []);
  return series.length === 0 ? undefined : series.reduce((a, b) => a + b, 0) / series.length;
}
