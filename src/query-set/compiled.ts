/**
 * A query set ready to run: what is asked, and a pure function from its rows to samples.
 *
 * Made once at load by compile.ts. `map` hides how a result is read (by row today), so that other ways to
 * read one need no change anywhere else.
 */

/** A metric family as it is exposed. One object per name in the whole program, so it may serve as a key. */
export interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
}

/** Where samples go. Declared here and fitted by whoever renders them. */
export interface SampleSink {
  /** @param labels the text between the braces, empty for none; from label-text.ts */
  sample(family: Family, labels: string, value: number): void;
}

/** Cells as text, NULL as null; `columns` as the server names them. */
export interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Why rows could not become samples. What the sink has got so far is to be dropped. */
export interface MapFailure {
  readonly ok: false;
  readonly reason: 'missing_column' | 'invalid_value' | 'limit';
  /** For the log; names columns and rows, never long. */
  readonly detail: string;
}

export interface CompiledQuery {
  readonly set: string;
  readonly name: string;
  readonly sql: string;
  /** The target's query timeout holds when undefined. */
  readonly timeoutMs: number | undefined;
  readonly maxRows: number;
  /** Pure: no clock, no I/O, no memory of earlier scrapes. */
  readonly map: (result: Rows, sink: SampleSink) => MapFailure | undefined;
}

export interface CompiledQuerySet {
  readonly name: string;
  readonly queries: readonly CompiledQuery[];
}
