/** Values as SQL spells them. */

/** A text or number as a literal. A quote is doubled, which holds in every SQL mode. */
export function quoteLiteral(value: string | number): string {
  return typeof value === 'number'
    ? String(value)
    : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** The name of a database, table or column. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
