/**
 * The queries of an ancestor's file as query sets of ours: said in our language, and read by the same reader.
 *
 * So the rules for names, statements and families hold for them too, and point into the ancestor's file.
 */

import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { hintFor } from '../../diagnostics/suggest.ts';
import type { MetricType } from '../../model/metric-type.ts';
import { DEFAULT_NAMESPACE, type QuerySetDefinition } from '../../model/query-set.ts';
import { LABEL_NAME } from '../check/schema-parts.ts';
import { reporter } from '../check/zod-issues.ts';
import type { FamilyUse } from '../query-file/families.ts';
import { type LoadedQuerySet, readQueryFile } from '../query-file/query-file.ts';
import type { Path, YamlSource } from '../yaml/source.ts';
import { type Fields, fieldsOf, itemsOf, type Located, type Notes, textOf } from './fields.ts';

/** A query set as an ancestor's file has it. */
export interface SetDraft {
  readonly name: string;
  readonly path: Path;
  readonly queries: readonly QueryDraft[];
}

export interface QueryDraft {
  readonly path: Path;
  readonly sql: Located;
  /** The target's query timeout holds when undefined. */
  readonly timeoutSeconds: number | undefined;
  readonly metrics: readonly MetricDraft[];
}

export interface MetricDraft {
  readonly name: string;
  readonly path: Path;
  /** Keys of our language. */
  readonly keys: Readonly<Record<'type' | 'description' | 'value', Located>>;
  readonly labels: readonly Located[];
}

export const METRIC_KEYS = ['type', 'description', 'labels', 'value'] as const;

/** There are more, but a file that works has none of the others. */
const TYPES: readonly string[] = ['gauge', 'counter'] satisfies readonly MetricType[];

/** A metric whose values are of the right kind; undefined, and reported, otherwise. */
export function readMetricDraft(
  name: string,
  at: Located,
  fields: Fields<(typeof METRIC_KEYS)[number]>,
  notes: Notes,
): MetricDraft | undefined {
  const type = textOf(fields.type, notes);
  const description = textOf(fields.description, notes);
  const value = textOf(fields.value, notes);
  const items = itemsOf(fields.labels, notes);
  const labels = items.flatMap((label) => readLabel(label, notes) ?? []);
  if (type === '') notes.report(at.path, `the metric "${name}" has no type: add gauge or counter`);
  else if (type !== undefined && !TYPES.includes(type.toLowerCase())) {
    const found = JSON.stringify(type.slice(0, 60));
    const message = `the type of a metric is gauge or counter, found ${found}${hintFor(type, TYPES, 'types')}`;
    notes.report(fields.type?.path ?? at.path, message, 'value');
    return undefined;
  }
  if (value === '') notes.report(at.path, `the metric "${name}" has no value: add the column to read`);
  if (!type || description === undefined || !value || labels.length < items.length) return undefined;
  const located = (key: keyof typeof fields, value: unknown): Located => ({
    value,
    path: fields[key]?.path ?? at.path,
  });
  return {
    name,
    path: at.path,
    keys: {
      type: located('type', type.toLowerCase()),
      description: located('description', description.trim()),
      value: located('value', value),
    },
    labels,
  };
}

function readLabel(at: Located, notes: Notes): Located | undefined {
  const label = textOf(at, notes);
  if (label === undefined) return undefined;
  if (LABEL_NAME.test(label)) return { value: label, path: at.path };
  const rule = 'only letters, digits and _, neither a digit nor __ at the beginning';
  notes.report(at.path, `"${label}" is no valid label name: ${rule}; rename the column in the query with AS`);
  return undefined;
}

/** The statement and the metrics of a map; a part that is missing or wrong is reported. */
export function readStatement(at: Located, field: Located | undefined, notes: Notes): Located | undefined {
  const sql = textOf(field, notes);
  if (sql === '') notes.report(at.path, 'there is no query: add one');
  return sql ? { value: sql, path: field?.path ?? at.path } : undefined;
}

/** The metrics below `metrics` of a collect. */
export function readMetricDrafts(
  entries: readonly (readonly [string, Located])[],
  notes: Notes,
): readonly MetricDraft[] {
  return entries.flatMap(([name, at]) => {
    const fields = fieldsOf(at, METRIC_KEYS, notes, ['name', 'query']);
    return (fields && readMetricDraft(name, at, fields, notes)) ?? [];
  });
}

