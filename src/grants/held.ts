/**
 * What an account may do, from SHOW GRANTS.
 *
 * https://dev.mysql.com/doc/refman/8.4/en/show-grants.html, https://mariadb.com/kb/en/show-grants/
 */

import type { Grant } from '../model/query-set.ts';

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
  /** As SHOW GRANTS writes it. */
  readonly text: string;
  /** Whether every account has it: a MariaDB comes with SELECT on its schemas `test` for all. */
  readonly isPublic: boolean;
}

const EVERYWHERE = '*';
/** A server can send what it likes. */
const MAX_LINE = 16_384;
/** A name has at most 64 characters, each with a backslash before it, in quotes. */
const MAX_SCHEMA = 256;
/** What is granted there says nothing about the data of users. */
const OF_SERVER: readonly string[] = ['mysql', 'performance_schema', 'information_schema', 'sys'];

export class Grants {
  readonly #places = new Map<string, Place[]>();
  readonly #roles: string[] = [];
  readonly #active: string | undefined;
  /** `user`@`host`, as GRANT takes it; undefined when no line names it. */
  readonly account: string | undefined;

  /**
   * @param lines the rows of SHOW GRANTS
   * @param active the answer to CURRENT_ROLE(), NONE for none; undefined when it is not known
   */
  constructor(lines: readonly string[], active?: string) {
    let account: string | undefined;
    for (const line of lines) {
      if (line.length > MAX_LINE) continue;
      const granted = parseGrant(line);
      if (granted === undefined) continue;
      const { grantee, place, privileges } = granted;
      const isPublic = grantee.toUpperCase() === 'PUBLIC';
      if (!isPublic) account ??= grantee;
      for (const privilege of privileges.replaceAll(/\([^()]*\)/g, '').split(',')) {
        const name = privilege.trim().toUpperCase();
        const places = this.#places.get(name) ?? [];
        places.push(...placeOf(place, isPublic));
        this.#places.set(name, places);
      }
    }
    for (const line of lines) {
      if (line.length > MAX_LINE) continue;
      const [, roles = '', grantee] = ROLES.exec(line) ?? [];
      if (grantee === account)
        this.#roles.push(...Array.from(roles.matchAll(NEXT_ROLE), ([, role = '']) => role));
    }
    this.#active = active;
    this.account = account;
  }

  /** Statements that make the roles of the account active which are not. */
  get activations(): readonly string[] {
    const active = this.#active?.split(',');
    if (active === undefined || this.account === undefined) return [];
    const idle = this.#roles.filter((role) => !active.includes(role) && !active.includes(unquoted(role)));
    // A role of MySQL has a host, as an account has, and MariaDB takes another word there.
    return idle.map(
      (role) => `SET DEFAULT ROLE ${role} ${role.includes('@') ? 'TO' : 'FOR'} ${this.account};`,
    );
  }

  /**
   * Whether it has all that the grant asks.
   *
   * One for the whole server that it has on schemas of users counts: what it may see is then somebody's decision.
   */
  has(grant: Grant): boolean {
    const { privilege, schema, table } = grant;
    if (schema === EVERYWHERE && this.chosenPlaces(grant).length > 0) return true;
    return this.#placesOf(privilege).some(
      (place) =>
        place.schema === EVERYWHERE ||
        (isLike(schema, place.schema) && (place.table === EVERYWHERE || place.table === table)),
    );
  }

  /** Where it has a privilege that is asked for the whole server, when somebody chose schemas for it; else empty. */
  chosenPlaces({ privilege, schema }: Grant): readonly string[] {
    const places = this.#placesOf(privilege);
    if (schema !== EVERYWHERE || places.some((place) => place.schema === EVERYWHERE)) return [];
    const chosen = places.filter(
      (place) =>
        place.table === EVERYWHERE &&
        !place.isPublic &&
        !OF_SERVER.includes(place.schema.replaceAll('\\', '')),
    );
    return [...new Set(chosen.map(({ text }) => text))];
  }

  #placesOf(privilege: string): readonly Place[] {
    const name = privilege.toUpperCase();
    const names = [name, ...(OTHER_NAMES.get(name) ?? []), 'ALL PRIVILEGES', 'ALL'];
    return names.flatMap((alike) => this.#places.get(alike) ?? []);
  }
}

