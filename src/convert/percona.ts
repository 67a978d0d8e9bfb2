/**
 * Custom queries of Percona's mysqld_exporter, such as queries-mysqld.yml, as query sets:
 * https://docs.percona.com/percona-monitoring-and-management/
 *
 * A part of a file is a statement, and what each of its columns is used for: as a label of all, or as a metric that is
 * called after both. A metric that our language cannot express is left out, with the reason of our own reader.
 */
import { basename, extname } from 'node:path';
import { isMap } from '../config/check/maps.ts';
import { fieldsOf, itemsOf, namesOf, textOf } from '../config/compat/fields.ts';
import type { FamilyUse } from '../config/query-file/families.ts';
import { contentOf, type Located } from '../config/yaml/located.ts';
import { readYaml, type YamlSource } from '../config/yaml/source.ts';
import { isError } from '../diagnostics/diagnostic.ts';
import type { DiagnosticList, Diagnostics, Path } from '../diagnostics/diagnostics.ts';
import { Comments } from './comments.ts';
import type { ConvertedFile, SourceText } from './converted.ts';
import { type ForeignMetric, isPossible } from './foreign-metric.ts';
import { Names } from './names.ts';
import { type QueryText, queryFile } from './query-set-text.ts';
import type { Entry } from './yaml-text.ts';

/** Whether a file has the shape of one of these: a part with a statement and a list of columns, each with a usage. */
export const looksLikePercona = (file: unknown): boolean =>
  isMap(file) &&
  Object.values(file).some(
    (part) =>
      isMap(part) &&
      Object.hasOwn(part, 'query') &&
      Array.isArray(part['metrics']) &&
      part['metrics'].some(isColumn),
  );

const isColumn = (item: unknown): boolean =>
  isMap(item) && Object.values(item).some((column) => isMap(column) && Object.hasOwn(column, 'usage'));

/** A query set for each file, named after it. */
export function convertPercona(
  sources: readonly SourceText[],
  found: DiagnosticList,
): readonly ConvertedFile[] {
  const names = new Names('name');
  const families: FamilyUse[] = [];
  return sources.flatMap(({ file, text }) => {
    const source = readYaml(file, text);
    const root = contentOf(source, found);
    if (root === undefined || source.problems.some(isError)) return [];
    const parts = namesOf(root).flatMap(([name, at]) => readPart(name, at) ?? []);
    const comments = new Comments(text, '1.2').assignTo(parts.map(({ diagnostics }) => diagnostics.path));
    const queries = queriesOf(parts, comments, { source, families });
    if (queries.length === 0) return [];
    const name = names.give(basename(file, extname(file)));
    return [queryFile({ name, comment: undefined, header: comments.of([]), namespace: '', queries })];
  });
}

/** A statement with the metrics of its columns. */
interface Part {
  readonly name: string;
  readonly diagnostics: Diagnostics;
  readonly sql: string;
  readonly metrics: readonly ForeignMetric[];
}

interface Column {
  readonly name: string;
  readonly at: Located;
  readonly usage: string;
  readonly description: string;
  readonly mapping: Readonly<Record<string, number>> | undefined;
}

/** The part; undefined, and reported, when it is wrong. */
function readPart(name: string, at: Located): Part | undefined {
  const fields = fieldsOf(at, ['query', 'metrics']);
  if (fields === undefined) return undefined;
  const sql = textOf(fields.query);
  if (sql === '') at.diagnostics.error('there is no query: add one');
  const columns = new Map<string, Column>();
  for (const item of itemsOf(fields.metrics))
    for (const [column, below] of namesOf(item)) {
      const read = readColumn(column, below);
      if (read !== undefined) columns.set(column, read); // of two the later one counts there
    }
  if (!sql) return undefined;
  const all = [...columns.values()];
  const labels = all.filter(({ usage }) => usage === 'LABEL').map((column) => column.name);
  const queryPath = (fields.query ?? at).diagnostics.path;
  const metrics = all.flatMap((column) => metricOf(column, labels, { part: name, sql, queryPath }) ?? []);
  if (metrics.length === 0)
    at.diagnostics.warn(`${name}: no column has the usage COUNTER or GAUGE, so it is left out`);
  return { name, diagnostics: at.diagnostics, sql, metrics };
}

function readColumn(name: string, at: Located): Column | undefined {
  const fields = fieldsOf(at, ['usage', 'description', 'metric_mapping']);
  if (fields === undefined) return undefined;
  const usage = textOf(fields.usage);
  const description = textOf(fields.description);
  const numbers = namesOf(fields.metric_mapping).map(([text, { value }]) => [text, Number(value)] as const);
  if (usage === undefined || description === undefined) return undefined;
  if (!USAGES.includes(usage)) {
    (fields.usage ?? at).diagnostics.error(`usage: expected one of ${USAGES.join(', ')}`);
    return undefined;
  }
  return {
    name,
    at,
    usage,
    description,
    mapping: numbers.length > 0 ? Object.fromEntries(numbers) : undefined,
  };
}

const USAGES: readonly string[] = ['LABEL', 'COUNTER', 'GAUGE', 'MAPPEDMETRIC', 'DURATION', 'DISCARD'];

/** The metric of a column; undefined for one that is none. */
function metricOf(
  { at, description, mapping, name: column, usage }: Column,
  labels: readonly string[],
  { part, queryPath, sql }: { readonly part: string; readonly sql: string; readonly queryPath: Path },
): ForeignMetric | undefined {
  if (usage === 'LABEL' || usage === 'DISCARD') return undefined;
  const name = `${part}_${column}${usage === 'DURATION' ? '_milliseconds' : ''}`;
  if (usage === 'DURATION')
    at.diagnostics.warn(`${column}: is read as a number of milliseconds: let the query give one`);
  if (usage === 'MAPPEDMETRIC' && mapping === undefined)
    at.diagnostics.warn(`${column}: has no metric_mapping, so it is read as a number`);
  const entries: readonly Entry[] = [
    { key: 'type', value: usage === 'COUNTER' ? 'counter' : 'gauge' },
    { key: 'description', value: description.trim() || name },
    { key: 'labels', value: labels.length > 0 ? { list: labels } : undefined },
    { key: 'value', value: column },
    { key: 'map', value: usage === 'MAPPEDMETRIC' && mapping ? { map: mapping } : undefined },
  ];
  const places = new Map([['query', queryPath]]);
  return { diagnostics: at.diagnostics, kind: 'column', name, sql, entries, obstacles: [], places };
}

/** One query for each part of which something is left. */
function queriesOf(
  parts: readonly Part[],
  comments: Comments,
  { families, source }: { readonly source: YamlSource; readonly families: FamilyUse[] },
): readonly QueryText[] {
  const names = new Names('name');
  return parts.flatMap(({ diagnostics, metrics, name, sql }) => {
    const possible = metrics.filter((metric) => isPossible(metric, source, families));
    if (possible.length === 0) return [];
    return {
      name: names.give(name),
      comment: comments.of(diagnostics.path),
      sql,
      metrics: possible.map((metric) => ({ name: metric.name, comment: undefined, entries: metric.entries })),
    };
  });
}
