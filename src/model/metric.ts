/**
 * What a result becomes, in its normal form: metrics, and keys that name metrics.
 */
import type { MetricType, RuleType } from './metric-type.ts';

export interface PivotDefinition {
  /** Each row is a key and a value; undefined when each column's name is a key and its cell the value. */
  readonly keyValue:
    | {
        readonly key: string;
        /** Changes of the key before it is looked at. */
        readonly edit?: LabelEdit | undefined;
        readonly value: string;
      }
    | undefined;
  /** Of a row; in the column-wise form these columns are no keys. */
  readonly labels: readonly LabelDefinition[];
  /** Keys in lower case, unless true; what no metric name may hold becomes `_` in either case. */
  readonly keepCase: boolean;
  /** The first that matches a key counts; a key that none matches is dropped. */
  readonly rules: readonly PivotRule[];
  readonly infos: readonly InfoDefinition[];
}

/** What boolean parameters of the set may switch off. */
export interface Switched {
  /** The parameter that must be true; always there when undefined. */
  readonly onlyIf?: string | undefined;
  /** Further family names for the same samples. */
  readonly aliases?: readonly string[] | undefined;
  /** The parameter that must be true for the aliases. */
  readonly aliasesIf?: string | undefined;
}

/** Texts with `$0` for the whole key and `$1` for the first group of `match`. */
export type PivotRule = Switched & { readonly match: string | undefined } & (
    | { readonly drop: true }
    | MetricRule
  );

export interface MetricRule extends Switched {
  readonly drop: false;
  readonly family: string;
  readonly type: RuleType;
  readonly help: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly parse?: Parser | undefined;
  readonly map?: Readonly<Record<string, number>> | undefined;
  readonly scale?: number | undefined;
}

/** One series that is always 1, with the texts of some keys as labels. */
export interface InfoDefinition {
  readonly family: string;
  readonly help: string;
  /** Label to keys, of which the first that came with a text counts. Without any the label is empty. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
  /** Only when one of these keys came with a text; always when empty. */
  readonly need: readonly string[];
}

/** How the text of a cell becomes a number; what each means is in query-set/cells/reading.ts. */
export const PARSERS = ['number', 'status', 'yes_no', 'is_on', 'datetime', 'size'] as const;
export type Parser = (typeof PARSERS)[number];

/** What to do with a cell that holds no number. */
export const SUBSTITUTES = ['skip', 'zero', 'nan', 'error'] as const;
export type Substitute = (typeof SUBSTITUTES)[number];

export interface MetricDefinition extends Switched {
  /** The exposed name: namespace and metric name joined. */
  readonly family: string;
  readonly type: MetricType;
  readonly help: string;
  /** `all`: every column that is no value, under its own name in lower case. */
  readonly labels: readonly LabelDefinition[] | 'all';
  readonly staticLabels: Readonly<Record<string, string>>;
  readonly value: ValueDefinition;
  readonly parse?: Parser | undefined;
  /** Texts that stand for numbers, in place of a parser. */
  readonly map?: Readonly<Record<string, number>> | undefined;
  /** Every number is multiplied by it. */
  readonly scale?: number | undefined;
  readonly onNull: Substitute;
  /** For text that is no number; skip when undefined. */
  readonly onInvalid?: Substitute | undefined;
  /** Only rows for which it holds. */
  readonly when?: RowCondition | undefined;
  /** Parts of a cell as further columns of its row. */
  readonly extract?: ExtractDefinition | undefined;
  /** Rows with equal labels become one sample. */
  readonly group?: Grouping | undefined;
  /** For rows with equal labels that are not grouped; drop when undefined. */
  readonly onDuplicate?: OnDuplicate | undefined;
  /** Left out when a column is missing, in place of a failure of the query. */
  readonly optional?: true | undefined;
}

/** Whether a part of the labels comes from the rows. */
export function hasRowLabels(labels: MetricDefinition['labels']): boolean {
  return labels === 'all' || labels.length > 0;
}

