/**
 * The one file of query-exporter-simple: a `dsn`, and `metrics` with a query each. Served at /metrics.
 */
import { basename, extname } from 'node:path';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Config } from '../../model/config.ts';
import { isMap, reporter } from '../check/zod-issues.ts';
import { checkFamilies } from '../query-file/families.ts';
import type { LoadedQuerySet } from '../query-file/query-file.ts';
import type { YamlSource } from '../yaml/source.ts';
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
export function readSimple(source: YamlSource, findings: Diagnostic[]): Config | undefined {
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
  const sets = readMetrics(QUERY_SET, fields.metrics, { source, findings, notes });
  findings.push(...checkFamilies(sets.flatMap(({ families }) => families)));
  if (dsn === undefined) return undefined;
  return {
    targets: new Map([[TARGET, targetOf(TARGET, dsn, [], [QUERY_SET])]]),
    querySets: new Map(sets.map(({ definition }) => [definition.name, definition])),
    scrapes: new Map(),
    metricsTarget: TARGET,
  };
}

/** The set of a file that stands in `query_files` of a targets.yml; it is named after the file. */
export function readSimpleAsSet(source: YamlSource, findings: Diagnostic[]): readonly LoadedQuerySet[] {
  findings.push(...source.findings);
  if (source.value === undefined) return [];
  const notes: Notes = {
    report: reporter(source, findings),
    warn: reporter(source, findings, 'warning'),
  };
  const fields = fieldsOf({ value: source.value, path: [] }, KEYS, notes);
  if (fields === undefined) return [];
  const name = setNameOf(source.file);
  if (fields.dsn !== undefined)
    notes.warn(
      fields.dsn.path,
      `dsn: ignored here, for the targets of a targets.yml are asked: put query_sets: [${name}] there, in a group or a target`,
    );
  return readMetrics(name, fields.metrics, { source, findings, notes });
}

/** The name of a file as the name of a query set: what that may not have becomes an underscore. */
function setNameOf(file: string): string {
  const name = basename(file, extname(file)).replaceAll(/[^a-zA-Z0-9_.]/g, '_');
  return /^[a-zA-Z_]/.test(name) ? name : `_${name}`;
}

interface Scope {
  readonly source: YamlSource;
  readonly findings: Diagnostic[];
  readonly notes: Notes;
}

/** The one set of a file; none when no metric could be read. */
function readMetrics(name: string, metrics: Located | undefined, { source, findings, notes }: Scope) {
  const path = metrics?.path ?? [];
  const entries = namesOf(metrics, notes);
  if (entries.length === 0) notes.report(path, 'there are no metrics: add some');
  const queries = entries.flatMap(([metric, at]) => readQuery(metric, at, notes) ?? []);
  return queries.length === 0 ? [] : readDrafts([{ name, path, queries }], source, findings);
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
