/**
 * How many series a query may give, counted where they leave: conditions, NULL and groups have had their say.
 */
import type { Family, Layout, RowsMap, SampleSink } from './compiled.ts';

/** The same map, failing when it gives more than `maxSeries`; what is beyond does not reach the sink. */
export function limitSeries(map: RowsMap, maxSeries: number): RowsMap {
  return (result, sink) => {
    const counter = new Counter(sink, maxSeries);
    const failure = map(result, counter);
    if (failure !== undefined || counter.series <= maxSeries) return failure;
    return { ok: false, reason: 'limit', detail: `${counter.series} series, and max_series is ${maxSeries}` };
  };
}

class Counter implements SampleSink {
  series = 0;
  readonly #sink: SampleSink;
  readonly #max: number;

  constructor(sink: SampleSink, max: number) {
    this.#sink = sink;
    this.#max = max;
  }

  sample(family: Family, labels: string, value: number, suffix?: string): void {
    if (++this.series <= this.#max) this.#sink.sample(family, labels, value, suffix);
  }

  fill(layout: Layout, values: Float64Array): void {
    this.series += values.length;
    if (this.series <= this.#max) this.#sink.fill(layout, values);
  }
}
