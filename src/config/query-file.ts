/**
 * One query file, checked and in its normal form: the short form becomes queries, defaults are filled in.
 *
 * The schema has been reported by the caller's pass over the whole file; here are the rules that join several keys.
 */
import type { QueryDefinition, QuerySetDefinition } from './config.ts';
import type { FamilyUse } from './families.ts';
import type { Finding } from './finding.ts';
import { readMetric } from './metric.ts';
import {
  DEFAULT_MAX_ROWS,
  DEFAULT_MAX_SERIES,
  metricSchema,
  type QueryKeys,
  queryFileSchema,
  querySchema,
  querySetSchema,
  shortMetricSchema,
} from './query-file-schema.ts';
import type { Path, YamlSource } from './yaml-source.ts';
import { entriesOf, isMap, type Report, reporter, reportIssues, salvage } from './zod-findings.ts';

const DEFAULT_NAMESPACE = 'query_exporter';

export interface LoadedQuerySet {
  readonly definition: QuerySetDefinition;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly families: readonly FamilyUse[];
}

/** The sets of a file. When findings has an error afterwards they may be incomplete. */
export function readQueryFile(source: YamlSource, findings: Finding[]): LoadedQuerySet[] {
  findings.push(...source.findings);
  if (source.value === undefined) return [];
  const report = reporter(source, findings);
  const warn = reporter(source, findings, 'warning');
  reportIssues(queryFileSchema, source.value, report);
  const sets = isMap(source.value) ? entriesOf(source.value['query_sets']) : [];
  if (sets.length === 0 && isMap(source.value) && isMap(source.value['query_sets']))
    report(['query_sets'], 'the file has no query set: add one below query_sets');
  return sets.map(([name, raw]) => {
    const families: FamilyUse[] = [];
    const path = ['query_sets', name];
    const definition = readSet(name, raw, { source, report, warn, families, path });
    return { definition, file: source.file, ...source.positionOf(path), families };
  });
}

/** Where a reader is in the file, and where it notes what it finds. */
interface Scope {
  readonly source: YamlSource;
  readonly report: Report;
  readonly warn: Report;
  readonly families: FamilyUse[];
  readonly path: Path;
}

function readSet(name: string, raw: unknown, scope: Scope): QuerySetDefinition {
  const { value, faulty } = salvage(querySetSchema, raw);
  const namespace = value.namespace ?? DEFAULT_NAMESPACE;
  const long = isMap(raw) ? entriesOf(raw['queries']) : [];
  const short = isMap(raw) ? entriesOf(raw['metrics']) : [];
  if (isMap(raw) && long.length + short.length === 0 && faulty.size === 0)
    scope.report(scope.path, `the query set "${name}" has no query: add one below queries or metrics`);

  const queries: QueryDefinition[] = [];
  for (const [query, part] of long)
    queries.push(readQuery(query, part, namespace, { ...scope, path: [...scope.path, 'queries', query] }));
  for (const [query, part] of short) {
    const path = [...scope.path, 'metrics', query];
    if (long.some(([other]) => other === query))
      scope.report(path, `the query "${query}" stands both below queries and below metrics: rename one`);
    queries.push(readShortMetric(query, part, namespace, { ...scope, path }));
  }
  return { name, description: value.description?.trim() ?? '', queries };
}

function readQuery(name: string, raw: unknown, namespace: string, scope: Scope): QueryDefinition {
  const { value, faulty } = salvage(querySchema, raw);
  const entries = isMap(raw) ? entriesOf(raw['metrics']) : [];
  if (isMap(raw) && isMap(raw['metrics']) && entries.length === 0 && !faulty.has('metrics'))
    scope.report([...scope.path, 'metrics'], `the query "${name}" has no metric`);
  const metrics = entries.flatMap(([metric, part]) => {
    const path = [...scope.path, 'metrics', metric];
    const { value: metricKeys, faulty: faultyKeys } = salvage(metricSchema, part);
    return addMetric(familyName(namespace, metric), metricKeys, faultyKeys, { ...scope, path });
  });
  return { name, description: value.description?.trim() ?? '', ...executionOf(value), metrics };
}

function readShortMetric(name: string, raw: unknown, namespace: string, scope: Scope): QueryDefinition {
  const { value, faulty } = salvage(shortMetricSchema, raw);
  const metrics = addMetric(familyName(namespace, name), value, faulty, scope);
  return { name, description: value.description?.trim() ?? '', ...executionOf(value), metrics };
}

function executionOf(keys: Partial<Omit<QueryKeys, 'metrics' | 'description'>>) {
  return {
    sql: keys.query?.trim() ?? '',
    timeoutMs: keys.timeout,
    grants: keys.grants ?? [],
    maxRows: keys.max_rows ?? DEFAULT_MAX_ROWS,
    maxSeries: keys.max_series ?? DEFAULT_MAX_SERIES,
  };
}

function addMetric(
  family: string,
  keys: Parameters<typeof readMetric>[1],
  faulty: ReadonlySet<string>,
  { source, report, warn, families, path }: Scope,
) {
  const metric = readMetric(family, keys, {
    faulty,
    report: (at, message) => report([...path, ...at], message),
    warn: (at, message) => warn([...path, ...at], message),
  });
  if (!metric) return [];
  const { type, help } = metric;
  families.push({ family, type, help, file: source.file, ...source.positionOf(path) });
  return [metric];
}

const familyName = (namespace: string, metric: string): string =>
  namespace === '' ? metric : `${namespace}_${metric}`;
