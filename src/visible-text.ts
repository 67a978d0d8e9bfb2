/**
 * Texts of servers, files and clients for people's eyes: nothing that is not seen, and not all of what is long.
 */

/** Control and direction characters, line breaks of all kinds, halves of pairs: they move a cursor or turn a line around. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** With what is not seen written out: `\u{202e}`, and `\n` for a line break. */
export function visible(text: string): string {
  return replaceUnseen(text, (character) =>
    character === '\n' ? '\\n' : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** As {@link visible}, line by line. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}

/** With something else in the place of each character that is not seen. */
export function replaceUnseen(text: string, replacement: (character: string) => string): string {
  return text.replaceAll(UNSEEN, replacement);
}

/** The first `most` characters, and a mark when there are more. */
export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}...` : text;
}
