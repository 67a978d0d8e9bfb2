/**
 * Where the statement of a query comes from: `query`, a file (`query_file`), another query of its set
 * (`query_ref`), or one of several for different servers (`variants`).
 */
import { dirname, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import { inputOf } from '../../diagnostics/input.ts';
import { hintFor, nearestName } from '../../diagnostics/suggest.ts';
import type { StatementVariant } from '../../model/query-set.ts';
import { checkStatement } from '../../sql/read-only.ts';
import { valueAt, withoutUndefined } from '../check/maps.ts';
import { salvage } from '../check/salvage.ts';
import { readRequirement } from './requirement.ts';
import { type QueryKeys, querySchema } from './schema.ts';
import { readSqlFile } from './sql-file.ts';

export interface StatementScope {
  /** Of the query. Names in `query_file` are relative to its file. */
  readonly diagnostics: Diagnostics;
  /** The name of the query. */
  readonly name: string;
  /** Keys that the schema refused, which has been reported. */
  readonly faulty: ReadonlySet<string>;
  /** The raw value of each query of the set, including this one and disabled ones. */
  readonly siblings: ReadonlyMap<string, unknown>;
}

export type StatementKeys = Partial<Pick<QueryKeys, (typeof SOURCES)[number] | 'allow_call'>>;

export interface Statements {
  /** The first of several; empty when there is none, which has been reported. */
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
  const { diagnostics, faulty } = scope;
  const given = SOURCES.filter((key) => keys[key] !== undefined || faulty.has(key));
  for (const extra of given.slice(1))
    diagnostics
      .at(extra)
      .error(
        extra === 'variants' && given[0] === 'query'
          ? 'query and variants exclude each other: make query the last variant, without when'
          : `${given[0]} and ${extra} exclude each other: keep one of them`,
      );
  // A misspelt one has been reported.
  if (given.length === 0 && ![...faulty].some((key) => nearestName(key, SOURCES) !== undefined))
    diagnostics.error('missing key "query"');
  const statements =
    keys.query_ref === undefined ? readOwn(keys, diagnostics) : readReferred(keys.query_ref, keys, scope);
  const texts = [statements, ...(statements.variants ?? [])].filter(({ sql }) => sql !== '');
  if (keys.allow_call && texts.length > 0 && texts.every(({ sql }) => checkStatement(sql).ok))
    diagnostics.at('allow_call').error('no statement of the query is a CALL: remove allow_call');
  return statements;
}

/** The statement or the variants in the query itself. */
function readOwn(keys: StatementKeys, diagnostics: Diagnostics): Statements {
  const mayCall = keys.allow_call === true;
  const own = readText(keys, mayCall, diagnostics);
  const variants = keys.variants?.map((variant, i) =>
    readVariant(variant, mayCall, diagnostics.at('variants', i)),
  );
  checkReached(variants ?? [], diagnostics.at('variants'));
  const [first] = variants ?? [];
  return { ...(own ?? textOf(first) ?? { sql: '' }), ...withoutUndefined({ variants }) };
}

function readVariant(
  keys: NonNullable<StatementKeys['variants']>[number],
  mayCall: boolean,
  diagnostics: Diagnostics,
): StatementVariant {
  if (keys.query === undefined && keys.query_file === undefined) diagnostics.error('missing key "query"');
  if (keys.query !== undefined && keys.query_file !== undefined)
    diagnostics.at('query_file').error('query and query_file exclude each other: keep one of them');
  return {
    sql: '',
    ...readText(keys, mayCall, diagnostics),
    when: readRequirement(keys.when, diagnostics.at('when')),
  };
}

/** Reports variants that are never used, because an earlier one fits every server that they fit. */
function checkReached(variants: readonly StatementVariant[], diagnostics: Diagnostics): void {
  const open = variants.findIndex(({ when }) => when === undefined);
  if (open >= 0 && open < variants.length - 1)
    diagnostics
      .at(open + 1)
      .error('this variant is never reached: the one before it has no when and is for every server');
  for (const [i, { when }] of variants.entries())
    if (when !== undefined && variants.slice(0, i).some((other) => isDeepStrictEqual(other.when, when)))
      diagnostics.at(i).error('this variant is never reached: an earlier one has the same when');
}

const textOf = (text: Text | undefined): Text | undefined =>
  text && { sql: text.sql, ...withoutUndefined({ sqlFile: text.sqlFile }) };

/** The statement at `query` or `query_file`; undefined when there is none. */
function readText(
  { query, query_file: name }: Pick<StatementKeys, 'query' | 'query_file'>,
  mayCall: boolean,
  diagnostics: Diagnostics,
): Text | undefined {
  if (query !== undefined) {
    const checked = checkStatement(query, mayCall);
    if (!checked.ok) diagnostics.at('query').error(checked.message, 'value');
    return { sql: query.trim() };
  }
  return name === undefined ? undefined : readFile(name, mayCall, diagnostics.at('query_file'));
}

/** The statement in a file of its own; undefined, and reported, when it cannot be read. */
function readFile(name: string, mayCall: boolean, diagnostics: Diagnostics): Text | undefined {
  const sqlFile = resolve(dirname(diagnostics.file), name);
  const text = readSqlFile(sqlFile);
  diagnostics.noteInput(inputOf(text, async () => readSqlFile(sqlFile)));
  if (!text.ok) {
    diagnostics.error(`query_file: the file ${sqlFile} ${text.message}`);
    return undefined;
  }
  const checked = checkStatement(text.value, mayCall);
  if (!checked.ok) diagnostics.error(`query_file: in the file ${sqlFile} ${checked.message}`);
  return { sql: text.value, sqlFile };
}

/** The statements of another query of the set. Their own errors are reported there. */
function readReferred(name: string, keys: StatementKeys, scope: StatementScope): Statements {
  const { diagnostics, name: self, siblings } = scope;
  const refuse = (message: string): Statements => {
    diagnostics.at('query_ref').error(`query_ref: ${message}`, 'value');
    return { sql: '' };
  };
  if (name === self)
    return refuse('this is the query itself: name another query of the set, or write query in its place');
  const raw = siblings.get(name);
  if (raw === undefined) {
    const others = [...siblings.keys()].filter((other) => other !== self);
    return refuse(`the set has no query "${name}"${hintFor(name, others, 'other queries in it')}`);
  }
  const further = valueAt(raw, 'query_ref');
  if (further !== undefined)
    return refuse(
      `the query "${name}" has no statement of its own but a query_ref: ${
        typeof further === 'string' && further !== self && further !== name && siblings.has(further)
          ? `name "${further}", as it does`
          : 'write query in one of them'
      }`,
    );
  const statements = readOwn({ ...salvage(querySchema, raw).value, allow_call: true }, diagnostics.silent());
  for (const { sql } of [statements, ...(statements.variants ?? [])]) {
    const checked = checkStatement(sql, keys.allow_call);
    if (!checked.ok && checkStatement(sql, true).ok) return refuse(`in "${name}" ${checked.message}`);
  }
  return statements;
}
