/**
 * Whether the text of a query is one statement that only reads.
 *
 * Not the guard of the database, which is the read-only session: this finds a mistake when the file is loaded
 * and not when the first scrape fails.
 */

import { nearestName } from '../diagnostics/suggest.ts';
import { type Token, type Tokens, tokenize } from './tokens.ts';

export type CheckedStatement = { readonly ok: true } | { readonly ok: false; readonly message: string };

const READS = ['SELECT', 'SHOW', 'WITH', 'EXPLAIN', 'DESCRIBE', 'DESC', 'TABLE', 'VALUES'] as const;
const WRITES: ReadonlySet<string> = new Set(['UPDATE', 'DELETE', 'INSERT', 'REPLACE']);
/** What EXPLAIN takes, besides writes. */
const EXPLAINED: ReadonlySet<string> = new Set(['SELECT', 'WITH', 'TABLE', 'VALUES']);
/** Reserved words, so none of them is the table that DESCRIBE would tell of. */
const NOT_EXPLAINED: ReadonlySet<string> = new Set([
  ...[
    'CALL',
    'SHOW',
    'SET',
    'LOAD',
    'CREATE',
    'ALTER',
    'DROP',
    'GRANT',
    'REVOKE',
    'EXPLAIN',
    'DESCRIBE',
    'DESC',
  ],
]);
const LOCKS = [
  ['FOR', 'UPDATE'],
  ['FOR', 'SHARE'],
  ['LOCK', 'IN', 'SHARE', 'MODE'],
] as const;
/** How MariaDB is told not to wait for locks; behind it a number and FOR. */
const LOCK_WAIT = ['SET', 'STATEMENT', 'LOCK_WAIT_TIMEOUT', '='] as const;
const BEGINNINGS = 'SELECT, SHOW, WITH, EXPLAIN, DESCRIBE, TABLE or VALUES';

/** What stands open at the end of the text. */
const UNTERMINATED = {
  "'": "has a text that begins with ' and has no end: add the closing '; a ' inside of it is written twice",
  '"': 'has a text that begins with " and has no end: add the closing "; a " inside of it is written twice',
  '`': 'has a name that begins with ` and has no end: add the closing `',
  '/*': 'has a comment that begins with /* and has no end: add */',
} as const satisfies Record<Extract<Tokens, { ok: false }>['open'], string>;

/**
 * Never throws; the message says what was found and what to do.
 *
 * @param mayCall whether it may run a procedure, which may write: this cannot be checked here
 */
export function checkStatement(sql: string, mayCall = false): CheckedStatement {
  const tokenized = tokenize(sql);
  if (!tokenized.ok) return refused(UNTERMINATED[tokenized.open]);
  const { tokens } = tokenized;
  const end = tokens.findIndex(isSymbol(';'));
  const statement = behindLockWait(end < 0 ? tokens : tokens.slice(0, end));
  const second = end < 0 ? undefined : tokens[end + 1];
  const message =
    (second && isSymbol(';')(second) ? 'has two ";" at its end: remove one' : undefined) ??
    (second && `has a second statement (${show(second)} ...) behind ";": make it a query of its own`) ??
    notARead(statement, mayCall) ??
    writesResult(statement) ??
    locks(statement);
  return message === undefined ? { ok: true } : refused(message);
}

/**
 * The statement behind `SET STATEMENT lock_wait_timeout=0 FOR`, a setting of MariaDB for that statement alone.
 *
 * Only before a SELECT: who looks for a CALL, which may change its session, looks at the first word.
 */
function behindLockWait(tokens: readonly Token[]): readonly Token[] {
  const [value, behind, ...statement] = tokens.slice(LOCK_WAIT.length);
  const verb = statement[0]?.text;
  const isSetting =
    LOCK_WAIT.every((text, i) => tokens[i]?.text === text) &&
    /^\d+$/.test(value?.text ?? '') &&
    behind?.text === 'FOR' &&
    (verb === 'SELECT' || verb === 'WITH');
  return isSetting ? statement : tokens;
}

