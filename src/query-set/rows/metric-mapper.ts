/**
 * What the ways to read a metric from rows have in common.
 */
import type { MetricDefinition } from '../../model/metric.ts';
import type { Family, SampleSink } from '../../model/samples.ts';
import type { BoundResult, Slice } from '../cells/columns.ts';
import type { MapFailure } from '../compiled.ts';

export interface MetricFamilies {
  readonly definition: MetricDefinition;
  /** The metric's own, then those of its aliases. */
  readonly families: readonly [Family, ...Family[]];
}

/** One metric, ready to be read from results. */
export interface MetricMapper {
  /** Columns that must be there, without order. */
  readonly required: readonly string[];
  /** Columns that are looked at when they are there. */
  readonly optional: readonly string[];
  readonly begin: (table: BoundResult, sink: SampleSink) => MetricRun | MapFailure;
  /** Gives zeros in place of rows; undefined for metrics that cannot be zero without one. */
  readonly zero?: ((sink: SampleSink) => void) | undefined;
}

/** One metric on its way through one result: all rows are taken in, then it is finished. */
export interface MetricRun {
  readonly take: (slice: Slice) => MapFailure | undefined;
  readonly finish: () => MapFailure | undefined;
}
