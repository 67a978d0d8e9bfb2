/**
 * Where the statement of a query comes from: `query`, a file (`query_file`), another query of its set
 * (`query_ref`), or one of several for different servers (`variants`).
 */
import { dirname, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { hintFor, nearestName } from '../../diagnostics/suggest.ts';
import type { StatementVariant } from '../../model/query-set.ts';
import { checkStatement } from '../../sql/read-only.ts';
import { isMap, type Report, salvage } from '../check/zod-issues.ts';
import { only } from '../only.ts';
import type { Path } from '../yaml/source.ts';
import { readRequirement } from './requirement.ts';
import { type QueryKeys, querySchema } from './schema.ts';
import { readSqlFile } from './sql-file.ts';

export interface StatementScope {
  readonly report: Report;
  readonly path: Path;
  /** Keys that were refused by the schema: nothing more is said about them. */
  readonly faulty: ReadonlySet<string>;
  /** The query file; names in `query_file` are relative to it. */
  readonly source: { readonly file: string };
  /** What stands in the file for each query of the set, this one and disabled ones included. */
  readonly siblings: ReadonlyMap<string, unknown>;
}

export type StatementKeys = Partial<Pick<QueryKeys, (typeof SOURCES)[number] | 'allow_call'>>;

export interface Statements {
  /** The first of several; empty when there is none, which was reported. */
  readonly sql: string;
  readonly sqlFile?: string | undefined;
  readonly variants?: readonly StatementVariant[] | undefined;
}

const SOURCES = ['query', 'query_file', 'query_ref', 'variants'] as const;

interface Text {
  readonly sql: string;
  readonly sqlFile?: string | undefined;
}

/** The statement or statements of a query, checked. */
export function readStatements(keys: StatementKeys, scope: StatementScope): Statements {
  const { faulty, path, report } = scope;
  const given = SOURCES.filter((key) => keys[key] !== undefined || faulty.has(key));
  for (const extra of given.slice(1))
    report(
      [...path, extra],
      extra === 'variants' && given[0] === 'query'
        ? 'query and variants exclude each other: make query the last variant, without when'
        : `${given[0]} and ${extra} exclude each other: keep one of them`,
    );
  // A misspelt one has been reported.
  if (given.length === 0 && ![...faulty].some((key) => nearestName(key, SOURCES) !== undefined))
    report(path, 'missing key "query"');
  const statements =
    keys.query_ref === undefined ? readOwn(keys, scope) : readReferred(keys.query_ref, keys, scope);
  const texts = [statements, ...(statements.variants ?? [])].filter(({ sql }) => sql !== '');
  if (keys.allow_call && texts.length > 0 && texts.every(({ sql }) => checkStatement(sql).ok))
    report([...path, 'allow_call'], 'no statement of the query is a CALL: remove allow_call');
  return statements;
}

/** What stands in the query itself. */
function readOwn(keys: StatementKeys, scope: StatementScope): Statements {
  const { path, report } = scope;
  const mayCall = keys.allow_call === true;
  const own = readText(keys, mayCall, scope);
  const variants = keys.variants?.map((variant, i) => {
    const at = [...path, 'variants', i];
    if (variant.query === undefined && variant.query_file === undefined) report(at, 'missing key "query"');
    if (variant.query !== undefined && variant.query_file !== undefined)
      report([...at, 'query_file'], 'query and query_file exclude each other: keep one of them');
    return {
      sql: '',
      ...readText(variant, mayCall, { ...scope, path: at }),
      when: readRequirement(variant.when, (sub, message) => report([...at, 'when', ...sub], message)),
    };
  });
  const open = keys.variants?.findIndex(({ when }) => when === undefined) ?? -1;
  if (keys.variants !== undefined && open >= 0 && open < keys.variants.length - 1)
    report(
      [...path, 'variants', open + 1],
      'this variant is never reached: the one before it has no when and is for every server',
    );
  for (const [i, { when }] of (variants ?? []).entries())
    if (when !== undefined && variants?.slice(0, i).some((other) => isDeepStrictEqual(other.when, when)))
      report([...path, 'variants', i], 'this variant is never reached: an earlier one has the same when');
  const [first] = variants ?? [];
  return { ...(own ?? textOf(first) ?? { sql: '' }), ...only({ variants }) };
}

const textOf = (text: Text | undefined): Text | undefined =>
  text && { sql: text.sql, ...only({ sqlFile: text.sqlFile }) };

/** The statement at `query` or `query_file`; undefined when there is none. */
function readText(
  { query, query_file: name }: Pick<StatementKeys, 'query' | 'query_file'>,
  mayCall: boolean,
  { path, report, source }: Pick<StatementScope, 'path' | 'report' | 'source'>,
): Text | undefined {
  if (query !== undefined) {
    const checked = checkStatement(query, mayCall);
    if (!checked.ok) report([...path, 'query'], checked.message, 'value');
    return { sql: query.trim() };
  }
  if (name === undefined) return undefined;
  const sqlFile = resolve(dirname(source.file), name);
  const at = [...path, 'query_file'];
  const text = readSqlFile(sqlFile);
  if (!text.ok) {
    report(at, `query_file: the file ${sqlFile} ${text.message}`);
    return undefined;
  }
  const checked = checkStatement(text.value, mayCall);
  if (!checked.ok) report(at, `query_file: in the file ${sqlFile} ${checked.message}`);
  return { sql: text.value, sqlFile };
}

/** The statements of another query of the set. What is wrong with them is reported there. */
function readReferred(name: string, keys: StatementKeys, scope: StatementScope): Statements {
  const { path, report, siblings } = scope;
  const refuse = (message: string): Statements => {
    report([...path, 'query_ref'], `query_ref: ${message}`, 'value');
    return { sql: '' };
  };
  const self = path.at(-1);
  if (name === self)
    return refuse('this is the query itself: name another query of the set, or write query in its place');
  const raw = siblings.get(name);
  if (raw === undefined) {
    const others = [...siblings.keys()].filter((other) => other !== self);
    return refuse(`the set has no query "${name}"${hintFor(name, others, 'other queries in it')}`);
  }
  const further = isMap(raw) ? raw['query_ref'] : undefined;
  if (further !== undefined)
    return refuse(
      `the query "${name}" has no statement of its own but a query_ref: ${
        typeof further === 'string' && further !== self && further !== name && siblings.has(further)
          ? `name "${further}", as it does`
          : 'write query in one of them'
      }`,
    );
  const { value, faulty } = salvage(querySchema, raw);
  const statements = readOwn(
    { ...value, allow_call: true },
    { ...scope, path: [...path.slice(0, -1), name], report: () => {}, faulty },
  );
  for (const { sql } of [statements, ...(statements.variants ?? [])]) {
    const checked = checkStatement(sql, keys.allow_call);
    if (!checked.ok && checkStatement(sql, true).ok) return refuse(`in "${name}" ${checked.message}`);
  }
  return statements;
}
