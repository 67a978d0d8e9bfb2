/**
 * Small layouts that come together in an answer, as one: compressed alone, each would need a code of its own.
 */
import type { Layout } from '../model/samples.ts';
import type { Filled } from './samples.ts';
import { SeenBefore } from './seen-before.ts';

/** With more series a layout is worth a code of its own. */
const MAX_SMALL = 256;

interface Known {
  readonly layouts: readonly Layout[];
  /** Undefined while they have come together only once. */
  layout: Layout | undefined;
}

/** Compressed, a hundred kilobytes each where there are many. */
const MAX_KNOWN = 64;

/** By the first one. */
const known = new SeenBefore<Layout, Known>(MAX_KNOWN);

export interface Together {
  /** The others, and all small ones as one. */
  readonly layouts: readonly Filled[];
  /** Small ones that have not come together before. */
  readonly apart: readonly Filled[];
}

/** @param filled of one answer: no family is in two of them */
export function together(filled: readonly Filled[]): Together {
  const small = filled.filter(({ values }) => values.length <= MAX_SMALL);
  if (small.length < 2) return { layouts: filled, apart: [] };
  const others = filled.filter(({ values }) => values.length > MAX_SMALL);
  const layout = layoutOf(small);
  if (layout === undefined) return { layouts: others, apart: small };
  const values = new Float64Array(layout.series.length);
  let at = 0;
  for (const one of small) {
    values.set(one.values, at);
    at += one.values.length;
  }
  return { layouts: [{ layout, values }, ...others], apart: [] };
}

function layoutOf(small: readonly Filled[]): Layout | undefined {
  const first = small[0]!.layout;
  const one = known.find(
    first,
    ({ layouts }) =>
      layouts.length === small.length && layouts.every((layout, i) => layout === small[i]!.layout),
  );
  if (one === undefined) {
    known.add(first, { layouts: small.map(({ layout }) => layout), layout: undefined });
    return undefined;
  }
  one.layout ??= { series: one.layouts.flatMap(({ series }) => series) };
  return one.layout;
}
