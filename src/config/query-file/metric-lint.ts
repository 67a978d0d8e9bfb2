/**
 * Prometheus' naming advice, as `promtool check metrics` gives it: a name against it works, but misleads readers.
 *
 * https://github.com/prometheus/client_golang/tree/main/prometheus/testutil/promlint
 */
import { labelsOfValue, type MetricDefinition } from '../../model/metric.ts';
import { EXPOSED_TYPES, METRIC_TYPE_RULES, type MetricType, TYPE_SUFFIXES } from '../../model/metric-type.ts';

/** Units by the base unit that a name should have. */
const BASE_UNITS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    amperes: ['amperes'],
    bytes: ['bytes', 'bits'],
    celsius: ['celsius', 'fahrenheit', 'rankine'],
    grams: ['grams', 'pounds', 'ounces'],
    joules: ['joules', 'calories'],
    kelvin: ['kelvin', 'kelvins'],
    meters: ['meters', 'metres', 'inches', 'yards', 'miles'],
    seconds: ['seconds', 'minutes', 'hours', 'days', 'weeks'],
    volts: ['volts'],
  }).flatMap(([base, units]) => units.map((unit) => [unit, base] as const)),
);
const PREFIX =
  /^(?:pico|nano|micro|milli|centi|deci|deca|hecto|kilo|kibi|mega|mebi|mibi|giga|gibi|tera|tebi|peta|pebi)/;
const ABBREVIATED: ReadonlyMap<string, string> = new Map([
  ...['s', 'ms', 'us', 'ns', 'sec', 'm', 'h', 'd'].map((unit) => [unit, 'seconds'] as const),
  ...['b', 'kb', 'mb', 'gb', 'tb', 'pb'].map((unit) => [unit, 'bytes'] as const),
]);
/** A word in a name is not taken for the type `untyped`. */
const TYPES = EXPOSED_TYPES.filter((type) => type !== 'untyped');

/**
 * Advice about the name of a family, each a sentence that says what to do; none when all is well. Of a name from data,
 * such as `status_$1_total`, only what is written there is judged.
 */
export function lintFamily(family: string, type: MetricType): readonly string[] {
  const parts = family.split('_');
  // The namespace names the program, whatever it is called.
  const later = parts.slice(1);
  return [
    ...lintSuffix(family, type),
    ...parts.flatMap((part) => lintUnit(family, part)),
    ...later.flatMap((part) => (ABBREVIATED.has(part) ? [abbreviated(family, part)] : [])),
    ...TYPES.filter((name) => later.includes(name)).map(
      (name) => `"${family}" has its type in the name: leave "${name}" out`,
    ),
    ...(family.includes(':') ? [`"${family}" has a colon, which is for recording rules: use _`] : []),
    ...(isCamelCase(family) ? [`"${family}" is written in camelCase: write ${snakeCase(family)}`] : []),
  ];
}

/** Advice about the labels of one metric. */
export function lintLabels(labels: readonly string[]): readonly string[] {
  return labels
    .filter(isCamelCase)
    .map((label) => `the label "${label}" is written in camelCase: write ${snakeCase(label)}`);
}

/** All labels that its samples have, in the order of the file. */
export function labelNames({ labels, staticLabels, value }: MetricDefinition): readonly string[] {
  return [
    ...(labels === 'all' ? ['(all columns)'] : labels.map(({ as }) => as)),
    ...Object.keys(staticLabels),
    ...labelsOfValue(value),
  ];
}

function lintSuffix(family: string, type: MetricType): readonly string[] {
  const { suffixes, total } = METRIC_TYPE_RULES[type];
  const isTotal = family.endsWith('_total');
  if (total === 'always' && !isTotal && !/\$\d$/.test(family))
    return [`the ${type} "${family}" should end in _total`];
  if (total === 'never' && isTotal)
    return [`"${family}" ends in _total, which is for counters: make it a counter or leave _total out`];
  const taken = TYPE_SUFFIXES.find((suffix) => family.endsWith(suffix));
  return taken === undefined || suffixes.length > 0
    ? []
    : [`"${family}" ends in ${taken}, which belongs to histograms and summaries: choose another ending`];
}

function lintUnit(family: string, part: string): readonly string[] {
  const base = BASE_UNITS.get(part) ?? BASE_UNITS.get(part.replace(PREFIX, ''));
  return base === undefined || base === part ? [] : [`"${family}" is in ${part}: use the base unit ${base}`];
}

function abbreviated(family: string, part: string): string {
  return `"${family}" abbreviates a unit: write ${ABBREVIATED.get(part)} instead of ${part}, or another word`;
}

const isCamelCase = (name: string): boolean => /[a-z][A-Z]/.test(name);

const snakeCase = (name: string): string => name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
