/**
 * How many series a query may give, counted after its conditions, NULL and groups were applied.
 */
import type { Suffix } from '../model/metric-type.ts';
import type { Family, Layout, SampleSink } from '../model/samples.ts';
import type { Mapped, RowsMap } from './compiled.ts';

/** The same map, failing when it gives more than `maxSeries`; what is beyond does not reach the sink. */
export function limitSeries(map: RowsMap, maxSeries: number): RowsMap {
  return (result, sink) => {
    const counter = new Counter(sink, maxSeries);
    return check(map(result, counter), counter);
  };
}

function check(mapped: Mapped, counter: Counter): Mapped {
  if (mapped !== undefined && 'next' in mapped) return { next: () => check(mapped.next(), counter) };
  if ((mapped !== undefined && 'reason' in mapped) || counter.series <= counter.max) return mapped;
  return { ok: false, reason: 'limit', detail: `${counter.series} series, and max_series is ${counter.max}` };
}

class Counter implements SampleSink {
  series = 0;
  readonly max: number;
  readonly #sink: SampleSink;

  constructor(sink: SampleSink, max: number) {
    this.#sink = sink;
    this.max = max;
  }

  sample(family: Family, labels: string, value: number, suffix?: Suffix): void {
    if (++this.series <= this.max) this.#sink.sample(family, labels, value, suffix);
  }

  fill(layout: Layout, values: Float64Array): void {
    this.series += values.length;
    if (this.series <= this.max) this.#sink.fill(layout, values);
  }
}
