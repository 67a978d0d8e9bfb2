/**
 * Rows with equal labels as one sample, for what SQL cannot group: labels that were edited after it.
 */
import type { Grouping } from '../../model/metric.ts';

export interface Grouped {
  readonly add: (labels: string, value: number) => undefined;
  /** Value by labels. */
  readonly results: () => ReadonlyMap<string, number>;
}

/**
 * A fresh collection; groups come out in the order in which they were first seen.
 *
 * @param empty labels of groups that are there without a row, and 0
 */
export function groupBy(grouping: Grouping, empty: readonly string[] = []): Grouped {
  const groups = new Map(empty.map((labels) => [labels, 0]));
  const join = JOIN[grouping];
  return {
    add: (labels, value) => {
      groups.set(labels, join(groups.get(labels), value));
      return undefined;
    },
    results: () => groups,
  };
}

const JOIN: Readonly<Record<Grouping, (known: number | undefined, value: number) => number>> = {
  sum: (known = 0, value) => known + value,
  count: (known = 0) => known + 1,
  max: (known = Number.NEGATIVE_INFINITY, value) => Math.max(known, value),
  last: (_known, value) => value,
};
