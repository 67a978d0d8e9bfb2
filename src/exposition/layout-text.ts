/**
 * Samples of which everything is known but the values: their text is worked out once, then only filled in.
 *
 * What a server answers to SHOW GLOBAL STATUS has the same keys each time, so nine tenths of an answer are the same
 * bytes in every scrape of every target.
 */
import type { Family, Layout } from '../model/samples.ts';
import { digits, MAX_NUMBER_LENGTH, writeDigits } from './number-text.ts';
import { type Filled, seriesText } from './samples.ts';

/** The HELP and TYPE lines of a family. */
export function headerText({ help, name, type }: Family): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${name} ${escaped}\n# TYPE ${name} ${type}\n`;
}

/** What stands before a value: the newline of the line before, the family's header at its first series, the series. */
export interface LayoutText {
  readonly parts: readonly Uint8Array[];
  /** Of all parts and the last newline. */
  readonly length: number;
  /** Names. */
  readonly families: ReadonlySet<string>;
}

const NEWLINE = 10;

const texts = new WeakMap<Layout, LayoutText>();

export function textOf(layout: Layout): LayoutText {
  let text = texts.get(layout);
  if (text === undefined) {
    text = compile(layout);
    texts.set(layout, text);
  }
  return text;
}

function compile({ series }: Layout): LayoutText {
  const parts: Uint8Array[] = [];
  const families = new Set<string>();
  let length = 1;
  for (const [i, { family, labels }] of series.entries()) {
    const header = families.has(family.name) ? '' : headerText(family);
    families.add(family.name);
    const part = Buffer.from(`${i === 0 ? '' : '\n'}${header}${seriesText(family.name, labels)} `);
    parts.push(part);
    length += part.length;
  }
  return { parts, length, families };
}

/** The most bytes that it may take. */
export function maxLength({ layout, values }: Filled): number {
  return textOf(layout).length + values.length * MAX_NUMBER_LENGTH;
}

/** Writes all lines; where they end. */
export function write({ layout, values }: Filled, out: Uint8Array, start: number): number {
  const { parts } = textOf(layout);
  let at = start;
  // Index loops on purpose: this runs for every sample of every probe.
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    out.set(part, at);
    at += part.length;
    for (let d = writeDigits(values[i]!); d < MAX_NUMBER_LENGTH; d++) out[at++] = digits[d]!;
  }
  if (parts.length > 0) out[at++] = NEWLINE;
  return at;
}
