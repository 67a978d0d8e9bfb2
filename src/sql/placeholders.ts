/**
 * Where a statement names parameters: `:name`, outside of texts and comments.
 */
import { tokenize } from './tokens.ts';

export interface Placeholder {
  readonly name: string;
  /** Offsets in the statement: of the colon, and behind the name. */
  readonly start: number;
  readonly end: number;
}

/** The placeholders of a statement, in order; none when the statement cannot be read. */
export function placeholdersOf(sql: string): readonly Placeholder[] {
  const tokenized = tokenize(sql);
  if (!tokenized.ok) return [];
  const { tokens } = tokenized;
  return tokens.flatMap((token, i) => {
    const next = tokens[i + 1];
    if (token.text !== ':' || next?.kind !== 'word' || next.start !== token.start + 1) return [];
    // `::` and `:=` are no placeholders.
    if (tokens[i - 1]?.text === ':' && tokens[i - 1]?.start === token.start - 1) return [];
    const end = next.start + next.text.length;
    return [{ name: sql.slice(next.start, end), start: token.start, end }];
  });
}
