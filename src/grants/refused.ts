/**
 * Which privilege a server asks for in the error that refuses a statement.
 *
 * https://dev.mysql.com/doc/mysql-errors/9.0/en/server-error-reference.html
 */

/** A statement that failed, as far as this room has to know it. */
export interface Refusal {
  /** The number of the server's error; undefined when the failure is not an answer of the server. */
  readonly errno?: number;
  /** The server's text; the number stands behind it in brackets. */
  readonly detail: string;
}

/** The missing privilege in words; undefined when the statement failed for another reason. */
export function missingPrivilege({ detail, errno }: Refusal): string | undefined {
  switch (errno) {
    case 1227: {
      const names = /one of\) the (.+?) privilege/.exec(detail)?.[1];
      return names && `the privilege ${names.split(/\s*,\s*/).join(' or ')}`;
    }
    case 1142:
    case 1143:
    case 1370: {
      const [, verb, what] = /^([\w ]+?) command denied .*? for (.+) \(\d+\)$/.exec(detail) ?? [];
      return verb && `the privilege ${verb.toUpperCase()} on ${what}`;
    }
    case 1044: {
      const database = /to database (.+) \(\d+\)$/.exec(detail)?.[1];
      return database && `a privilege on the database ${database}`;
    }
    default:
      return undefined;
  }
}
