/**
 * One query file, checked and in its normal form: the short form becomes queries, defaults are filled in.
 *
 * First the violations of the schema are reported for the whole file, then each set is read from the parts that the
 * schema accepts, under the rules that join several keys. Parts of a set have files of their own: metric.ts, pivot.ts,
 * execution.ts, params.ts.
 */

import type { Place } from '../../diagnostics/diagnostic.ts';
import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import type { MetricDefinition, PivotDefinition } from '../../model/metric.ts';
import { DEFAULT_NAMESPACE, type QueryDefinition, type QuerySetDefinition } from '../../model/query-set.ts';
import { entriesOf, isMap, valueAt, withoutUndefined } from '../check/maps.ts';
import { salvage } from '../check/salvage.ts';
import { reportIssues } from '../check/zod-issues.ts';
import { readExecution } from './execution.ts';
import type { Declaration, FamilyUse } from './families.ts';
import { readMetric } from './metric.ts';
import { labelNames, lintFamily, lintLabels } from './metric-lint.ts';
import { type MetricKeys, metricSchema } from './metric-schema.ts';
import type { MetricScope } from './metric-value.ts';
import { type ParamUse, paramUses } from './param-uses.ts';
import { type DeclaredParams, readParams, rightParams } from './params.ts';
import { readPivot } from './pivot.ts';
import { readRequirement } from './requirement.ts';
import type { RequirementKeys } from './requirement-schema.ts';
import { type QueryKeys, queryFileSchema, querySchema, querySetSchema, shortMetricSchema } from './schema.ts';

/** A set and where it stands. */
export interface LoadedQuerySet extends Place {
  readonly definition: QuerySetDefinition;
  /** Of the queries that are enabled. */
  readonly families: readonly FamilyUse[];
  /** Including wrong ones; undefined when even their names are not known. */
  readonly params: DeclaredParams | undefined;
  /** The names of queries that are not, and of which nothing else is kept. */
  readonly disabled: readonly string[];
  /** Whether it takes the place of a shipped set. */
  readonly overrides: boolean;
}

/** The sets of a file. When an error was reported they may be incomplete. */
export function readQueryFile(file: unknown, diagnostics: Diagnostics): LoadedQuerySet[] {
  reportIssues(queryFileSchema, file, diagnostics);
  const raw = valueAt(file, 'query_sets');
  const at = diagnostics.at('query_sets');
  const sets = entriesOf(raw);
  if (isMap(raw) && sets.length === 0) at.error('the file has no query set: add one below query_sets');
  return sets.map(([name, set]) => readSet(name, set, at.at(name)));
}

interface QueryScope {
  /** Of the query. */
  readonly diagnostics: Diagnostics;
  readonly namespace: string;
  /** What the set requires of a server. */
  readonly setRequires: RequirementKeys | undefined;
  /** What stands in the file for each query of the set. */
  readonly siblings: ReadonlyMap<string, unknown>;
  /** Collects what is exposed, for the checks over all files. */
  readonly families: FamilyUse[];
}

interface ReadQuery {
  readonly definition: QueryDefinition;
  readonly isEnabled: boolean;
  readonly uses: readonly ParamUse[];
}

function readSet(name: string, raw: unknown, diagnostics: Diagnostics): LoadedQuerySet {
  const { value, faulty } = salvage(querySetSchema, raw);
  const families: FamilyUse[] = [];
  const long = entriesOf(valueAt(raw, 'queries'));
  const short = entriesOf(valueAt(raw, 'metrics'));
  if (isMap(raw) && long.length + short.length === 0 && faulty.size === 0)
    diagnostics.error(`the query set "${name}" has no query: add one below queries or metrics`);
  readRequirement(value.requires, diagnostics.at('requires'));
  const scope = {
    namespace: value.namespace ?? DEFAULT_NAMESPACE,
    setRequires: value.requires,
    siblings: new Map([...short, ...long]),
    families,
  };
  const parts = value.lint === false ? diagnostics.withoutAdvice() : diagnostics;
  const queries = [
    ...long.map(([query, part]) =>
      readQuery(query, part, { ...scope, diagnostics: parts.at('queries', query) }),
    ),
    ...short.map(([query, part]) =>
      readShortMetric(query, part, { ...scope, diagnostics: parts.at('metrics', query) }),
    ),
  ].filter((query) => query !== undefined);
  for (const [query] of short)
    if (long.some(([other]) => other === query))
      diagnostics
        .at('metrics', query)
        .error(`the query "${query}" stands both below queries and below metrics: rename one`);
  const enabled = queries.filter(({ isEnabled }) => isEnabled);
  if (queries.length > 0 && enabled.length === 0)
    diagnostics.warn(
      `every query of the query set "${name}" is switched off by enabled: false: nothing is asked`,
    );
  const uses = queries.flatMap((query) => query.uses);
  const params = readParams(raw, uses, diagnostics);
  const description = value.description?.trim() ?? '';
  const optional = withoutUndefined({ cost: value.cost, params: rightParams(params) });
  const definition = { name, description, ...optional, queries: enabled.map((query) => query.definition) };
  const overrides = value.override === true;
  const disabled = queries.filter(({ isEnabled }) => !isEnabled).map((query) => query.definition.name);
  return { definition, params, families, disabled, overrides, ...diagnostics.place };
}

