/**
 * One query file, checked and in its normal form: the short form becomes queries, defaults are filled in.
 *
 * First the schema is reported for the whole file, then each set is read out of what the schema accepts, under the rules
 * that join several keys. Parts of it have files of their own: metric.ts, pivot.ts, query-execution.ts, params.ts.
 */

import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { OnEmpty, PivotDefinition } from '../../model/metric.ts';
import { DEFAULT_NAMESPACE, type QueryDefinition, type QuerySetDefinition } from '../../model/query-set.ts';
import { entriesOf, isMap, type Report, reporter, reportIssues, salvage } from '../check/zod-issues.ts';
import { only } from '../only.ts';
import type { Path, YamlSource } from '../yaml/source.ts';
import { readExecution } from './execution.ts';
import type { Declaration, FamilyUse } from './families.ts';
import { readMetric } from './metric.ts';
import { labelNames, lintFamily, lintLabels } from './metric-lint.ts';
import { metricSchema } from './metric-schema.ts';
import { paramUses } from './param-uses.ts';
import { type DeclaredParams, readParams, rightParams } from './params.ts';
import { readPivot } from './pivot.ts';
import { readRequirement } from './requirement.ts';
import type { RequirementKeys } from './requirement-schema.ts';
import { type QueryKeys, queryFileSchema, querySchema, querySetSchema, shortMetricSchema } from './schema.ts';

export interface LoadedQuerySet {
  readonly definition: QuerySetDefinition;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Of the queries that are not switched off. */
  readonly families: readonly FamilyUse[];
  /** Also those that are wrong; undefined when even their names are not known. */
  readonly params: DeclaredParams | undefined;
}

