/**
 * Shipped query sets for tests: loaded from their files, compiled, and asked what rows become.
 */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import type { ServerFacts } from '../../src/model/facts.ts';
import { compileQuerySets } from '../../src/query-set/compile.ts';
import type { CompiledQuery, Rows } from '../../src/query-set/compiled.ts';
import { bindParams } from '../../src/query-set/params.ts';
import { load } from '../support/config-folder.ts';
import { sinkOf } from '../support/sink.ts';

const QUERIES = fileURLToPath(new URL('../../queries', import.meta.url));

export type Params = NonNullable<Parameters<typeof bindParams>[1]>;

/** Finds the queries of these sets, which must load without a warning. */
export async function loadShipped<SetName extends string>(
  names: readonly SetName[],
): Promise<(set: SetName, query?: string, params?: Params) => CompiledQuery> {
  const { lines, result } = await load({
    'targets.yml': JSON.stringify({
      query_files: names.map((name) => `${QUERIES}/${name}.yml`),
      targets: { a: { address: 'h', user: 'u', query_sets: names } },
    }),
  });
  assert.deepEqual(lines, []);
  assert.ok(result.ok);
  const sets = compileQuerySets(result.config.querySets.values());
  return (set, query, params = {}) => {
    const queries = sets.get(set)?.queries ?? [];
    const found = query === undefined ? queries[0] : queries.find(({ name }) => name === query);
    const bound = found && bindParams(found, params);
    assert.ok(bound !== undefined, `${set} is not asked ${query}`);
    return bound;
  };
}

/** The samples as Prometheus gets them, without HELP; with the type where it is wanted. */
export function samplesOf({ map }: Pick<CompiledQuery, 'map'>, rows: Rows, withType = false): string[] {
  const samples: string[] = [];
  const failure = map(
    rows,
    sinkOf(({ name, type }, labels, value, suffix) =>
      samples.push(
        `${withType ? `${type} ` : ''}${name}${suffix ?? ''}${labels === '' ? '' : `{${labels}}`} ${value}`,
      ),
    ),
  );
  assert.equal(failure, undefined);
  return samples;
}

interface KnownOf {
  readonly variables?: Readonly<Record<string, string>>;
  readonly tables?: readonly string[];
  readonly columns?: readonly string[];
}

export function server(
  flavour: ServerFacts['flavour'],
  version: ServerFacts['version'],
  { variables = {}, tables = [], columns = [] }: KnownOf = {},
): ServerFacts {
  return {
    flavour,
    version,
    variables: new Map(Object.entries(variables)),
    tables: new Set(tables.map((name) => name.toLowerCase())),
    columns: new Set(columns.map((name) => name.toLowerCase())),
    roles: new Set(),
  };
}

/** The statement for a server, or the reason why it is not asked, in brackets. */
export function statementFor({ conditions, sql }: CompiledQuery, facts: ServerFacts): string {
  const chosen = conditions?.choose(facts) ?? { sql };
  return 'sql' in chosen ? chosen.sql : `[${chosen.reason}]`;
}
