/**
 * A sink that hands out every sample, those of layouts too.
 */
import type { SampleSink } from '../../src/model/samples.ts';
import type { Incomplete, MapFailure, Mapped } from '../../src/query-set/compiled.ts';

export function sinkOf(sample: SampleSink['sample']): SampleSink {
  return {
    sample,
    fill: ({ series }, values) => {
      for (const [i, { family, labels }] of series.entries()) sample(family, labels, values[i]!);
    },
  };
}

/** All steps of a large result. */
export function finished(mapped: Mapped): MapFailure | Incomplete | undefined {
  let left = mapped;
  while (left !== undefined && 'next' in left) left = left.next();
  return left;
}
