/**
 * Whether a statement may leave something in its session that the next one must not find.
 */
import { type Token, tokenize } from './tokens.ts';

/** Functions of the schema sys read and format. */
const HARMLESS_SCHEMA = 'SYS';
/** A lock of this kind outlives its statement and its transaction. */
const GET_LOCK = 'GET_LOCK';

/**
 * True for a procedure, a stored function that is named with its schema, and GET_LOCK: code of the server may set
 * variables of the session, read-only among them, and make temporary tables. A view hides such a function.
 */
export function mayChangeSession(sql: string): boolean {
  const tokenized = tokenize(sql);
  if (!tokenized.ok) return false; // no server runs it
  const { tokens } = tokenized;
  const first = tokens.find(({ text }) => text !== '(');
  if (isWord(first, 'CALL')) return true;
  return tokens.some((token, at) => {
    if (tokens[at + 1]?.text !== '(' || token.kind === 'symbol') return false;
    if (isWord(token, GET_LOCK)) return true;
    const schema = tokens[at - 2];
    return tokens[at - 1]?.text === '.' && schema !== undefined && !isWord(schema, HARMLESS_SCHEMA);
  });
}

const isWord = (token: Token | undefined, word: string): boolean =>
  token?.kind === 'word' && token.text === word;
