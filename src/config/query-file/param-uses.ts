/**
 * Where the queries of a set name its parameters: in SQL, in grants, as switches.
 *
 * Read from the raw values of the file, so that each use has its own position.
 */

import type { Diagnostics, Path } from '../../diagnostics/diagnostics.ts';
import type { ParamType, QueryDefinition } from '../../model/query-set.ts';
import { placeholdersOf } from '../../sql/placeholders.ts';
import { entriesOf, valueAt } from '../check/maps.ts';

export interface ParamUse {
  readonly name: string;
  readonly diagnostics: Diagnostics;
  /** As the beginning of a sentence: `the query "q" depends on "name"`. */
  readonly says: string;
  /** The only type that fits; any type when undefined. */
  readonly type?: ParamType | undefined;
}

/** A name and where it stands, from the top of the query. */
interface NamedAt {
  readonly name: string;
  readonly path: Path;
}

/**
 * @param raw the query as it stands in the file
 * @param diagnostics of that query
 */
export function paramUses(
  query: QueryDefinition,
  raw: unknown,
  diagnostics: Diagnostics,
): readonly ParamUse[] {
  const parts: Path[] = [
    [],
    ...entriesOf(valueAt(raw, 'metrics')).map(([name]) => ['metrics', name]),
    ...(['key_value', 'columns'] as const).flatMap((key) =>
      listAt(raw, key, 'rules').map((_, i) => [key, 'rules', i]),
    ),
  ];
  const switches = parts.flatMap((part) => switchesAt(raw, part));
  return [
    ...usesInSql(query, raw, diagnostics),
    ...switches.map(({ name, path }) => ({
      name,
      diagnostics: diagnostics.at(...path),
      says: `the query "${query.name}" depends on "${name}"`,
      type: 'boolean' as const,
    })),
    ...placesOfGrants(valueAt(raw, 'grants')).map(({ name, path }) => ({
      name,
      diagnostics: diagnostics.at('grants', ...path),
      says: `the query "${query.name}" has grants on "${name}"`,
      type: 'identifier' as const,
    })),
  ];
}

function usesInSql(query: QueryDefinition, raw: unknown, diagnostics: Diagnostics): readonly ParamUse[] {
  // The query that is referred to names them itself.
  if (valueAt(raw, 'query_ref') !== undefined) return [];
  const { variants } = query;
  return (variants ?? [query]).flatMap(({ sql, sqlFile }, i) => {
    const key = sqlFile === undefined ? 'query' : 'query_file';
    const place = sqlFile === undefined ? '' : ` in the file ${sqlFile}`;
    const names = new Set(placeholdersOf(sql).map(({ name }) => name));
    return [...names].map((name) => ({
      name,
      diagnostics: diagnostics.at(...(variants === undefined ? [] : ['variants', i]), key),
      says: `the query "${query.name}"${place} names :${name}`,
    }));
  });
}

/** The switches of a query, a metric or a rule. */
function switchesAt(raw: unknown, path: Path): readonly NamedAt[] {
  const part = valueAt(raw, ...path);
  return ['only_if', 'aliases_if'].flatMap((key) => {
    const name = valueAt(part, key);
    return typeof name === 'string' ? [{ name, path: [...path, key] }] : [];
  });
}

/** The parameters in a list of grants for both flavours, or in one for each. */
function placesOfGrants(raw: unknown): readonly NamedAt[] {
  if (!Array.isArray(raw))
    return entriesOf(raw).flatMap(([flavour, list]) =>
      Array.isArray(list)
        ? placesOfGrants(list).map(({ name, path }) => ({ name, path: [flavour, ...path] }))
        : [],
    );
  return raw.flatMap((text, i) => {
    const [, place = ''] = typeof text === 'string' ? text.split(' ON ') : [];
    const names = place.split('.').flatMap((part) => /^:([\w$]+)$/.exec(part)?.[1] ?? []);
    return [...new Set(names)].map((name) => ({ name, path: [i] }));
  });
}

function listAt(raw: unknown, ...path: Path): readonly unknown[] {
  const list = valueAt(raw, ...path);
  return Array.isArray(list) ? list : [];
}
