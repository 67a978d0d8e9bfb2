/**
 * Samples that come with the same series again and again, as those of a probe itself do, and small results: what comes
 * a second time is a layout from then on.
 */
import type { Family, Layout } from '../model/samples.ts';
import { SeenBefore } from './seen-before.ts';

/** More are kept as text: what has so many series is read as a layout, or is a list of something that changes. */
export const MAX_RECORDED = 256;

/** Samples in the order in which they were made. */
export interface Recorded {
  readonly families: Family[];
  readonly labels: string[];
  readonly values: number[];
}

interface Known {
  readonly families: readonly Family[];
  readonly labels: readonly string[];
  /** Undefined while it has come only once. */
  found: Found | undefined;
}

/** `places`: where each sample stands in the layout. Not to be had where a series or a name comes twice. */
type Found = 'none' | { readonly layout: Layout; readonly places: Int32Array };

/** Some ten kilobytes each. */
const MAX_KNOWN = 256;

/** By the family of their first sample. */
const known = new SeenBefore<Family, Known>(MAX_KNOWN);

/** The layout of these samples, and their values in its order; undefined unless they have come before. */
export function recall(
  recorded: Recorded,
): { readonly layout: Layout; readonly values: Float64Array } | undefined {
  const { families, labels, values } = recorded;
  const [first] = families;
  if (first === undefined) return undefined;
  const one = known.find(first, (before) => isSame(before, recorded));
  if (one === undefined) {
    known.add(first, { families, labels, found: undefined });
    return undefined;
  }
  one.found ??= layoutOf(one);
  if (one.found === 'none') return undefined;
  const { layout, places } = one.found;
  const inPlace = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) inPlace[places[i]!] = values[i]!;
  return { layout, values: inPlace };
}

function isSame(one: Known, { families, labels }: Recorded): boolean {
  if (one.families.length !== families.length) return false;
  for (let i = 0; i < families.length; i++)
    if (one.families[i] !== families[i] || one.labels[i] !== labels[i]) return false;
  return true;
}

function layoutOf({ families, labels }: Known): Found {
  const byFamily = new Map<Family, number[]>();
  const series = new Set<string>();
  for (const [i, family] of families.entries()) {
    series.add(`${family.name} ${labels[i]}`);
    const ofOne = byFamily.get(family);
    if (ofOne === undefined) byFamily.set(family, [i]);
    else ofOne.push(i);
  }
  const names = new Set([...byFamily.keys()].map(({ name }) => name));
  if (series.size < families.length || names.size < byFamily.size) return 'none';
  const order = [...byFamily.values()].flat();
  const places = new Int32Array(order.length);
  for (const [place, i] of order.entries()) places[i] = place;
  return { layout: { series: order.map((i) => ({ family: families[i]!, labels: labels[i]! })) }, places };
}
