/** Words for a terminal. */

/** Without control characters: the text of a server must not move the cursor of a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, (character) =>
    character === '\n' ? '\\n' : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** `no rows`, `1 row`, `2 rows`. */
export function pluralize(number: number, noun: string): string {
  return `${number === 0 ? 'no' : number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A reason from a closed list, and what a server or the exporter has to say about it. */
export function reasonText({ detail, reason }: { readonly reason: string; readonly detail: string }): string {
  return `${reason}: ${printable(detail)}`;
}
