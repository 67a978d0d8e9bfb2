/**
 * A query set ready to run: what is asked, and a pure function from its rows to samples.
 *
 * Made once at load by compile.ts. `map` hides how a result is read (by row today), so that other ways to
 * read one need no change anywhere else.
 */
import type { FactsWanted, ServerFacts } from '../model/facts.ts';
import type { ParamDefinition, ParamValue, QueryDefinition } from '../model/query-set.ts';
import type { Failure, ResultReason, Unmet } from '../model/reason.ts';
import type { SampleSink } from '../model/samples.ts';

/** Cells as text, NULL as null; `columns` as the server names them. */
export interface Rows {
  readonly columns: readonly string[];
  /** Made when first asked for: a result that can be read from its bytes does without. */
  readonly rows: readonly Row[];
  /** Undefined when there are only texts. */
  readonly cells?: Cells | undefined;
}

/** The cells of a result as bytes. */
export interface Cells {
  /** Rows. */
  readonly length: number;
  /** Of all rows together. */
  readonly bytes: number;
  /** The cell that was last sought: its bytes from `start` to `end`, in UTF-8. */
  readonly buffer: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Whether there is a text: false for NULL. */
  seek(row: number, column: number): boolean;
  /** The text of the cell that was last sought. */
  text(): string;
  /** One row as text. */
  row(row: number): Row;
}

export type Row = readonly (string | null)[];

/** Why rows could not become samples: `detail` names columns and rows. What the sink has got so far is to be dropped. */
export type MapFailure = Failure<ResultReason>;

/** What a query was compiled from: equal sources give equal results, before a reload and after it. */
export interface QuerySource {
  readonly definition: QueryDefinition;
  readonly params: Readonly<Record<string, ParamDefinition>> | undefined;
  /** What the target sets. */
  readonly values: Readonly<Record<string, ParamValue>> | undefined;
}

export interface CompiledQuery {
  readonly set: string;
  readonly name: string;
  /** Undefined for a query that stands in no file. */
  readonly source: QuerySource | undefined;
  /** The statement for every server; with conditions the first of several, for people to see. */
  readonly sql: string;
  /** Undefined when every server is asked the same. */
  readonly conditions: QueryConditions | undefined;
  /** What a target may set; undefined when the set has no parameters. */
  readonly params: Readonly<Record<string, ParamDefinition>> | undefined;
  /** Whether its statement may be a CALL. */
  readonly mayCall: boolean;
  /** Whether one of its statements may change the session for those behind it. */
  readonly endsSession: boolean;
  /** Numbers of server errors that mean "not on this server". */
  readonly ignoreErrors: ReadonlySet<number>;
  /** How long a successful result is good for; 0 for not at all. */
  readonly minIntervalMs: number;
  /** The target's query timeout holds when undefined. */
  readonly timeoutMs: number | undefined;
  readonly maxRows: number;
  readonly maxSeries: number;
  /** The boolean parameter that must be true for the query to be asked. */
  readonly onlyIf: string | undefined;
  /** Pure: no I/O, no clock, no memory of earlier scrapes. */
  readonly map: RowsMap;
  /** As `map`, for other values of the boolean parameters that decide something here, and for another limit. */
  readonly mapFor: (isOn: (param: string) => boolean, maxSeries: number) => RowsMap;
}

export type RowsMap = (result: Rows, sink: SampleSink) => Mapped;

/** What became of a result; undefined when all samples are there. */
export type Mapped = MapFailure | Incomplete | Unfinished | undefined;

/** The samples are there but for those of some metrics, which found no column of theirs. */
export interface Incomplete {
  readonly without: readonly FailedMetric[];
}

export interface FailedMetric {
  /** The name that it would be exposed by. */
  readonly family: string;
  readonly failure: MapFailure;
}

/** The rest of a large result: each step takes some milliseconds, and others may have the thread in between. */
export interface Unfinished {
  readonly next: () => Mapped;
}

/** What a query asks of which server. */
export interface QueryConditions {
  /** Undefined when flavour and version tell everything. */
  readonly wanted: FactsWanted | undefined;
  readonly choose: (facts: ServerFacts) => { readonly sql: string } | Unmet;
}

export interface CompiledQuerySet {
  readonly name: string;
  readonly queries: readonly CompiledQuery[];
}
