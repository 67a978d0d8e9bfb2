/**
 * Collectors of sql_exporter as query sets: https://github.com/burningalchemist/sql_exporter
 *
 * What sql_exporter itself refuses is an error. A metric that it accepts but our language cannot express is left out,
 * with the reason of our own reader.
 */

import { isMap } from '../config/check/maps.ts';
import { fieldsOf, itemsOf, textOf } from '../config/compat/fields.ts';
import type { FamilyUse } from '../config/query-file/families.ts';
import { contentOf, type Located } from '../config/yaml/located.ts';
import { readYaml, type YamlSource } from '../config/yaml/source.ts';
import { isError } from '../diagnostics/diagnostic.ts';
import type { DiagnosticList, Diagnostics } from '../diagnostics/diagnostics.ts';
import { Comments } from './comments.ts';
import type { ConvertedFile, SourceText } from './converted.ts';
import { isPossible } from './foreign-metric.ts';
import { Names } from './names.ts';
import { parsePrometheusDuration } from './prometheus-duration.ts';
import { type MetricText, type QueryText, queryFile } from './query-set-text.ts';
import { type CollectorMetric, readCollectorMetric } from './sql-exporter-metric.ts';

/** Whether a file has the shape of sql_exporter's: one collector, or its configuration with some. */
export const looksLikeSqlExporter = (file: unknown): boolean =>
  isMap(file) && ['collector_name', 'collectors', 'collector_files'].some((key) => Object.hasOwn(file, key));

/** A query set in a file of its own for each collector of all files. */
export function convertSqlExporter(
  sources: readonly SourceText[],
  found: DiagnosticList,
): readonly ConvertedFile[] {
  const shared: ConversionContext = { names: new Names('name'), families: [] };
  return sources.flatMap(({ file, text }) => {
    const source = readYaml(file, text);
    const root = contentOf(source, found);
    // Parts that are no valid YAML would be reported as missing, too.
    if (root === undefined || source.problems.some(isError)) return [];
    return convertFile(root, { source, shared, text });
  });
}

/** What all files have in common. */
interface ConversionContext {
  readonly names: Names;
  /** Of the metrics of all collectors that were accepted: they may meet in one answer. */
  readonly families: FamilyUse[];
}

interface Scope {
  readonly source: YamlSource;
  readonly shared: ConversionContext;
  readonly text: string;
}

function convertFile(root: Located, scope: Scope): readonly ConvertedFile[] {
  const isWhole = isMap(root.value) && !Object.hasOwn(root.value, 'collector_name');
  const collectors = (isWhole ? collectorsOf(root) : [root]).flatMap((at) => readCollector(at) ?? []);
  const comments = new Comments(scope.text, '1.2').assignTo(
    collectors.flatMap(({ diagnostics, metrics }) => [
      diagnostics.path,
      ...metrics.map((metric) => metric.diagnostics.path),
    ]),
  );
  return collectors.flatMap((collector, i) => {
    const queries = queriesOf(collector, comments, scope);
    if (queries.length === 0) return [];
    const name = scope.shared.names.give(collector.name);
    if (name !== collector.name)
      collector.atName.warn(`collector_name: the query set is called ${name} here`);
    const { path } = collector.diagnostics;
    const comment = path.length > 0 ? comments.of(path) : undefined;
    const header = i === 0 ? comments.of([]) : undefined;
    return [queryFile({ name, comment, header, namespace: '', queries })];
  });
}

/** The collectors of a whole configuration; its other parts are about targets. */
function collectorsOf(root: Located): readonly Located[] {
  const fields = fieldsOf(root, ['collectors', 'global', 'target', 'jobs', 'collector_files']);
  const tell = (key: 'global' | 'target' | 'jobs' | 'collector_files', todo: string) =>
    fields?.[key]?.diagnostics.warn(`${key}: is not converted; ${todo}`);
  tell('global', 'timeouts and connections are keys of the defaults of targets.yml');
  tell('target', 'write the server below targets in targets.yml');
  tell('jobs', 'write their servers below targets in targets.yml');
  tell('collector_files', 'convert these files too');
  const items = itemsOf(fields?.collectors);
  if (items.length === 0)
    root.diagnostics.error('there is no collector in this file: convert the *.collector.yml');
  return items;
}

interface Collector {
  readonly diagnostics: Diagnostics;
  readonly name: string;
  readonly atName: Diagnostics;
  readonly minIntervalMs: number | undefined;
  readonly metrics: readonly CollectorMetric[];
}

function readCollector(at: Located): Collector | undefined {
  const { diagnostics } = at;
  const fields = fieldsOf(at, ['collector_name', 'min_interval', 'metrics', 'queries']);
  if (fields === undefined) return undefined;
  const name = textOf(fields.collector_name);
  if (name === '') diagnostics.error('there is no collector_name: add one');
  const queries = readQueries(fields.queries);
  const items = itemsOf(fields.metrics);
  if (items.length === 0) diagnostics.error('the collector has no metrics: add some');
  const metrics = items.flatMap((item) => readCollectorMetric(item, queries) ?? []);
  for (const [query, sql] of queries)
    if (!metrics.some(({ queryRef }) => queryRef === query))
      sql.diagnostics.warn(`queries: no metric uses "${query}", so it is left out`);
  return {
    diagnostics,
    name: name ?? '',
    atName: (fields.collector_name ?? at).diagnostics,
    minIntervalMs: readInterval(fields.min_interval),
    metrics,
  };
}

/** The statements of named queries. */
function readQueries(at: Located | undefined): ReadonlyMap<string, Located> {
  const queries = new Map<string, Located>();
  for (const item of itemsOf(at)) {
    const fields = fieldsOf(item, ['query_name', 'query'], ['no_prepared_statement']);
    if (fields === undefined) continue;
    const name = textOf(fields.query_name);
    const sql = textOf(fields.query);
    if (name === '') item.diagnostics.error('there is no query_name: add one');
    if (sql === '') item.diagnostics.error('there is no query: add one');
    if (name && sql) queries.set(name, { value: sql, diagnostics: (fields.query ?? item).diagnostics });
  }
  return queries;
}

function readInterval(at: Located | undefined): number | undefined {
  const text = textOf(at);
  if (!text || at === undefined) return undefined;
  const duration = parsePrometheusDuration(text);
  if (!duration.ok) at.diagnostics.error(`min_interval: ${duration.message}`, 'value');
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
    if (!isPossible(metric, scope.source, scope.shared.families)) continue;
    const { queryRef: ref, name, entries } = metric;
    const text: MetricText = { name, comment: comments.of(metric.diagnostics.path), entries };
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
