/** What query sets need, by flavour and version of the server. */
import { settingOf } from '../model/param.ts';
import type { Flavour, Grant, ParamValue, QuerySetDefinition } from '../model/query-set.ts';
import { BEFORE_10_5 } from './names.ts';

/**
 * What the queries of a set need on a flavour, each once; parameters as given, else as they are by default.
 *
 * A query that they switch off needs nothing.
 */
export function grantsOfSet(
  { params = {}, queries }: Pick<QuerySetDefinition, 'params' | 'queries'>,
  flavour: Flavour,
  values: Readonly<Record<string, ParamValue>> = {},
): readonly Grant[] {
  const fill = (part: string) =>
    part.startsWith(':') ? String(settingOf(part.slice(1), params, values)) : part;
  const asked = queries.filter(
    ({ onlyIf }) => onlyIf === undefined || settingOf(onlyIf, params, values) === true,
  );
  const needed = asked.flatMap(({ grants }) => grants[flavour]);
  return uniqueGrants(
    needed.map(({ privilege, schema, table }) => ({ privilege, schema: fill(schema), table: fill(table) })),
  );
}

/** By the names of that version. */
export function grantsOnVersion(
  grants: readonly Grant[],
  { flavour, major, minor }: { readonly flavour: Flavour; readonly major: number; readonly minor: number },
): readonly Grant[] {
  if (flavour !== 'mariadb' || major > 10 || (major === 10 && minor >= 5)) return grants;
  return uniqueGrants(
    grants.map((grant) => ({ ...grant, privilege: BEFORE_10_5.get(grant.privilege) ?? grant.privilege })),
  );
}

/** Each once, in an order of its own, and none that a wider one of them includes. */
export function uniqueGrants(grants: readonly Grant[]): readonly Grant[] {
  const unique = [...new Map(grants.map((grant) => [keyOf(grant), grant])).values()];
  const isWithin = (a: Grant, b: Grant) =>
    a !== b &&
    a.privilege === b.privilege &&
    (b.schema === '*' || (b.schema === a.schema && (b.table === '*' || b.table === a.table)));
  return unique
    .filter((grant) => !unique.some((other) => isWithin(grant, other)))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

const keyOf = ({ privilege, schema, table }: Grant): string => JSON.stringify([schema, table, privilege]);