/** `*.*`, `` `schema`.* `` or `` `schema`.`table` ``, also of a routine. */
function placeOf(text: string, isPublic: boolean): readonly Place[] {
  const [, schema, table] = PLACE.exec(text) ?? [];
  if (schema === undefined || table === undefined || schema.length > MAX_SCHEMA) return [];
  return [{ schema: unquoted(schema), table: unquoted(table), text, isPublic }];
}

function unquoted(name: string): string {
  const quote = name.charAt(0);
  return name === EVERYWHERE ? name : name.slice(1, -1).replaceAll(quote + quote, quote);
}

const ANY_TEXT = Symbol('%');
const ANY_CHARACTER = Symbol('_');

/**
 * As LIKE compares: `_` is any character, `%` any text, and behind a backslash they are themselves.
 *
 * No regular expression: a server could name a schema with so many `%` that one would not end.
 */
function isLike(text: string, pattern: string): boolean {
  const characters = [...text];
  const wanted = [...pattern.matchAll(/\\[\\_%]|[\s\S]/gu)].map(([part]) => {
    if (part === '%') return ANY_TEXT;
    return part === '_' ? ANY_CHARACTER : part.length > 1 && part.startsWith('\\') ? part.slice(1) : part;
  });
  let at = 0;
  let next = 0;
  /** Behind the last `%`, and what it has taken so far: only that one has to be tried again. */
  let retry = { wanted: -1, at: 0 };
  while (at < characters.length) {
    const one = wanted[next];
    if (one === ANY_TEXT) {
      next++;
      retry = { wanted: next, at };
    } else if (one === ANY_CHARACTER || one === characters[at]) {
      at++;
      next++;
    } else if (retry.wanted >= 0) {
      retry = { wanted: retry.wanted, at: retry.at + 1 };
      next = retry.wanted;
      at = retry.at;
    } else return false;
  }
  return wanted.slice(next).every((one) => one === ANY_TEXT);
}

const NAME = '(?:\\*|`(?:[^`]|``)+`|"(?:[^"]|"")+")';
const PLACE = new RegExp(`^(?:\\w+ )?(${NAME})\\.(${NAME})$`);
const QUOTED = '(?:`(?:[^`]|``)*`|\'[^\']*\'|"[^"]*"|[^\\s@]+)';
const NAMED = `${QUOTED}(?:@${QUOTED})?`;
// In two parts: one expression for both would look for the second from every letter of the first on.
const GRANT = /^GRANT /i;
const ON = / ON /i;
const GRANTED = new RegExp(`^((?:\\w+ )?${NAME}\\.${NAME}) TO (${NAMED})`, 'i');
// Without a comma outside of quotes: else a text of many commas could be taken apart in too many ways.
const ROLE_PART = '(?:`(?:[^`]|``)*`|\'[^\']*\'|"[^"]*"|[^\\s@,`\'"]+)';
const ROLE = `${ROLE_PART}(?:@${ROLE_PART})?`;
const ROLES = new RegExp(`^GRANT (${ROLE}(?:, ?${ROLE})*) TO (${NAMED})`, 'i');
/** The next one of a list. */
const NEXT_ROLE = new RegExp(`(?:, ?)?(${ROLE})`, 'gy');

interface Granted {
  readonly privileges: string;
  /** As {@link placeOf} takes it. */
  readonly place: string;
  readonly grantee: string;
}

/** A line that grants privileges; undefined for one that grants roles, or something else. */
function parseGrant(line: string): Granted | undefined {
  const begin = GRANT.exec(line)?.[0].length;
  const end = line.search(ON);
  if (begin === undefined || end < begin) return undefined;
  const [, place, grantee = ''] = GRANTED.exec(line.slice(end + ' ON '.length)) ?? [];
  return place === undefined ? undefined : { privileges: line.slice(begin, end), place, grantee };
}
