/**
 * Collectors of sql_exporter as query sets: https://github.com/burningalchemist/sql_exporter
 *
 * What sql_exporter itself refuses is an error. A metric that it takes and our language cannot say is left out with
 * the reason of our own reader.
 */

import { isMap, reporter } from '../config/check/zod-issues.ts';
import { fieldsOf, itemsOf, type Located, type Notes, textOf } from '../config/compat/fields.ts';
import { checkFamilies, type FamilyUse } from '../config/query-file/families.ts';
import { readQueryFile } from '../config/query-file/query-file.ts';
import { type Path, readYaml, type YamlSource } from '../config/yaml/source.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { Comments } from './comments.ts';
import type { ConvertedFile, SourceText } from './converted.ts';
import { parsePrometheusDuration } from './duration-text.ts';
import { Names } from './names.ts';
import { type MetricText, type QueryText, queryFile } from './query-set-text.ts';
import { type CollectorMetric, readCollectorMetric } from './sql-exporter-metric.ts';

/** Whether a file has the shape of sql_exporter's: one collector, or its configuration with some. */
export const looksLikeSqlExporter = (file: unknown): boolean =>
  isMap(file) && ['collector_name', 'collectors', 'collector_files'].some((key) => Object.hasOwn(file, key));

/** A query set in a file of its own for each collector of all files. */
export function convertSqlExporter(
  sources: readonly SourceText[],
  findings: Diagnostic[],
): readonly ConvertedFile[] {
  const shared: ConversionContext = { names: new Names('name'), families: [] };
  const files = sources.flatMap(({ file, text }) => {
    const source = readYaml(file, text);
    findings.push(...source.findings);
    // What could not be read would be missed below, too.
    if (source.findings.some(({ severity }) => severity === 'error')) return [];
    const notes = { report: reporter(source, findings), warn: reporter(source, findings, 'warning') };
    return convertFile({ source, notes, shared, text });
  });
  return files;
}

/** What all files have in common. */
interface ConversionContext {
  readonly names: Names;
  /** Those that were taken, of all collectors: they may meet in one answer. */
  readonly families: FamilyUse[];
}

interface Scope {
  readonly source: YamlSource;
  readonly notes: Notes;
  readonly shared: ConversionContext;
  readonly text: string;
}

function convertFile(scope: Scope): readonly ConvertedFile[] {
  const { notes, source, text } = scope;
  const root: Located = { value: source.value, path: [] };
  const isWhole = isMap(source.value) && !Object.hasOwn(source.value, 'collector_name');
  const collectors = isWhole ? collectorsOf(root, notes) : [root];
  const read = collectors.flatMap((at) => readCollector(at, notes) ?? []);
  const comments = new Comments(text, '1.2').assignTo(
    read.flatMap(({ at, metrics }) => [at.path, ...metrics.map(({ path }) => path)]),
  );
  return read.flatMap((collector, i) => {
    const queries = queriesOf(collector, comments, scope);
    if (queries.length === 0) return [];
    const name = scope.shared.names.give(collector.name);
    if (name !== collector.name)
      scope.notes.warn(collector.namePath, `collector_name: the query set is called ${name} here`);
    const comment = collector.at.path.length > 0 ? comments.of(collector.at.path) : undefined;
    const header = i === 0 ? comments.of([]) : undefined;
    return [queryFile({ name, comment, header, namespace: '', queries })];
  });
}

/** Of the whole configuration, the collectors; what else stands there is about targets. */
function collectorsOf(root: Located, notes: Notes): readonly Located[] {
  const fields = fieldsOf(root, ['collectors', 'global', 'target', 'jobs', 'collector_files'], notes);
  const tell = (key: 'global' | 'target' | 'jobs' | 'collector_files', todo: string) => {
    const field = fields?.[key];
    if (field !== undefined) notes.warn(field.path, `${key}: is not converted; ${todo}`);
  };
  tell('global', 'timeouts and connections are keys of the defaults of targets.yml');
  tell('target', 'write the server below targets in targets.yml');
  tell('jobs', 'write their servers below targets in targets.yml');
  tell('collector_files', 'convert these files too');
  const items = itemsOf(fields?.collectors, notes);
  if (items.length === 0) notes.report([], 'there is no collector in this file: convert the *.collector.yml');
  return items;
}

interface Collector {
  readonly at: Located;
  readonly name: string;
  readonly namePath: Path;
  readonly minIntervalMs: number | undefined;
  readonly metrics: readonly CollectorMetric[];
}

