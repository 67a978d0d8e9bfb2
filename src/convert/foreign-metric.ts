/**
 * A metric of another exporter's query file in the keys of our language, and whether our own reader accepts it.
 */
import { checkFamilies, type FamilyUse } from '../config/query-file/families.ts';
import { readQueryFile } from '../config/query-file/query-file.ts';
import type { YamlSource } from '../config/yaml/source.ts';
import { isError } from '../diagnostics/diagnostic.ts';
import { DiagnosticList, type Diagnostics, type Path } from '../diagnostics/diagnostics.ts';
import type { Entry } from './yaml-text.ts';

export interface ForeignMetric {
  readonly diagnostics: Diagnostics;
  /** What its name is called there, for messages. */
  readonly kind: string;
  /** The whole name that is exposed. */
  readonly name: string;
  readonly sql: string;
  readonly entries: readonly Entry[];
  /** Why it cannot be said here, besides what our reader finds. */
  readonly obstacles: readonly string[];
  /** Where the keys of our language stand in the source. */
  readonly places: ReadonlyMap<string, Path>;
}

/**
 * Whether our reader accepts the metric; reports why not.
 *
 * @param families of the metrics that were accepted before, which may meet it in one answer; its own are added
 */
export function isPossible(metric: ForeignMetric, source: YamlSource, families: FamilyUse[]): boolean {
  const { diagnostics, entries, kind, name, obstacles, places, sql } = metric;
  const file = {
    query_sets: {
      set: { namespace: '', queries: { it: { query: sql, metrics: { [name]: plain(entries) } } } },
    },
  };
  const positionOf: YamlSource['positionOf'] = (ours, at) => {
    // query_sets, set, queries, it, and then a key of the query; below metrics the name, and then a key of it
    const key = String(ours[4] === 'metrics' ? ours[6] : ours[4]);
    return source.positionOf(places.get(key) ?? diagnostics.path, at);
  };
  const found = new DiagnosticList();
  const sets = readQueryFile(file, found.in({ file: source.file, positionOf }));
  const uses = sets.flatMap(({ families }) => families);
  // The earlier ones have no errors together, so what is found is about this one.
  checkFamilies([...families, ...uses], found);
  const reasons = [...new Set(found.all.filter(isError).map(({ message }) => message))];
  if (name === '__proto__') reasons.push('this name is not possible here');
  reasons.push(...obstacles);
  for (const reason of reasons) diagnostics.warn(`${kind} "${name}": is left out: ${reason}`);
  if (reasons.length === 0) families.push(...uses);
  return reasons.length === 0;
}

/** Entries as our reader takes them. */
function plain(entries: readonly Entry[]): Readonly<Record<string, unknown>> {
  const keys: Record<string, unknown> = {};
  for (const { key, value } of entries) {
    if (value === undefined) continue;
    const isObject = typeof value === 'object';
    keys[key] = isObject && 'list' in value ? value.list : isObject && 'map' in value ? value.map : value;
  }
  return keys;
}
