/**
 * HTML as a value: what is put into it is text, unless it is HTML itself.
 */
import { cut, visible, visibleLines } from '../../visible-text.ts';

export interface Html {
  readonly html: string;
}

/** What may stand in HTML; nothing is shown of what there is not. */
export type Part = Html | string | number | undefined | readonly Part[];

/** A server may send a name or a message of any length. */
const MOST_LETTERS = 500;
const MOST_LETTERS_OF_LINES = 20_000;

/** HTML with parts: texts are escaped, cut when they are long, and show what is not seen. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = strings[0] ?? '';
  for (const [i, part] of parts.entries()) text += textOf(part) + (strings[i + 1] ?? '');
  return { html: text };
}

/** HTML that stands in the sources. */
export const trusted = (text: string): Html => ({ html: text });

/** A name as a part of an address, whole. */
export const urlPart = (name: string): Html => trusted(escapeHtml(encodeURIComponent(name.toWellFormed())));

/** Text whose line breaks count, such as SQL. */
export const lines = (text: string, most = MOST_LETTERS_OF_LINES): Html =>
  trusted(escapeHtml(visibleLines(cut(text, most))));

/** Nearly every text is of these, and a page of a thousand targets has ten thousand of them. */
const PLAIN = /^[\w .,:/()=-]*$/;

function textOf(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'string') {
    const short = cut(part, MOST_LETTERS);
    return PLAIN.test(short) ? short : escapeHtml(visible(short));
  }
  if (typeof part === 'number') return String(part);
  return 'html' in part ? part.html : part.map(textOf).join('');
}

const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPED[character] ?? character);
}