/** A query; undefined when there is nothing to read, which was reported. */
function readQuery(name: string, raw: unknown, given: QueryScope): ReadQuery | undefined {
  const { diagnostics } = given;
  if (!isMap(raw)) return undefined; // Reported with the whole file.
  if (Object.keys(raw).length === 0) {
    diagnostics.error(`the query "${name}" is empty: add query, and metrics, key_value or columns`);
    return undefined;
  }
  const { value, faulty } = salvage(querySchema, raw);
  const scope = ofEnabled(value.enabled, given);
  const entries = entriesOf(raw['metrics']);
  if (isMap(raw['metrics']) && entries.length === 0 && !faulty.has('metrics'))
    diagnostics.at('metrics').error(`the query "${name}" has no metric`);
  const metrics = entries.flatMap(([metric, part]) => {
    const { value: keys, faulty: faultyKeys } = salvage(metricSchema, part);
    const at = diagnostics.at('metrics', metric);
    return addMetric(metric, keys, {
      ...scope,
      diagnostics: at,
      faulty: faultyKeys,
      onEmpty: value.on_empty,
    });
  });
  const pivot = addPivot(value, faulty, scope);
  if (!['metrics', 'key_value', 'columns'].some((key) => Object.hasOwn(raw, key)))
    diagnostics.error(`the query "${name}" needs metrics, key_value or columns: what its result becomes`);
  const execution = readExecution(value, { ...scope, name, faulty });
  const description = value.description?.trim() ?? '';
  const definition = { name, description, ...execution, metrics, ...withoutUndefined({ pivot }) };
  return {
    definition,
    isEnabled: value.enabled !== false,
    uses: paramUses(definition, raw, diagnostics),
  };
}

function readShortMetric(name: string, raw: unknown, given: QueryScope): ReadQuery | undefined {
  if (!isMap(raw)) return undefined; // Reported with the whole file.
  const { value, faulty } = salvage(shortMetricSchema, raw);
  const scope = ofEnabled(value.enabled, given);
  const metrics = addMetric(name, value, { ...scope, faulty, onEmpty: value.on_empty });
  const execution = readExecution(value, { ...scope, name, faulty });
  const definition = { name, description: value.description?.trim() ?? '', ...execution, metrics };
  return {
    definition,
    isEnabled: value.enabled !== false,
    uses: paramUses(definition, raw, scope.diagnostics),
  };
}

/** The families of a disabled query conflict with no others, so they are not collected. */
const ofEnabled = (enabled: boolean | undefined, scope: QueryScope): QueryScope =>
  enabled === false ? { ...scope, families: [] } : scope;

/** `key_value` or `columns`: metrics whose names come from the data. */
function addPivot(
  { columns, key_value: keyValue, on_empty: onEmpty }: Partial<QueryKeys>,
  faulty: ReadonlySet<string>,
  { diagnostics, families, namespace }: QueryScope,
): PivotDefinition | undefined {
  if (keyValue !== undefined && columns !== undefined)
    diagnostics.at('columns').error('key_value and columns exclude each other: keep one of them');
  const key = keyValue === undefined ? 'columns' : 'key_value';
  const keys = keyValue ?? columns;
  if (keys === undefined || faulty.has(key)) return undefined;
  if (onEmpty === 'zero')
    diagnostics
      .at('on_empty')
      .error(
        `on_empty: zero is for metrics that stand in the file, and those of ${key} are named by the rows: remove on_empty`,
      );
  return readPivot(keys, {
    diagnostics: diagnostics.at(key),
    familyOf: (metric) => familyName(namespace, metric),
    declare: (declared, at) => families.push(...declare(declared, at)),
  });
}

type AddedMetricScope = Pick<QueryScope, 'namespace' | 'families'> & Omit<MetricScope, 'familyOf'>;

/** A metric, and its families; none when it cannot be read, which was reported. */
function addMetric(
  name: string,
  keys: Partial<MetricKeys>,
  scope: AddedMetricScope,
): readonly MetricDefinition[] {
  const familyOf = (metric: string) => familyName(scope.namespace, metric);
  const metric = readMetric(familyOf(name), keys, { ...scope, familyOf });
  if (!metric) return [];
  const { aliases = [], family, help, type } = metric;
  const declared = { families: [family, ...aliases], type, help, labels: labelNames(metric) };
  scope.families.push(...declare(declared, scope.diagnostics));
  return [metric];
}

/** Gives advice about the names of families; returns those that are known before a server has answered. */
function declare({ families, ...use }: Declaration, diagnostics: Diagnostics): readonly FamilyUse[] {
  const uses = families.flatMap((family, i) => {
    const at = i === 0 ? diagnostics : diagnostics.at('aliases', i - 1);
    for (const advice of lintFamily(family, use.type)) at.advise(advice);
    // A name from data is known when a server has answered; then query-set/family-table.ts checks it.
    return family.includes('$') ? [] : [{ family, ...use, ...at.place }];
  });
  for (const advice of lintLabels(use.labels)) diagnostics.advise(advice);
  return uses;
}

const familyName = (namespace: string, metric: string): string =>
  namespace === '' ? metric : `${namespace}_${metric}`;