/** What our language demands and the ancestors did not; taken out again. */
const NO_HELP = '(no description)';

/** All sets of one file. When findings has an error afterwards they may be incomplete. */
export function readDrafts(
  drafts: readonly SetDraft[],
  source: YamlSource,
  findings: Diagnostic[],
): readonly LoadedQuerySet[] {
  if (drafts.length === 0) return [];
  const places = new Map<string, Path>();
  const helps = new Map<string, string>();
  const warn = reporter(source, findings, 'warning');
  const sets = drafts.map((draft, i) => {
    const path = ['query_sets', `set_${i}`];
    places.set(placeKey(path), draft.path);
    return [`set_${i}`, inOurLanguage(draft, path, { places, helps, warn })] as const;
  });
  const positionOf: YamlSource['positionOf'] = (path, at) => {
    for (let length = path.length; length > 0; length--) {
      const theirs = places.get(placeKey(path.slice(0, length)));
      if (theirs !== undefined) return source.positionOf(theirs, length === path.length ? at : 'key');
    }
    return source.positionOf([], at);
  };
  const value = { query_sets: Object.fromEntries(sets) };
  const found: Diagnostic[] = [];
  const loaded = readQueryFile({ file: source.file, value, findings: [], positionOf }, found);
  // No advice on names: dashboards know them.
  findings.push(...found.filter(({ severity }) => severity === 'error'));
  return loaded.map((set, i) => ({
    ...set,
    definition: renamed(set.definition, drafts[i]?.name ?? set.definition.name),
    families: set.families.map((use) => withoutNoHelp(use)),
  }));
}

interface Translation {
  /** Where what stands at a path of ours stands in the file. */
  readonly places: Map<string, Path>;
  /** The first description of each metric in the whole file. */
  readonly helps: Map<string, string>;
  readonly warn: Notes['warn'];
}

const placeKey = (path: Path): string => JSON.stringify(path);

function inOurLanguage(set: SetDraft, path: Path, translation: Translation) {
  const { places } = translation;
  const queries: Record<string, unknown> = {};
  for (const [i, query] of set.queries.entries()) {
    const name = queryName(query, i, queries);
    const at = [...path, 'queries', name];
    places.set(placeKey(at), query.path);
    places.set(placeKey([...at, 'query']), query.sql.path);
    const metrics = query.metrics.map((metric) => {
      const below = [...at, 'metrics', metric.name];
      places.set(placeKey(below), metric.path);
      for (const [key, { path: theirs }] of Object.entries(metric.keys)) {
        places.set(placeKey([...below, key]), theirs);
      }
      for (const [i, label] of metric.labels.entries()) {
        places.set(placeKey([...below, 'labels', i]), label.path);
      }
      return [metric.name, metricInOurLanguage(metric, translation)] as const;
    });
    queries[name] = {
      query: query.sql.value,
      ...(query.timeoutSeconds === undefined ? {} : { timeout: query.timeoutSeconds }),
      metrics: Object.fromEntries(metrics),
    };
  }
  return { namespace: DEFAULT_NAMESPACE, queries };
}

/** A query has no name in the ancestors' files; its first metric's is the one that people know. */
function queryName({ metrics }: QueryDraft, index: number, taken: object): string {
  const first = metrics[0]?.name ?? '';
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(first) && !Object.hasOwn(taken, first)
    ? first
    : `query.${index + 1}`;
}

function metricInOurLanguage({ name, keys, labels }: MetricDraft, { helps, warn }: Translation) {
  const said = String(keys.description.value) || NO_HELP;
  const help = helps.get(name) ?? said;
  helps.set(name, help);
  if (help !== said) {
    const message = `the metric "${name}" has another description before: that one is its HELP everywhere`;
    warn(keys.description.path, message);
  }
  return {
    type: keys.type.value,
    description: help,
    labels: labels.map(({ value }) => value),
    value: keys.value.value,
  };
}

function renamed(set: QuerySetDefinition, name: string): QuerySetDefinition {
  const queries = set.queries.map((query) => ({
    ...query,
    metrics: query.metrics.map((metric) => withoutNoHelp(metric)),
  }));
  return { ...set, name, queries };
}

function withoutNoHelp<T extends Pick<FamilyUse, 'help'>>(part: T): T {
  return part.help === NO_HELP ? { ...part, help: '' } : part;
}
