/**
 * One query file, checked and in its normal form: the short form becomes queries, defaults are filled in.
 *
 * The schema has been reported by the caller's pass over the whole file; here are the rules that join several keys.
 */

import type { Declaration, FamilyUse } from './families.ts';
import type { Finding } from './finding.ts';
import { paramsOfGrants } from './grants.ts';
import { readMetric } from './metric.ts';
import type { OnEmpty, PivotDefinition } from './metric-definition.ts';
import { labelNames, lintFamily, lintLabels } from './metric-lint.ts';
import { only } from './only.ts';
import { declareParam } from './params.ts';
import { readPivot } from './pivot.ts';
import { placeholdersOf } from './placeholders.ts';
import type { ParamType, QueryDefinition, QuerySetDefinition } from './query-definition.ts';
import { readExecution } from './query-execution.ts';
import {
  metricSchema,
  type ParamKeys,
  type QueryKeys,
  queryFileSchema,
  querySchema,
  querySetSchema,
  type RequirementKeys,
  shortMetricSchema,
} from './query-file-schema.ts';
import { readRequirement } from './requirement.ts';
import { hintFor } from './suggest.ts';
import { switchesOf } from './switches.ts';
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

interface QueryScope extends Scope {
  /** What the set requires of a server. */
  readonly requires: RequirementKeys | undefined;
  /** A warning about a name, unless the set has others' names. */
  readonly advise: Report;
  /** What stands in the file for each query of the set. */
  readonly siblings: ReadonlyMap<string, unknown>;
}

function readSet(name: string, raw: unknown, scope: Scope): QuerySetDefinition {
  const { value, faulty } = salvage(querySetSchema, raw);
  const namespace = value.namespace ?? DEFAULT_NAMESPACE;
  const long = isMap(raw) ? entriesOf(raw['queries']) : [];
  const short = isMap(raw) ? entriesOf(raw['metrics']) : [];
  if (isMap(raw) && long.length + short.length === 0 && faulty.size === 0)
    scope.report(scope.path, `the query set "${name}" has no query: add one below queries or metrics`);

  const queries: QueryDefinition[] = [];
  const { requires } = value;
  const advise = value.lint === false ? () => {} : scope.warn;
  const siblings = new Map([...short, ...long]);
  readRequirement(requires, (sub, message) => scope.report([...scope.path, 'requires', ...sub], message));
  for (const [query, part] of long) {
    const path = [...scope.path, 'queries', query];
    queries.push(...readQuery(query, part, namespace, { ...scope, path, requires, advise, siblings }));
  }
  for (const [query, part] of short) {
    const path = [...scope.path, 'metrics', query];
    if (long.some(([other]) => other === query))
      scope.report(path, `the query "${query}" stands both below queries and below metrics: rename one`);
    queries.push(...readShortMetric(query, part, namespace, { ...scope, path, requires, advise, siblings }));
  }
  const params = readParams(value.params, queries, scope);
  const description = value.description?.trim() ?? '';
  return { name, description, ...only({ cost: value.cost, params }), queries };
}

/** Declared parameters must be used, and those that are used declared. */
function readParams(
  keys: ParamKeys = {},
  queries: readonly QueryDefinition[],
  { path, report, warn }: Scope,
): QuerySetDefinition['params'] {
  const used = new Set<string>();
  const use = (name: string, who: string) => {
    used.add(name);
    if (!Object.hasOwn(keys, name))
      report(
        path,
        `${who}, which is no parameter of the set${hintFor(name, Object.keys(keys), 'parameters')}`,
      );
  };
  for (const query of queries) {
    for (const { sql, sqlFile } of [query, ...(query.variants ?? [])]) {
      const place = sqlFile === undefined ? '' : ` in the file ${sqlFile}`;
      for (const { name } of Object.keys(keys).length === 0 ? [] : placeholdersOf(sql))
        use(name, `the query "${query.name}"${place} names :${name}`);
    }
    const mustBe = (type: ParamType, name: string, how: string) => {
      use(name, `the query "${query.name}" ${how} "${name}"`);
      const given = keys[name]?.type;
      if (given !== undefined && given !== type)
        report(
          [...path, 'params', name],
          `the query "${query.name}" ${how} "${name}", which must be ${type} for that, not ${given}`,
        );
    };
    for (const name of new Set([query.onlyIf ?? [], ...switchesOf(query)].flat()))
      mustBe('boolean', name, 'depends on');
    for (const name of paramsOfGrants(query)) mustBe('identifier', name, 'has grants on');
  }
  const params = Object.entries(keys).flatMap(([name, { default: raw, description, type }]) => {
    if (!used.has(name)) warn([...path, 'params', name], `no query of the set uses "${name}"`);
    const declared = declareParam(type, raw);
    if (!declared.ok) report([...path, 'params', name, 'default'], `default: ${declared.message}`, 'value');
    return declared.ok ? [[name, { ...declared.value, ...only({ description }) }] as const] : [];
  });
  return params.length === 0 ? undefined : Object.fromEntries(params);
}

/** A query; none when it is switched off. */
function readQuery(name: string, raw: unknown, namespace: string, scope: QueryScope): QueryDefinition[] {
  const { value, faulty } = salvage(querySchema, raw);
  const entries = isMap(raw) ? entriesOf(raw['metrics']) : [];
  if (isMap(raw) && isMap(raw['metrics']) && entries.length === 0 && !faulty.has('metrics'))
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
  if (isMap(raw) && !['metrics', 'key_value', 'columns'].some((key) => Object.hasOwn(raw, key)))
    scope.report(
      scope.path,
      `the query "${name}" needs metrics, key_value or columns: what its result becomes`,
    );
  const execution = readExecution(value, { ...scope, faulty, setRequires: scope.requires });
  const query = { name, description: value.description?.trim() ?? '', ...execution, metrics };
  if (value.enabled === false) return [];
  return [pivot === undefined ? query : { ...query, pivot }];
}

/** `key_value` or `columns`: metrics whose names come from the data. */
function addPivot(
  { columns, key_value: keyValue }: Partial<QueryKeys>,
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
  scope: QueryScope,
): QueryDefinition[] {
  const { value, faulty } = salvage(shortMetricSchema, raw);
  const metrics = addMetric(name, namespace, value, faulty, { ...scope, onEmpty: value.on_empty });
  const execution = readExecution(value, { ...scope, faulty, setRequires: scope.requires });
  if (value.enabled === false) return [];
  return [{ name, description: value.description?.trim() ?? '', ...execution, metrics }];
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
