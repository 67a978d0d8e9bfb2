/**
 * The types that a metric may have: one record each, with all that depends on the type alone.
 *
 * The place to begin with another type. What the record cannot say, such as how its rows are read, does not compile
 * until it is written too.
 */

/** The types of the text format: https://prometheus.io/docs/instrumenting/exposition_formats/#comments-help-text-and-type-information */
export type ExposedType = 'gauge' | 'counter' | 'untyped' | 'histogram' | 'summary';

/** What holds for a type; the parameters are keys of a metric in a query file. */
interface MetricTypeRules<OwnKey = string, RefusedKey = string> {
  /** With its article, for messages. */
  readonly described: string;
  readonly exposedAs: ExposedType;
  /** Its series are named like the family with one of these behind it; like the family itself when there is none. */
  readonly suffixes: readonly string[];
  /** Labels that the type writes itself, under names that no query file may use. */
  readonly ownLabels: readonly string[];
  /** Keys that belong to this type. */
  readonly ownKeys: readonly OwnKey[];
  /** Keys of other types that mean nothing here. */
  readonly refuses: readonly RefusedKey[];
  /** Whether the value is always the same, so that no number is read. */
  readonly isConstant: boolean;
  /** False when a negative number is a mistake, and becomes no sample. */
  readonly mayBeNegative: boolean;
  /** Whether a rule of `key_value` or `columns` may have the type: it makes one number of each key. */
  readonly fitsRule: boolean;
  /** Whether names end in `_total`: https://prometheus.io/docs/practices/naming/#metric-names */
  readonly total: 'always' | 'maybe' | 'never';
}

/** They are about single numbers. */
const NUMBER_KEYS = ['values', 'static_value', 'group', 'on_null', 'on_invalid', 'on_duplicate'] as const;

const RULES = {
  gauge: {
    described: 'a gauge',
    exposedAs: 'gauge',
    suffixes: [],
    ownLabels: [],
    ownKeys: [],
    refuses: [],
    isConstant: false,
    mayBeNegative: true,
    fitsRule: true,
    total: 'never',
  },
  counter: {
    described: 'a counter',
    exposedAs: 'counter',
    suffixes: [],
    ownLabels: [],
    ownKeys: [],
    refuses: [],
    isConstant: false,
    mayBeNegative: false,
    fitsRule: true,
    total: 'always',
  },
  /** A number of which it is not known whether it may fall. */
  untyped: {
    described: 'untyped',
    exposedAs: 'untyped',
    suffixes: [],
    ownLabels: [],
    ownKeys: [],
    refuses: [],
    isConstant: false,
    mayBeNegative: true,
    fitsRule: true,
    total: 'maybe',
  },
  /** What is known stands in the labels. */
  info: {
    described: 'an info',
    exposedAs: 'gauge',
    suffixes: [],
    ownLabels: [],
    ownKeys: [],
    refuses: [],
    isConstant: true,
    mayBeNegative: true,
    fitsRule: false,
    total: 'never',
  },
  /** 1 for the state that holds, 0 for each of the others. */
  stateset: {
    described: 'a stateset',
    exposedAs: 'gauge',
    suffixes: [],
    ownLabels: [],
    ownKeys: ['states'],
    refuses: NUMBER_KEYS,
    isConstant: false,
    mayBeNegative: true,
    fitsRule: false,
    total: 'never',
  },
  histogram: {
    described: 'a histogram',
    exposedAs: 'histogram',
    suffixes: ['_bucket', '_sum', '_count'],
    ownLabels: ['le'],
    ownKeys: ['histogram'],
    refuses: ['value', ...NUMBER_KEYS],
    isConstant: false,
    mayBeNegative: true,
    fitsRule: false,
    total: 'maybe',
  },
  summary: {
    described: 'a summary',
    exposedAs: 'summary',
    suffixes: ['_sum', '_count'],
    ownLabels: ['quantile'],
    ownKeys: ['summary'],
    refuses: ['value', ...NUMBER_KEYS],
    isConstant: false,
    mayBeNegative: true,
    fitsRule: false,
    total: 'maybe',
  },
} as const satisfies Record<string, MetricTypeRules>;

type Rules = typeof RULES;

export type MetricType = keyof Rules;

/** A key of a metric that belongs to some types and not to the others. */
export type TypeKey = Rules[MetricType]['ownKeys'][number];

/** What stands behind the name of a family in the names of its series. */
export type Suffix = Rules[MetricType]['suffixes'][number];

type RefusedKey = Rules[MetricType]['refuses'][number];

export const METRIC_TYPE_RULES: Readonly<Record<MetricType, MetricTypeRules<TypeKey, RefusedKey>>> = RULES;

/** In the order of the records. */
export const METRIC_TYPES = Object.keys(RULES) as readonly MetricType[];

/** A type that a rule of `key_value` or `columns` may have. */
export type RuleType = { [T in MetricType]: Rules[T]['fitsRule'] extends true ? T : never }[MetricType];

export const RULE_TYPES = METRIC_TYPES.filter((type): type is RuleType => METRIC_TYPE_RULES[type].fitsRule);

/** All that the records name, each once. */
function collect<Value>(pick: (rules: (typeof METRIC_TYPE_RULES)[MetricType]) => readonly Value[]) {
  return [...new Set(METRIC_TYPES.flatMap((type) => pick(METRIC_TYPE_RULES[type])))];
}

export const EXPOSED_TYPES = collect(({ exposedAs }) => [exposedAs]);
export const TYPE_KEYS = collect(({ ownKeys }) => ownKeys);
export const TYPE_LABELS = collect(({ ownLabels }) => ownLabels);
export const TYPE_SUFFIXES = collect(({ suffixes }) => suffixes);

/** The types that a key belongs to. */
export function typesOfKey(key: TypeKey): readonly MetricType[] {
  return METRIC_TYPES.filter((type) => METRIC_TYPE_RULES[type].ownKeys.includes(key));
}

/**
 * The names of the series that a family has besides its own. Prometheus would take another family with one of them for
 * a part of this one.
 */
export function partsOf(family: string, type: MetricType): readonly string[] {
  return METRIC_TYPE_RULES[type].suffixes.map((suffix) => family + suffix);
}
