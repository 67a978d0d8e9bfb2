/**
 * The queries of a file of query-exporter or query-exporter-simple as query sets of ours: translated into our language,
 * and read by the same reader.
 *
 * So the rules for names, statements and families hold for them too, and their diagnostics point into that file.
 */

import type { DiagnosticList, Path, SourceFile } from '../../diagnostics/diagnostics.ts';
import { hintFor } from '../../diagnostics/suggest.ts';
import type { MetricType } from '../../model/metric-type.ts';
import { DEFAULT_NAMESPACE, type QuerySetDefinition } from '../../model/query-set.ts';
import { LABEL_NAME } from '../check/schema-parts.ts';
import type { FamilyUse } from '../query-file/families.ts';
import { type LoadedQuerySet, readQueryFile } from '../query-file/query-file.ts';
import type { Located } from '../yaml/located.ts';
import type { YamlSource } from '../yaml/source.ts';
import { type Fields, fieldsOf, itemsOf, textOf } from './fields.ts';

/** A query set as the file has it. */
export interface SetDraft {
  readonly name: string;
  readonly path: Path;
  readonly queries: readonly QueryDraft[];
}

export interface QueryDraft {
  readonly path: Path;
  readonly sql: Located;
  /** When undefined, the query timeout of the target applies. */
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

/** Our language has more, but a file that works has only these. */
const TYPES: readonly string[] = ['gauge', 'counter'] satisfies readonly MetricType[];
/** As early versions of query-exporter spelled it, which took no other spelling. */
const EARLY_GAUGE = 'guage';

/** A metric whose values are of the right kind; undefined, and reported, otherwise. */
export function readMetricDraft(
  name: string,
  at: Located,
  fields: Fields<(typeof METRIC_KEYS)[number]>,
): MetricDraft | undefined {
  const type = typeOf(fields.type);
  const description = textOf(fields.description);
  const value = textOf(fields.value);
  const items = itemsOf(fields.labels);
  const labels = items.flatMap((label) => readLabel(label) ?? []);
  if (type === '') at.diagnostics.error(`the metric "${name}" has no type: add gauge or counter`);
  else if (type !== undefined && !TYPES.includes(type)) {
    (fields.type ?? at).diagnostics.error(wrongType(type), 'value');
    return undefined;
  }
  if (value === '') at.diagnostics.error(`the metric "${name}" has no value: add the column to read`);
  if (!type || description === undefined || !value || labels.length < items.length) return undefined;
  const located = (key: keyof typeof fields, value: unknown): Located => ({
    value,
    diagnostics: (fields[key] ?? at).diagnostics,
  });
  return {
    name,
    path: at.diagnostics.path,
    keys: {
      type: located('type', type),
      description: located('description', description.trim()),
      value: located('value', value),
    },
    labels,
  };
}

/** In lower case; undefined, and reported, when it is no text. */
function typeOf(at: Located | undefined): string | undefined {
  const type = textOf(at)?.toLowerCase();
  if (type !== EARLY_GAUGE) return type;
  at?.diagnostics.warn(`the type ${EARLY_GAUGE} is read as gauge: write gauge`, 'value');
  return 'gauge';
}

function wrongType(type: string): string {
  const found = JSON.stringify(type.slice(0, 60));
  return `the type of a metric is gauge or counter, found ${found}${hintFor(type, TYPES, 'types')}`;
}

function readLabel(at: Located): Located | undefined {
  const label = textOf(at);
  if (label === undefined) return undefined;
  if (LABEL_NAME.test(label)) return { ...at, value: label };
  const rule = 'only letters, digits and _, neither a digit nor __ at the beginning';
  at.diagnostics.error(`"${label}" is no valid label name: ${rule}; rename the column in the query with AS`);
  return undefined;
}

/** The statement of a map; undefined, and reported, when it is missing or wrong. */
export function readStatement(at: Located, field: Located | undefined): Located | undefined {
  const sql = textOf(field);
  if (sql === '') at.diagnostics.error('there is no query: add one');
  return sql ? { value: sql, diagnostics: (field ?? at).diagnostics } : undefined;
}

/** The metrics below `metrics` of a collect. */
export function readMetricDrafts(entries: readonly (readonly [string, Located])[]): readonly MetricDraft[] {
  return entries.flatMap(([name, at]) => {
    const fields = fieldsOf(at, METRIC_KEYS, ['name', 'query']);
    return (fields && readMetricDraft(name, at, fields)) ?? [];
  });
}

/** A description, which our language demands and these files need not have; taken out again. */
const NO_HELP = '(no description)';

/** All sets of one file. When an error was reported they may be incomplete. */
export function readDrafts(
  drafts: readonly SetDraft[],
  source: YamlSource,
  found: DiagnosticList,
): readonly LoadedQuerySet[] {
  if (drafts.length === 0) return [];
  const translation: Translation = { places: new Map(), helps: new Map() };
  const sets = drafts.map((draft, i) => {
    const path = ['query_sets', `set_${i}`];
    translation.places.set(placeKey(path), draft.path);
    return [`set_${i}`, inOurLanguage(draft, path, translation)] as const;
  });
  const file = { query_sets: Object.fromEntries(sets) };
  // No warnings: they are about names, which dashboards know.
  const diagnostics = found.in(translated(source, translation)).withoutWarnings();
  return readQueryFile(file, diagnostics).map((set, i) => ({
    ...set,
    definition: renamed(set.definition, drafts[i]?.name ?? set.definition.name),
    families: set.families.map((use) => withoutNoHelp(use)),
  }));
}

/** The file as a source of positions for paths in our language: those of the nearest part that the file has. */
function translated(source: YamlSource, { places }: Translation): SourceFile {
  return {
    file: source.file,
    positionOf: (path, at) => {
      for (let length = path.length; length > 0; length--) {
        const theirs = places.get(placeKey(path.slice(0, length)));
        if (theirs !== undefined) return source.positionOf(theirs, length === path.length ? at : 'key');
      }
      return source.positionOf([], at);
    },
  };
}

interface Translation {
  /** Paths in the file by paths in our language. */
  readonly places: Map<string, Path>;
  /** The first description of each metric in the whole file. */
  readonly helps: Map<string, string>;
}

const placeKey = (path: Path): string => JSON.stringify(path);

function inOurLanguage(set: SetDraft, path: Path, translation: Translation) {
  const { places } = translation;
  const queries: Record<string, unknown> = {};
  for (const [i, query] of set.queries.entries()) {
    const name = queryName(query, i, queries);
    const at = [...path, 'queries', name];
    places.set(placeKey(at), query.path);
    places.set(placeKey([...at, 'query']), query.sql.diagnostics.path);
    const metrics = query.metrics.map((metric) => {
      const below = [...at, 'metrics', metric.name];
      places.set(placeKey(below), metric.path);
      for (const [key, { diagnostics }] of Object.entries(metric.keys)) {
        places.set(placeKey([...below, key]), diagnostics.path);
      }
      for (const [i, label] of metric.labels.entries()) {
        places.set(placeKey([...below, 'labels', i]), label.diagnostics.path);
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

/** Queries have no names in these files; people know a query by the name of its first metric. */
function queryName({ metrics }: QueryDraft, index: number, taken: object): string {
  const first = metrics[0]?.name ?? '';
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(first) && !Object.hasOwn(taken, first)
    ? first
    : `query.${index + 1}`;
}

function metricInOurLanguage({ name, keys, labels }: MetricDraft, { helps }: Translation) {
  const said = String(keys.description.value) || NO_HELP;
  const help = helps.get(name) ?? said;
  helps.set(name, help);
  if (help !== said) {
    const message = `the metric "${name}" has another description before: that one is its HELP everywhere`;
    keys.description.diagnostics.warn(message);
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
    repeatedColumns: 'last' as const,
    metrics: query.metrics.map((metric) => withoutNoHelp(metric)),
  }));
  return { ...set, name, queries };
}

function withoutNoHelp<T extends Pick<FamilyUse, 'help'>>(part: T): T {
  return part.help === NO_HELP ? { ...part, help: '' } : part;
}
