/**
 * One thing that is not as mysqld_exporter has it.
 */
export type Kind =
  | 'family_missing'
  | 'type'
  | 'label_names'
  | 'series_missing'
  | 'series_extra'
  /** Held still, and ours is another. */
  | 'value'
  /** Moved, and ours is not between. */
  | 'range'
  /** A family that mysqld_exporter does not have: shown, nobody is hurt by it. */
  | 'family_extra';

export interface Difference {
  readonly kind: Kind;
  readonly family: string;
  /** Empty where the difference is about the whole family. */
  readonly series: string;
  readonly upstream?: string;
  readonly ours?: string;
  /** Why it is allowed; undefined when it is not. */
  readonly allowed?: string;
}
