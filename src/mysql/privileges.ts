/**
 * What an account may do, from SHOW GRANTS, and what it would need, from a server's refusal.
 *
 * https://dev.mysql.com/doc/refman/8.4/en/show-grants.html, https://mariadb.com/kb/en/show-grants/
 */

/** How far a privilege reaches: `partly` is on some databases or tables only. */
export type Reach = 'everywhere' | 'partly' | 'nowhere';

/** MariaDB's names since 10.5 for what was granted by the name that both servers take. */
const OTHER_NAMES: ReadonlyMap<string, readonly string[]> = new Map([
  ['REPLICATION CLIENT', ['BINLOG MONITOR']],
  ['BINLOG MONITOR', ['REPLICATION CLIENT']],
  ['REPLICA MONITOR', ['SLAVE MONITOR']],
  ['SLAVE MONITOR', ['REPLICA MONITOR']],
]);

export class Grants {
  readonly #places = new Map<string, Set<string>>();
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
        const places = this.#places.get(name) ?? new Set();
        this.#places.set(name, places.add(place));
      }
    }
    this.account = account;
  }

  /** Whether the account has a privilege such as `PROCESS`. */
  reach(privilege: string): Reach {
    const name = privilege.toUpperCase();
    const names = [name, ...(OTHER_NAMES.get(name) ?? []), 'ALL PRIVILEGES', 'ALL'];
    const places = names.flatMap((alike) => [...(this.#places.get(alike) ?? [])]);
    if (places.includes('*.*')) return 'everywhere';
    return places.length > 0 ? 'partly' : 'nowhere';
  }
}

const QUOTED = '(?:`(?:[^`]|``)*`|\'[^\']*\'|"[^"]*"|[^\\s@]+)';
const GRANT = new RegExp(`^GRANT (.+?) ON (\\S+|.+?) TO (${QUOTED}(?:@${QUOTED})?)`, 'i');

/** What a refused statement would need, in words; undefined when it was not refused for a privilege. */
export function missingPrivilege(detail: string): string | undefined {
  const number = /\((\d+)\)$/.exec(detail)?.[1];
  switch (number) {
    case '1227': {
      const names = /one of\) the (.+?) privilege/.exec(detail)?.[1];
      return names && `the privilege ${names.split(/\s*,\s*/).join(' or ')}`;
    }
    case '1142':
    case '1143':
    case '1370': {
      const [, verb, what] = /^([\w ]+?) command denied .*? for (.+) \(\d+\)$/.exec(detail) ?? [];
      return verb && `the privilege ${verb.toUpperCase()} on ${what}`;
    }
    case '1044': {
      const database = /to database (.+) \(\d+\)$/.exec(detail)?.[1];
      return database && `a privilege on the database ${database}`;
    }
    default:
      return undefined;
  }
}
