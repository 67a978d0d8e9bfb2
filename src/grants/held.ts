/**
 * What an account may do, from SHOW GRANTS.
 *
 * https://dev.mysql.com/doc/refman/8.4/en/show-grants.html, https://mariadb.com/kb/en/show-grants/
 */

import type { Grant } from '../model/query-set.ts';

/** How far a privilege reaches: `partly` is on some databases or tables only. */
export type Reach = 'everywhere' | 'partly' | 'nowhere';

/** MariaDB's names since 10.5 for what was granted by the name that both servers take. */
const OTHER_NAMES: ReadonlyMap<string, readonly string[]> = new Map([
  ['REPLICATION CLIENT', ['BINLOG MONITOR']],
  ['BINLOG MONITOR', ['REPLICATION CLIENT']],
  ['REPLICA MONITOR', ['SLAVE MONITOR']],
  ['SLAVE MONITOR', ['REPLICA MONITOR']],
]);

interface Place {
  /** A pattern as in LIKE; so takes the server the name of a schema. */
  readonly schema: string;
  readonly table: string;
}

const EVERYWHERE = '*';

export class Grants {
  readonly #places = new Map<string, Place[]>();
  /** `user`@`host`, as GRANT takes it; undefined when no line names it. */
  readonly account: string | undefined;

  /** @param lines the rows of SHOW GRANTS */
  constructor(lines: readonly string[]) {
    let account: string | undefined;
    for (const line of lines) {
      const [, privileges, place, grantee] = GRANT.exec(line) ?? [];
      if (privileges === undefined || place === undefined) continue;
      account ??= grantee;
      for (const privilege of privileges.replaceAll(/\([^)]*\)/g, '').split(',')) {
        const name = privilege.trim().toUpperCase();
        this.#places.set(name, [...(this.#places.get(name) ?? []), ...placeOf(place)]);
      }
    }
    this.account = account;
  }

  /** Whether the account has a privilege such as `PROCESS`. */
  reach(privilege: string): Reach {
    const places = this.#placesOf(privilege);
    if (places.some(({ schema }) => schema === EVERYWHERE)) return 'everywhere';
    return places.length > 0 ? 'partly' : 'nowhere';
  }

  /**
   * Whether it has all that the grant asks.
   *
   * One for the whole server that it has in part counts: what it may see is then somebody's decision.
   */
  has({ privilege, schema, table }: Grant): boolean {
    if (schema === EVERYWHERE) return this.reach(privilege) !== 'nowhere';
    return this.#placesOf(privilege).some(
      (place) =>
        place.schema === EVERYWHERE ||
        (isLike(schema, place.schema) && (place.table === EVERYWHERE || place.table === table)),
    );
  }

  #placesOf(privilege: string): readonly Place[] {
    const name = privilege.toUpperCase();
    const names = [name, ...(OTHER_NAMES.get(name) ?? []), 'ALL PRIVILEGES', 'ALL'];
    return names.flatMap((alike) => this.#places.get(alike) ?? []);
  }
}

/** `*.*`, `` `schema`.* `` or `` `schema`.`table` ``, also of a routine. */
function placeOf(text: string): readonly Place[] {
  const [, schema, table] = PLACE.exec(text) ?? [];
  if (schema === undefined || table === undefined) return [];
  return [{ schema: unquoted(schema), table: unquoted(table) }];
}

function unquoted(name: string): string {
  const quote = name.charAt(0);
  return name === EVERYWHERE ? name : name.slice(1, -1).replaceAll(quote + quote, quote);
}

/** As LIKE compares: `_` is any character, `%` any text, and behind a backslash they are themselves. */
function isLike(text: string, pattern: string): boolean {
  const source = [...pattern.matchAll(/\\[\\_%]|[\s\S]/gu)].map(([part]) => {
    if (part === '%') return '.*';
    return part === '_'
      ? '.'
      : `\\u{${part.codePointAt(part.length > 1 && part.startsWith('\\') ? 1 : 0)?.toString(16)}}`;
  });
  return new RegExp(`^${source.join('')}$`, 'su').test(text);
}

const NAME = '(\\*|`(?:[^`]|``)+`|"(?:[^"]|"")+")';
const PLACE = new RegExp(`^(?:\\w+ )?${NAME}\\.${NAME}$`);
const QUOTED = '(?:`(?:[^`]|``)*`|\'[^\']*\'|"[^"]*"|[^\\s@]+)';
const GRANT = new RegExp(`^GRANT (.+?) ON (\\S+|.+?) TO (${QUOTED}(?:@${QUOTED})?)`, 'i');
