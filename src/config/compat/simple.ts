/**
 * The one file of query-exporter-simple: a `dsn`, and `metrics` with a query each. Served at /metrics.
 */
import { basename, extname } from 'node:path';
import type { DiagnosticList } from '../../diagnostics/diagnostics.ts';
import type { Config } from '../../model/config.ts';
import { isMap } from '../check/maps.ts';
import { checkFamilies } from '../query-file/families.ts';
import type { LoadedQuerySet } from '../query-file/query-file.ts';
import { contentOf, type Located } from '../yaml/located.ts';
import type { YamlSource } from '../yaml/source.ts';
import { fieldsOf, namesOf } from './fields.ts';
import { METRIC_KEYS, type QueryDraft, readDrafts, readMetricDraft, readStatement } from './query-sets.ts';
import { readServer, SERVER_KEYS, targetOf } from './target.ts';

/** The name of its target, and of its query set. */
const TARGET = 'default';
const QUERY_SET = 'metrics';
const KEYS = [...SERVER_KEYS, 'metrics'] as const;

/** Whether a file has the shape of one of query-exporter-simple, which no file of ours has. */
export function looksSimple(file: unknown): boolean {
  const keys = isMap(file) ? Object.keys(file).map((key) => key.toLowerCase()) : [];
  const isOneOf = (known: readonly string[]) => (key: string) => known.includes(key);
  return keys.some(isOneOf(['dsn', 'metrics'])) && keys.every(isOneOf(KEYS));
}

/** The configuration; undefined only together with an error. */
export function readSimple(source: YamlSource, found: DiagnosticList): Config | undefined {
  const root = contentOf(source, found);
  if (root === undefined) return undefined;
  const fields = fieldsOf(root, KEYS);
  if (fields === undefined) return undefined;
  const dsn = readServer(root, fields);
  const sets = readMetrics(QUERY_SET, fields.metrics, { source, root, found });
  checkFamilies(
    sets.flatMap(({ families }) => families),
    found,
  );
  if (dsn === undefined) return undefined;
  return {
    targets: new Map([[TARGET, targetOf(TARGET, dsn, [], [QUERY_SET])]]),
    patterns: [],
    groups: [],
    querySets: new Map(sets.map(({ definition }) => [definition.name, definition])),
    scrapes: new Map(),
    metricsTarget: TARGET,
    origins: undefined,
  };
}

/** The set of a file that stands in `query_files` of a targets.yml; it is named after the file. */
export function readSimpleAsSet(source: YamlSource, found: DiagnosticList): readonly LoadedQuerySet[] {
  const root = contentOf(source, found);
  if (root === undefined) return [];
  const fields = fieldsOf(root, KEYS);
  if (fields === undefined) return [];
  const name = setNameOf(source.file);
  fields.dsn?.diagnostics.warn(
    `dsn: ignored here, for the targets of a targets.yml are asked: put query_sets: [${name}] there, in a group or a target`,
  );
  return readMetrics(name, fields.metrics, { source, root, found });
}

/** The name of a file as the name of a query set: characters that it may not have become underscores. */
function setNameOf(file: string): string {
  const name = basename(file, extname(file)).replaceAll(/[^a-zA-Z0-9_.]/g, '_');
  return /^[a-zA-Z_]/.test(name) ? name : `_${name}`;
}

interface Scope {
  readonly source: YamlSource;
  readonly root: Located;
  readonly found: DiagnosticList;
}

/** The one set of a file; none when no metric could be read. */
function readMetrics(name: string, metrics: Located | undefined, { source, root, found }: Scope) {
  const { diagnostics } = metrics ?? root;
  const entries = namesOf(metrics);
  if (entries.length === 0) diagnostics.error('there are no metrics: add some');
  const queries = entries.flatMap(([metric, at]) => readQuery(metric, at) ?? []);
  return queries.length === 0 ? [] : readDrafts([{ name, path: diagnostics.path, queries }], source, found);
}

/** A metric with its query. It has no timeout of its own, so the target's holds. */
function readQuery(name: string, at: Located): QueryDraft | undefined {
  const fields = fieldsOf(at, [...METRIC_KEYS, 'query'], ['name']);
  if (fields === undefined) return undefined;
  const metric = readMetricDraft(name, at, fields);
  const sql = readStatement(at, fields.query);
  if (metric === undefined || sql === undefined) return undefined;
  return { path: at.diagnostics.path, sql, timeoutSeconds: undefined, metrics: [metric] };
}
