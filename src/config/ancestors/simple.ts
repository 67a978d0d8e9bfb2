/**
 * The one file of query-exporter-simple: a `dsn`, and `metrics` with a query each. Served at /metrics.
 */
import type { Config } from '../config.ts';
import { checkFamilies } from '../families.ts';
import type { Finding } from '../finding.ts';
import type { YamlSource } from '../yaml-source.ts';
import { isMap, reporter } from '../zod-findings.ts';
import { fieldsOf, type Located, type Notes, namesOf } from './fields.ts';
import { METRIC_KEYS, type QueryDraft, readDrafts, readMetricDraft, readStatement } from './query-sets.ts';
import { readDsn, targetOf } from './target.ts';

/** The name of its target, and of its query set. */
const TARGET = 'default';
const QUERY_SET = 'metrics';
const KEYS = ['dsn', 'metrics'] as const;

/** Whether a file has the shape of one of query-exporter-simple, which none of ours has. */
export function looksSimple(file: unknown): boolean {
  const keys = isMap(file) ? Object.keys(file).map((key) => key.toLowerCase()) : [];
  return keys.length > 0 && keys.every((key) => KEYS.some((known) => known === key));
}

/** The configuration; undefined only together with an error in findings. */
export function readSimple(source: YamlSource, findings: Finding[]): Config | undefined {
  findings.push(...source.findings);
  if (source.value === undefined) return undefined;
  const notes: Notes = {
    report: reporter(source, findings),
    warn: reporter(source, findings, 'warning'),
  };
  const root: Located = { value: source.value, path: [] };
  const fields = fieldsOf(root, KEYS, notes);
  if (fields === undefined) return undefined;
  const dsn = readDsn(root, fields.dsn, notes);
  const entries = namesOf(fields.metrics, notes);
  const queries = entries.flatMap(([name, at]) => readQuery(name, at, notes) ?? []);
  const drafts = [{ name: QUERY_SET, path: fields.metrics?.path ?? [], queries }];
  const sets = queries.length === 0 ? [] : readDrafts(drafts, source, findings);
  findings.push(...checkFamilies(sets.flatMap(({ families }) => families)));
  if (entries.length === 0) notes.report(fields.metrics?.path ?? [], 'there are no metrics: add some');
  if (dsn === undefined) return undefined;
  return {
    targets: new Map([[TARGET, targetOf(TARGET, dsn, [], [QUERY_SET])]]),
    querySets: new Map(sets.map(({ definition }) => [definition.name, definition])),
    scrapes: new Map(),
    metricsTarget: TARGET,
  };
}

/** A metric with its query. No limit of its own: the ancestor had none, so the target's holds. */
function readQuery(name: string, at: Located, notes: Notes): QueryDraft | undefined {
  const fields = fieldsOf(at, [...METRIC_KEYS, 'query'], notes, ['name']);
  if (fields === undefined) return undefined;
  const metric = readMetricDraft(name, at, fields, notes);
  const sql = readStatement(at, fields.query, notes);
  if (metric === undefined || sql === undefined) return undefined;
  return { path: at.path, sql, timeoutSeconds: undefined, metrics: [metric] };
}
