/**
 * A sink that hands out every sample, those of layouts too.
 */
import type { SampleSink } from '../../src/query-set/compiled.ts';

export function sinkOf(sample: SampleSink['sample']): SampleSink {
  return {
    sample,
    fill: ({ series }, values) => {
      for (const [i, { family, labels }] of series.entries()) sample(family, labels, values[i]!);
    },
  };
}
