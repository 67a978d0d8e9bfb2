/**
 * SQL cut into words, symbols and quoted texts, as MySQL and MariaDB cut it: just enough to tell what a statement is.
 *
 * Comments are dropped. The content of an executable comment (`/*! ... *\/`, MariaDB's `/*M! ... *\/`) is code,
 * whatever version it names: one of the servers may run it.
 */

export interface Token {
  /** `quoted` is a text, a quoted identifier or a number: never a keyword. */
  readonly kind: 'word' | 'symbol' | 'quoted';
  /** As written; of a word in capitals. */
  readonly text: string;
  /** Where it begins in the statement. */
  readonly start: number;
}

export type Tokens =
  | { readonly ok: true; readonly tokens: readonly Token[] }
  /** What stands open at the end. */
  | { readonly ok: false; readonly open: "'" | '"' | '`' | '/*' };

const SPACE = /[\s\0]+/y;
/** `--` begins a comment only before white space: `1--1` is 2. */
const LINE_COMMENT = /(?:--(?=[\s\0]|$)|#)[^\n]*/y;
const EXECUTABLE_COMMENT = /\/\*M?!\d{0,6}/y;
const NUMBER = /\d+(?:\.\d*)?(?:[eE][+-]?\d+)?(?![\w$\u0080-\uffff])|\.\d+/y;
const WORD = /[\w$\u0080-\uffff]+/y;

/** Total and in linear time, whatever the text. */
export function tokenize(sql: string): Tokens {
  const tokens: Token[] = [];
  let at = 0;
  let executable = 0;
  const skip = (pattern: RegExp): boolean => {
    const found = matchAt(pattern, sql, at);
    at += found?.length ?? 0;
    return found !== undefined;
  };
  while (at < sql.length) {
    if (skip(SPACE) || skip(LINE_COMMENT)) continue;
    const symbol = sql[at] ?? '';
    if (skip(EXECUTABLE_COMMENT)) executable++;
    else if (sql.startsWith('/*', at)) {
      const end = sql.indexOf('*/', at + 2);
      if (end < 0) return { ok: false, open: '/*' };
      at = end + 2;
    } else if (executable > 0 && sql.startsWith('*/', at)) {
      executable--;
      at += 2;
    } else if (symbol === "'" || symbol === '"' || symbol === '`') {
      const end = endOfQuoted(sql, at, symbol);
      if (end < 0) return { ok: false, open: symbol };
      // For a server that skips the comment it ends here, in the middle of what we take for a text.
      if (executable > 0 && sql.slice(at, end).includes('*/')) return { ok: false, open: '/*' };
      tokens.push({ kind: 'quoted', text: sql.slice(at, end), start: at });
      at = end;
    } else {
      const { end, token } = plainToken(sql, at);
      tokens.push(token);
      at = end;
    }
  }
  return executable > 0 ? { ok: false, open: '/*' } : { ok: true, tokens };
}

/** What a sticky pattern finds at an offset. */
function matchAt(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
}

/** A number, a word, or one symbol. The end is that of the source: a word in capitals may be longer. */
function plainToken(sql: string, start: number): { readonly token: Token; readonly end: number } {
  const number = matchAt(NUMBER, sql, start);
  if (number !== undefined)
    return { token: { kind: 'quoted', text: number, start }, end: start + number.length };
  const word = matchAt(WORD, sql, start);
  if (word !== undefined)
    return { token: { kind: 'word', text: word.toUpperCase(), start }, end: start + word.length };
  return { token: { kind: 'symbol', text: sql[start] ?? '', start }, end: start + 1 };
}

/**
 * The offset behind the closing quote, -1 when there is none. A doubled quote ends one token and begins the
 * next, which is all the same here.
 */
function endOfQuoted(sql: string, start: number, quote: string): number {
  for (let i = start + 1; i < sql.length; i++) {
    if (sql[i] === quote) return i + 1;
    if (sql[i] === '\\' && quote !== '`') i++;
  }
  return -1;
}