function readCollector(at: Located, notes: Notes): Collector | undefined {
  const fields = fieldsOf(at, ['collector_name', 'min_interval', 'metrics', 'queries'], notes);
  if (fields === undefined) return undefined;
  const name = textOf(fields.collector_name, notes);
  if (name === '') notes.report(at.path, 'there is no collector_name: add one');
  const queries = readQueries(fields.queries, notes);
  const items = itemsOf(fields.metrics, notes);
  if (items.length === 0) notes.report(at.path, 'the collector has no metrics: add some');
  const metrics = items.flatMap((item) => readCollectorMetric(item, queries, notes) ?? []);
  for (const [query, { path }] of queries)
    if (!metrics.some(({ queryRef }) => queryRef === query))
      notes.warn(path, `queries: no metric uses "${query}", so it is left out`);
  return {
    at,
    name: name ?? '',
    namePath: fields.collector_name?.path ?? at.path,
    minIntervalMs: readInterval(fields.min_interval, notes),
    metrics,
  };
}

/** The statements of named queries. */
function readQueries(at: Located | undefined, notes: Notes): ReadonlyMap<string, Located> {
  const queries = new Map<string, Located>();
  for (const item of itemsOf(at, notes)) {
    const fields = fieldsOf(item, ['query_name', 'query'], notes, ['no_prepared_statement']);
    if (fields === undefined) continue;
    const name = textOf(fields.query_name, notes);
    const sql = textOf(fields.query, notes);
    if (name === '') notes.report(item.path, 'there is no query_name: add one');
    if (sql === '') notes.report(item.path, 'there is no query: add one');
    if (name && sql) queries.set(name, { value: sql, path: fields.query?.path ?? item.path });
  }
  return queries;
}

function readInterval(at: Located | undefined, notes: Notes): number | undefined {
  const text = textOf(at, notes);
  if (!text || at === undefined) return undefined;
  const duration = parsePrometheusDuration(text);
  if (!duration.ok) notes.report(at.path, `min_interval: ${duration.message}`, 'value');
  return duration.ok && duration.value > 0 ? duration.value : undefined;
}

/** Metrics with one query_ref become one query, in the place of the first of them. */
function queriesOf(
  { metrics, minIntervalMs }: Collector,
  comments: Comments,
  scope: Scope,
): readonly QueryText[] {
  const names = new Names('name');
  const queries: (Omit<QueryText, 'metrics'> & { ref: string | undefined; metrics: MetricText[] })[] = [];
  for (const metric of metrics) {
    if (!isSayable(metric, scope)) continue;
    const { queryRef: ref, name, entries } = metric;
    const text: MetricText = { name, comment: comments.of(metric.path), entries };
    const same = queries.find(
      (query) =>
        ref !== undefined && query.ref === ref && query.metrics.every((other) => other.name !== name),
    );
    if (same !== undefined) same.metrics.push(text);
    else {
      const query = { name: names.give(ref ?? name), comment: undefined, sql: metric.sql, minIntervalMs };
      queries.push({ ...query, ref, metrics: [text] });
    }
  }
  return queries.map(({ ref: _, ...query }) => query);
}

/** Whether our reader takes the metric; it is listed when not. */
function isSayable({ keys, name, path, places, sql }: CollectorMetric, scope: Scope): boolean {
  const { notes, shared, source } = scope;
  const value = {
    query_sets: { set: { namespace: '', queries: { it: { query: sql, metrics: { [name]: keys } } } } },
  };
  const found: Diagnostic[] = [];
  const positionOf: YamlSource['positionOf'] = (ours, at) => {
    // query_sets, set, queries, it, and then a key of the query; below metrics the name, and then a key of it
    const key = String(ours[4] === 'metrics' ? ours[6] : ours[4]);
    return source.positionOf(places.get(key) ?? path, at);
  };
  const sets = readQueryFile({ file: source.file, value, findings: [], positionOf }, found);
  const uses = sets.flatMap(({ families }) => families);
  // All of them are fine so far, so what is found is about this one.
  found.push(...checkFamilies([...shared.families, ...uses]));
  const reasons = [...new Set(found.flatMap((one) => (one.severity === 'error' ? [one.message] : [])))];
  if (name === '__proto__') reasons.push('this name is not possible here');
  if (/\{\{/.test(sql))
    reasons.push('Go templates ({{ }}) have no counterpart here, write the text that it becomes');
  for (const reason of reasons) notes.warn(path, `metric_name "${name}": is left out: ${reason}`);
  if (reasons.length === 0) shared.families.push(...uses);
  return reasons.length === 0;
}
