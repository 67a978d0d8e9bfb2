/**
 * How a query is asked: its statement or statements, for which servers, and within which limits.
 */
import type { QueryDefinition } from './config.ts';
import { only } from './metric.ts';
import {
  DEFAULT_MAX_ROWS,
  DEFAULT_MAX_SERIES,
  type QueryKeys,
  type RequirementKeys,
} from './query-file-schema.ts';
import { joinRequirements, readRequirement } from './requirement.ts';
import { checkStatement } from './statement.ts';
import type { Path } from './yaml-source.ts';
import type { Report } from './zod-findings.ts';

export interface ExecutionScope {
  readonly report: Report;
  readonly path: Path;
  /** Keys that were refused by the schema: nothing more is said about them. */
  readonly faulty: ReadonlySet<string>;
  /** Whether there may be variants in place of a query. */
  readonly mayVary: boolean;
  /** What the set requires of a server. */
  readonly setRequires: RequirementKeys | undefined;
}

type ExecutionKeys = Omit<QueryKeys, 'metrics' | 'description' | 'key_value' | 'columns'>;
type Execution = Omit<QueryDefinition, 'name' | 'description' | 'metrics' | 'pivot'>;

/** The part of a query that says how it is asked. */
export function readExecution(keys: Partial<ExecutionKeys>, scope: ExecutionScope): Execution {
  const { faulty, path, report, setRequires } = scope;
  const statements: [string | undefined, Path][] = [
    [keys.query, [...path, 'query']],
    ...(keys.variants ?? []).map(({ query }, i): [string, Path] => [
      query,
      [...path, 'variants', i, 'query'],
    ]),
  ];
  for (const [sql, at] of statements) {
    const checked = sql === undefined ? undefined : checkStatement(sql);
    if (checked?.ok === false) report(at, checked.message, 'value');
  }
  const isGiven = (key: 'query' | 'variants') => keys[key] !== undefined || faulty.has(key);
  if (isGiven('query') && isGiven('variants'))
    report(
      [...path, 'variants'],
      'query and variants exclude each other: make query the last variant, without when',
    );
  // The schema of the short form asks for query itself.
  if (scope.mayVary && !isGiven('query') && !isGiven('variants')) report(path, 'missing key "query"');
  const variants = keys.variants?.map(({ query, when }, i) => {
    const at = [...path, 'variants', i, 'when'];
    return {
      sql: query.trim(),
      when: readRequirement(when, (sub, message) => report([...at, ...sub], message)),
    };
  });
  const open = keys.variants?.findIndex(({ when }) => when === undefined) ?? -1;
  if (keys.variants !== undefined && open >= 0 && open < keys.variants.length - 1)
    report(
      [...path, 'variants', open + 1],
      'this variant is never reached: the one before it has no when and is for every server',
    );
  const requires = joinRequirements(
    readRequirement(setRequires, () => {}), // reported once, for the set
    readRequirement(keys.requires, (sub, message) => report([...path, 'requires', ...sub], message)),
  );
  return {
    sql: keys.query?.trim() ?? variants?.[0]?.sql ?? '',
    timeoutMs: keys.timeout,
    grants: keys.grants ?? [],
    maxRows: keys.max_rows ?? DEFAULT_MAX_ROWS,
    maxSeries: keys.max_series ?? DEFAULT_MAX_SERIES,
    ...only({ variants, requires, ignoreErrors: keys.ignore_errors, minIntervalMs: keys.min_interval }),
  };
}
