/**
 * Samples on their way from query sets to the text that Prometheus reads.
 */
import type { ExposedType, Suffix } from './metric-type.ts';

/**
 * A metric family as it is exposed. One object per name among the query sets of a configuration, so that it may serve
 * as a key within a result.
 */
export interface Family {
  readonly name: string;
  /** As the TYPE line says it. */
  readonly type: ExposedType;
  readonly help: string;
}

/** The series of a result, those of a family one after another, none twice. The object itself serves as a key. */
export interface Layout {
  readonly series: readonly { readonly family: Family; readonly labels: string }[];
}

/** Where samples go. */
export interface SampleSink {
  /**
   * Takes one sample.
   *
   * @param labels the text between the braces, escaped; empty for none
   */
  sample(family: Family, labels: string, value: number, suffix?: Suffix): void;
  /** Takes a value for each series of a layout, in its order. */
  fill(layout: Layout, values: Float64Array): void;
}
