/**
 * Where the queries of a set name its parameters: in SQL, in grants, as switches.
 *
 * Read from what stands in the file, so that each use is known by its own line.
 */

import type { ParamType, QueryDefinition } from '../../model/query-set.ts';
import { placeholdersOf } from '../../sql/placeholders.ts';
import { entriesOf, isMap } from '../check/zod-issues.ts';
import type { Path } from '../yaml/source.ts';

export interface ParamUse {
  readonly name: string;
  readonly path: Path;
  /** As the beginning of a sentence: `the query "q" depends on "name"`. */
  readonly says: string;
  /** The only type that will do; any when undefined. */
  readonly type?: ParamType | undefined;
}

interface Place {
  readonly name: string;
  readonly path: Path;
}

/** @param raw what stands at the path */
export function paramUses(query: QueryDefinition, raw: unknown, path: Path): readonly ParamUse[] {
  const parts: Path[] = [
    [],
    ...entriesOf(partAt(raw, 'metrics')).map(([name]) => ['metrics', name]),
    ...(['key_value', 'columns'] as const).flatMap((key) =>
      listAt(partAt(raw, key), 'rules').map((_, i) => [key, 'rules', i]),
    ),
  ];
  const switches = parts.flatMap((part) => switchesAt(raw, part));
  return [
    ...usesInSql(query, raw, path),
    ...switches.map(({ name, path: at }) => ({
      name,
      path: [...path, ...at],
      says: `the query "${query.name}" depends on "${name}"`,
      type: 'boolean' as const,
    })),
    ...placesOfGrants(partAt(raw, 'grants')).map(({ name, path: at }) => ({
      name,
      path: [...path, 'grants', ...at],
      says: `the query "${query.name}" has grants on "${name}"`,
      type: 'identifier' as const,
    })),
  ];
}

function usesInSql(query: QueryDefinition, raw: unknown, path: Path): readonly ParamUse[] {
  // The other query names them itself.
  if (partAt(raw, 'query_ref') !== undefined) return [];
  const { variants } = query;
  return (variants ?? [query]).flatMap(({ sql, sqlFile }, i) => {
    const key = sqlFile === undefined ? 'query' : 'query_file';
    const place = sqlFile === undefined ? '' : ` in the file ${sqlFile}`;
    const names = new Set(placeholdersOf(sql).map(({ name }) => name));
    return [...names].map((name) => ({
      name,
      path: [...path, ...(variants === undefined ? [] : ['variants', i]), key],
      says: `the query "${query.name}"${place} names :${name}`,
    }));
  });
}

/** The switches of a query, a metric or a rule. */
function switchesAt(raw: unknown, path: Path): readonly Place[] {
  const part = path.reduce<unknown>(partAt, raw);
  return ['only_if', 'aliases_if'].flatMap((key) => {
    const name = partAt(part, key);
    return typeof name === 'string' ? [{ name, path: [...path, key] }] : [];
  });
}

/** A list for both flavours, or one for each. */
function placesOfGrants(raw: unknown): readonly Place[] {
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

function partAt(raw: unknown, step: Path[number]): unknown {
  if (Array.isArray(raw)) return raw[Number(step)];
  return isMap(raw) && Object.hasOwn(raw, step) ? raw[step] : undefined;
}

function listAt(raw: unknown, key: string): readonly unknown[] {
  const list = partAt(raw, key);
  return Array.isArray(list) ? list : [];
}