/** The sets of a file. When findings has an error afterwards they may be incomplete. */
export function readQueryFile(source: YamlSource, findings: Diagnostic[]): LoadedQuerySet[] {
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
    const read = readSet(name, raw, { source, report, warn, families, path });
    return { ...read, file: source.file, ...source.positionOf(path), families };
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

interface QueryScope extends Scope {
  /** What the set requires of a server. */
  readonly requires: RequirementKeys | undefined;
  /** A warning about a name, unless the set has others' names. */
  readonly advise: Report;
  /** What stands in the file for each query of the set. */
  readonly siblings: ReadonlyMap<string, unknown>;
}

/** A query as it stands in the file. */
interface ReadQuery {
  readonly definition: QueryDefinition;
  readonly isEnabled: boolean;
}

function readSet(name: string, raw: unknown, scope: Scope): Pick<LoadedQuerySet, 'definition' | 'params'> {
  const { value, faulty } = salvage(querySetSchema, raw);
  const namespace = value.namespace ?? DEFAULT_NAMESPACE;
  const long = isMap(raw) ? entriesOf(raw['queries']) : [];
  const short = isMap(raw) ? entriesOf(raw['metrics']) : [];
  if (isMap(raw) && long.length + short.length === 0 && faulty.size === 0)
    scope.report(scope.path, `the query set "${name}" has no query: add one below queries or metrics`);

  const { requires } = value;
  const advise = value.lint === false ? () => {} : scope.warn;
  const siblings = new Map([...short, ...long]);
  readRequirement(requires, (sub, message) => scope.report([...scope.path, 'requires', ...sub], message));
  const readPart = (key: 'queries' | 'metrics', query: string, part: unknown) => {
    const path = [...scope.path, key, query];
    const read = key === 'queries' ? readQuery : readShortMetric;
    const result = read(query, part, namespace, { ...scope, path, requires, advise, siblings });
    return result === undefined ? [] : [{ ...result, uses: paramUses(result.definition, part, path) }];
  };
  const queries = [
    ...long.flatMap(([query, part]) => readPart('queries', query, part)),
    ...short.flatMap(([query, part]) => readPart('metrics', query, part)),
  ];
  for (const [query] of short)
    if (long.some(([other]) => other === query))
      scope.report(
        [...scope.path, 'metrics', query],
        `the query "${query}" stands both below queries and below metrics: rename one`,
      );
  const enabled = queries.filter(({ isEnabled }) => isEnabled);
  if (queries.length > 0 && enabled.length === 0)
    scope.warn(
      scope.path,
      `every query of the query set "${name}" is switched off by enabled: false: nothing is asked`,
    );
  const declared = readParams(
    raw,
    queries.flatMap(({ uses }) => uses),
    scope,
  );
  const description = value.description?.trim() ?? '';
  const optional = only({ cost: value.cost, params: rightParams(declared) });
  const definition = { name, description, ...optional, queries: enabled.map((query) => query.definition) };
  return { definition, params: declared };
}

/** A query; undefined when there is nothing to read, which was reported. */
function readQuery(name: string, raw: unknown, namespace: string, given: QueryScope): ReadQuery | undefined {
  if (!isMap(raw)) return undefined; // Reported with the whole file.
  if (Object.keys(raw).length === 0) {
    given.report(given.path, `the query "${name}" is empty: add query, and metrics, key_value or columns`);
    return undefined;
  }
  const { value, faulty } = salvage(querySchema, raw);
  const scope = ofEnabled(value.enabled, given);
  const entries = entriesOf(raw['metrics']);
  if (isMap(raw['metrics']) && entries.length === 0 && !faulty.has('metrics'))
    scope.report([...scope.path, 'metrics'], `the query "${name}" has no metric`);
  const metrics = entries.flatMap(([metric, part]) => {
    const path = [...scope.path, 'metrics', metric];
    const { value: metricKeys, faulty: faultyKeys } = salvage(metricSchema, part);
    return addMetric(metric, namespace, metricKeys, faultyKeys, {
      ...scope,
      path,
      onEmpty: value.on_empty,
    });
  });
  const pivot = addPivot(value, faulty, namespace, scope);
  if (!['metrics', 'key_value', 'columns'].some((key) => Object.hasOwn(raw, key)))
    scope.report(
      scope.path,
      `the query "${name}" needs metrics, key_value or columns: what its result becomes`,
    );
  const execution = readExecution(value, { ...scope, faulty, setRequires: scope.requires });
  const definition = { name, description: value.description?.trim() ?? '', ...execution, metrics };
  return {
    definition: pivot === undefined ? definition : { ...definition, pivot },
    isEnabled: value.enabled !== false,
  };
}

/** What is switched off meets no other: its families are not taken note of. */
const ofEnabled = (enabled: boolean | undefined, scope: QueryScope): QueryScope =>
  enabled === false ? { ...scope, families: [] } : scope;

/** `key_value` or `columns`: metrics whose names come from the data. */
function addPivot(
  { columns, key_value: keyValue, on_empty: onEmpty }: Partial<QueryKeys>,
  faulty: ReadonlySet<string>,
  namespace: string,
  scope: QueryScope,
): PivotDefinition | undefined {
  const { path, report, warn } = scope;
  if (keyValue !== undefined && columns !== undefined)
    report([...path, 'columns'], 'key_value and columns exclude each other: keep one of them');
  const key = keyValue === undefined ? 'columns' : 'key_value';
  const keys = keyValue ?? columns;
  if (keys === undefined || faulty.has(key)) return undefined;
  if (onEmpty === 'zero')
    report(
      [...path, 'on_empty'],
      `on_empty: zero is for metrics that stand in the file, and those of ${key} are named by the rows: remove on_empty`,
    );
  return readPivot(keys, {
    report: (at, message) => report([...path, key, ...at], message),
    warn: (at, message) => warn([...path, key, ...at], message),
    familyOf: (metric) => familyName(namespace, metric),
    declare: (at, declared) => declare(declared, { ...scope, path: [...path, key, ...at] }),
  });
}

function readShortMetric(
  name: string,
  raw: unknown,
  namespace: string,
  given: QueryScope,
): ReadQuery | undefined {
  if (!isMap(raw)) return undefined; // Reported with the whole file.
  const { value, faulty } = salvage(shortMetricSchema, raw);
  const scope = ofEnabled(value.enabled, given);
  const metrics = addMetric(name, namespace, value, faulty, { ...scope, onEmpty: value.on_empty });
  const execution = readExecution(value, { ...scope, faulty, setRequires: scope.requires });
  const definition = { name, description: value.description?.trim() ?? '', ...execution, metrics };
  return { definition, isEnabled: value.enabled !== false };
}

function addMetric(
  name: string,
  namespace: string,
  keys: Parameters<typeof readMetric>[1],
  faulty: ReadonlySet<string>,
  scope: QueryScope & { readonly onEmpty: OnEmpty | undefined },
) {
  const { onEmpty, path, report, warn } = scope;
  const familyOf = (metric: string) => familyName(namespace, metric);
  const metric = readMetric(familyOf(name), keys, {
    faulty,
    familyOf,
    onEmpty,
    report: (at, message) => report([...path, ...at], message),
    warn: (at, message) => warn([...path, ...at], message),
  });
  if (!metric) return [];
  const { aliases = [], family, help, type } = metric;
  declare({ families: [family, ...aliases], type, help, labels: labelNames(metric) }, scope);
  return [metric];
}

/** Takes note of families for the checks over all files, and gives advice about their names. */
function declare({ families, ...use }: Declaration, { advise, path, source, ...scope }: QueryScope): void {
  for (const [i, family] of families.entries()) {
    const at = i === 0 ? path : [...path, 'aliases', i - 1];
    for (const advice of lintFamily(family, use.type)) advise(at, advice);
    // What a name from data meets is known when a server has answered; query-set/family-table.ts sees to it.
    if (!family.includes('$'))
      scope.families.push({ family, ...use, file: source.file, ...source.positionOf(at) });
  }
  for (const advice of lintLabels(use.labels)) advise(path, advice);
}

const familyName = (namespace: string, metric: string): string =>
  namespace === '' ? metric : `${namespace}_${metric}`;
