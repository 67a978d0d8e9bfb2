/** Privileges as SQL. */
import type { Grant } from '../model/query-set.ts';
import { quoteIdentifier } from '../sql/quote.ts';

/**
 * A GRANT for each place.
 *
 * @param account as it stands in SQL, quoted
 */
export function grantStatements(grants: readonly Grant[], account: string): readonly string[] {
  const byPlace = new Map<string, string[]>();
  for (const { privilege, schema, table } of grants) {
    const place = placeText(schema, table);
    byPlace.set(place, [...(byPlace.get(place) ?? []), privilege]);
  }
  return [...byPlace].map(
    ([place, privileges]) => `GRANT ${privileges.join(', ')} ON ${place} TO ${account};`,
  );
}

/** Before a table the schema is a name, and before `*` a pattern as in LIKE, in which `_` would be any character. */
function placeText(schema: string, table: string): string {
  if (schema === '*') return '*.*';
  return table === '*'
    ? `${quoteIdentifier(schema.replaceAll(/[_%]/g, '\\$&'))}.*`
    : `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
}

/** As in a query file: `PROCESS`, `SELECT ON schema.*`. */
export function grantText({ privilege, schema, table }: Grant): string {
  return schema === '*' ? privilege : `${privilege} ON ${schema}.${table}`;
}
