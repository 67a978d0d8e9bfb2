/**
 * An answer as families: what there is to compare about it. The order of labels and of lines does not count.
 */
import { parseExposition } from '../support/parse-exposition.ts';

export interface Family {
  readonly name: string;
  readonly type: string;
  /** The sets of label names that its series have, each sorted and joined; one set for a family in order. */
  readonly labelNames: ReadonlySet<string>;
  /** By name and sorted labels, as a line of the text format has them. */
  readonly series: ReadonlyMap<string, number>;
}

export type Families = ReadonlyMap<string, Family>;

interface Growing extends Family {
  readonly labelNames: Set<string>;
  readonly series: Map<string, number>;
}

/** An AssertionError where Prometheus would refuse the text. */
export function readFamilies(text: string): Families {
  const families = new Map<string, Growing>();
  for (const [, name = '', type = ''] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    families.set(name, { name, type, labelNames: new Set(), series: new Map() });
  }
  for (const { name, labels, value } of parseExposition(text)) {
    const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ''));
    if (family === undefined) throw new Error(`${name} has no TYPE`);
    const names = Object.keys(labels).sort();
    family.labelNames.add(names.filter((label) => !isOfType(family, label)).join(', '));
    const pairs = names.map((label) => `${label}=${JSON.stringify(labels[label])}`);
    family.series.set(pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`, value);
  }
  return families;
}

/** Labels that come with the type: the lines of one summary or histogram have them or not. */
const isOfType = ({ type }: Family, label: string) =>
  (type === 'summary' && label === 'quantile') || (type === 'histogram' && label === 'le');