function notARead(tokens: readonly Token[], mayCall: boolean): string | undefined {
  const start = tokens.findIndex((token) => !isSymbol('(')(token));
  const first = tokens[start];
  if (first === undefined) return `has no statement: write one that begins with ${BEGINNINGS}`;
  const { kind, text } = first;
  if (kind === 'word' && text === 'CALL')
    return mayCall ? undefined : 'begins with CALL: set allow_call: true if the procedure only reads';
  const verb = kind === 'word' ? READS.find((read) => read === text) : undefined;
  if (verb === undefined) {
    const near = kind === 'word' && !WRITES.has(text) ? nearestName(text, READS) : undefined;
    const hint = near === undefined ? `write one that begins with ${BEGINNINGS}` : `did you mean ${near}?`;
    return `begins with ${show(first)}, which is no statement that reads: ${hint}`;
  }
  const rest = tokens.slice(start + 1);
  if (verb === 'WITH') return afterWith(rest);
  return verb.startsWith('DESC') || verb === 'EXPLAIN' ? afterExplain(rest) : undefined;
}

/** The statement behind the common table expressions: the first of its words outside of parentheses. */
function afterWith(tokens: readonly Token[]): string | undefined {
  let depth = 0;
  for (const [i, token] of tokens.entries()) {
    if (isSymbol('(')(token)) {
      // `WITH a AS (...) (SELECT ...)`
      if (depth === 0 && i > 0 && isSymbol(')')(tokens[i - 1]!)) return undefined;
      depth++;
    } else if (isSymbol(')')(token)) depth--;
    else if (depth === 0 && isKeyword(tokens, i)) {
      if (WRITES.has(token.text))
        return `leads from WITH to ${token.text}, which writes: only reads are allowed`;
      if (['SELECT', 'TABLE', 'VALUES'].includes(token.text)) return undefined;
    }
  }
  return 'has no SELECT behind WITH: add one that reads from the names that WITH defines';
}

/** EXPLAIN of a write needs the rights of the write, and fails in a read-only session; EXPLAIN ANALYZE would run it. */
function afterExplain(tokens: readonly Token[]): string | undefined {
  const words = keywords(tokens);
  const [beginning] = words;
  if (beginning !== undefined && NOT_EXPLAINED.has(beginning.text))
    return `explains ${beginning.text}, which no server does: explain a SELECT`;
  const verb = words.find(({ text }) => EXPLAINED.has(text) || WRITES.has(text));
  if (verb === undefined) return undefined;
  if (verb.text === 'WITH') return afterWith(tokens.slice(words.indexOf(verb) + 1));
  return WRITES.has(verb.text)
    ? `explains ${verb.text}, which no server does in a read-only session: explain a SELECT with the same conditions`
    : undefined;
}

function writesResult(tokens: readonly Token[]): string | undefined {
  for (const [i, token] of tokens.entries()) {
    const next = tokens[i + 1];
    if (next === undefined || token.text !== 'INTO' || !isKeyword(tokens, i)) continue;
    if (next.kind === 'word' && (next.text === 'OUTFILE' || next.text === 'DUMPFILE'))
      return `has INTO ${next.text}, which writes a file on the server: remove it`;
    if (isSymbol('@')(next))
      return 'has INTO @variable, which keeps the result on the server: remove it, so that rows come back';
  }
  return undefined;
}

function locks(tokens: readonly Token[]): string | undefined {
  const words = keywords(tokens).map(({ text }) => text);
  const lock = LOCKS.find((phrase) => words.some((_, i) => phrase.every((word, j) => words[i + j] === word)));
  return lock && `has ${lock.join(' ')}, which locks rows that others need: remove it`;
}

/** Words that are not a name; what stands between two of them becomes a `;`, so that they are not neighbours. */
function keywords(tokens: readonly Token[]): readonly Token[] {
  return tokens.map((token, i) => (isKeyword(tokens, i) ? token : { ...token, kind: 'symbol', text: ';' }));
}

/** Behind a dot or an @ a reserved word is a name: `t.into`, `@update`. */
function isKeyword(tokens: readonly Token[], at: number): boolean {
  if (tokens[at]?.kind !== 'word') return false;
  const before = tokens[at - 1];
  return before === undefined || !(isSymbol('.')(before) || isSymbol('@')(before));
}

const isSymbol =
  (text: string) =>
  (token: Token): boolean =>
    token.kind === 'symbol' && token.text === text;

function show({ text }: Token): string {
  return text.length > 30 ? `${text.slice(0, 30)}...` : text;
}

function refused(message: string): CheckedStatement {
  return { ok: false, message: `the query ${message}` };
}