export const GROUPINGS = ['sum', 'count', 'max', 'last'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** `drop` keeps the first and counts the others. */
export const DUPLICATE_POLICIES = ['drop', 'error'] as const;
export type OnDuplicate = (typeof DUPLICATE_POLICIES)[number];

/** What a query that returns no row means. */
export const EMPTY_POLICIES = ['ok', 'error', 'zero'] as const;
export type OnEmpty = (typeof EMPTY_POLICIES)[number];

/** The named groups of a regular expression as columns. */
export interface ExtractDefinition {
  readonly column: string;
  /** Tried on each line of the cell. */
  readonly match: string;
  /** Names of the groups, in their order. */
  readonly groups: readonly string[];
  /** A row for each match, none without one; otherwise the first match, and NULL without one. */
  readonly each: boolean;
}

/** Exactly one of the tests is given. */
export interface RowCondition {
  readonly column: string;
  readonly in?: readonly string[] | undefined;
  readonly notIn?: readonly string[] | undefined;
  readonly above?: number | undefined;
  readonly isNull?: boolean | undefined;
}

export interface LabelDefinition {
  readonly column: string;
  readonly as: string;
  /** Columns to look at when `column` is NULL or empty, in this order. */
  readonly orElse?: readonly string[] | undefined;
  /** A column that is missing is empty, in place of a failure of the query. */
  readonly optional?: true | undefined;
  readonly edit?: LabelEdit | undefined;
}

/** Longest label value in UTF-16 units. Longer ones are a mistake of the query or an attack on Prometheus. */
export const MAX_LABEL_LENGTH = 1024;

/** Changes of a label's text, applied in this order. */
export interface LabelEdit {
  readonly trimPrefix?: string | undefined;
  /** A regular expression; its first group is taken, or nothing when it does not match. */
  readonly match?: string | undefined;
  readonly replace?: Readonly<Record<string, string>> | undefined;
  readonly lower?: boolean | undefined;
  /** Characters to keep. */
  readonly truncate?: number | undefined;
  /** For an empty text. */
  readonly default?: string | undefined;
}

export interface ValuePart {
  readonly column: string;
  /** The same names in every part of a metric. */
  readonly labels: Readonly<Record<string, string>>;
  /** The metric's own when undefined. */
  readonly scale?: number | undefined;
  /** Only rows for which it holds. */
  readonly when?: RowCondition | undefined;
}

export type ValueDefinition =
  | { readonly kind: 'column'; readonly column: string }
  /** Several columns, a series each, told apart by constant labels. */
  | { readonly kind: 'columns'; readonly columns: readonly ValuePart[] }
  | { readonly kind: 'static'; readonly value: number }
  /** A series per state, told apart by the label. */
  | {
      readonly kind: 'states';
      readonly column: string;
      readonly label: string;
      readonly states: readonly string[];
    }
  /** Rows with equal labels are the buckets of one histogram. */
  | {
      readonly kind: 'histogram';
      /** The upper bound; what is no number there is the bucket without one. */
      readonly le: string;
      readonly count: string;
      readonly sum: string | undefined;
      /** Whether the counts hold those of the smaller buckets already. */
      readonly cumulated: boolean;
    }
  /** Each row is a summary. */
  | {
      readonly kind: 'summary';
      readonly count: string;
      readonly sum: string;
      /** Column to the text of the label `quantile`. */
      readonly quantiles: Readonly<Record<string, string>>;
    };

/** Whether the rows of a value are parts of series that belong together, or else a number each. */
const IS_DISTRIBUTION = {
  column: false,
  columns: false,
  static: false,
  states: true,
  histogram: true,
  summary: true,
} as const satisfies Record<ValueDefinition['kind'], boolean>;

type KindsThat<Are extends boolean> = {
  [Kind in ValueDefinition['kind']]: (typeof IS_DISTRIBUTION)[Kind] extends Are ? Kind : never;
}[ValueDefinition['kind']];

export type NumberValue = Extract<ValueDefinition, { kind: KindsThat<false> }>;
export type DistributionValue = Extract<ValueDefinition, { kind: KindsThat<true> }>;

export function isDistribution(value: ValueDefinition): value is DistributionValue {
  return IS_DISTRIBUTION[value.kind];
}

/** Labels by which a value tells its own series apart. */
export function labelsOfValue(value: ValueDefinition): readonly string[] {
  switch (value.kind) {
    case 'columns':
      return Object.keys(value.columns[0]?.labels ?? {});
    case 'states':
      return [value.label];
    case 'column':
    case 'static':
    case 'histogram':
    case 'summary':
      return [];
    default:
      return value satisfies never;
  }
}
