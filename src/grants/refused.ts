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
      const names = between(detail, 'one of) the ', ' privilege');
      return (
        names &&
        `the privilege ${names
          .split(',')
          .map((name) => name.trim())
          .join(' or ')}`
      );
    }
    case 1142:
    case 1143:
    case 1370: {
      const [verb = '', denied] = halves(withoutNumber(detail), ' command denied ');
      const [, what] = halves(denied ?? '', ' for ');
      return what && VERB.test(verb) ? `the privilege ${verb.toUpperCase()} on ${what}` : undefined;
    }
    case 1044: {
      const [, database] = halves(withoutNumber(detail), 'to database ');
      return database && `a privilege on the database ${database}`;
    }
    default:
      return undefined;
  }
}

// Searched for word by word, not with one expression: a server's text may hold any of them a thousand times.
const VERB = /^[\w ]+$/;

/** What stands before and behind the first of these; behind it nothing where it is not there. */
function halves(text: string, mark: string): readonly [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}

function between(text: string, before: string, after: string): string | undefined {
  const [, rest] = halves(text, before);
  const [found, end] = halves(rest ?? '', after);
  return end === undefined ? undefined : found;
}

/** The text without the number in brackets at its end; empty where there is none. */
function withoutNumber(text: string): string {
  const at = text.lastIndexOf(' (');
  return at >= 0 && /^ \(\d+\)$/.test(text.slice(at)) ? text.slice(0, at) : '';
}
