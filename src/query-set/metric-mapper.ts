/**
 * What the ways to read a metric from rows have in common.
 */
import type { MetricDefinition } from '../config/config.ts';
import type { Family, MapFailure, Rows, SampleSink } from './compiled.ts';
import type { Places } from './label-reading.ts';

export interface MetricFamilies {
  readonly definition: MetricDefinition;
  /** The metric's own, then those of its aliases. */
  readonly families: readonly [Family, ...Family[]];
}

/** One metric, ready to be read from results. */
export interface MetricMapper {
  /** All columns that are read, without order. */
  readonly columns: readonly string[];
  /** The most series that one row may become; 0 when rows are joined. */
  readonly seriesPerRow: number;
  readonly map: (places: Places, rows: Rows['rows'], sink: SampleSink) => MapFailure | undefined;
}
