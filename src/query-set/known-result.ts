/**
 * One result of keys and values as it is remembered: its keys, and how the value of each is read.
 */
import { copyOf, isText } from './cell.ts';
import type { Cells, Family, Layout } from './compiled.ts';
import type { Reading } from './reading.ts';

/** What the value of a row becomes. */
export interface KeyReading {
  readonly families: readonly Family[];
  readonly labels: string;
  readonly read: Reading;
  /** Whether a cell of nothing but digits is read as the number that they spell. */
  readonly readsDigits: boolean;
}

/** Where keys and values stand. */
export interface Columns {
  readonly key: number;
  readonly value: number;
}

export interface KnownResult {
  readonly layout: Layout;
  /** In the order of the layout. */
  readonly values: readonly ValueReader[];
  /** Of rows whose values were no numbers: they must not have become some. */
  readonly others: readonly ValueReader[];
  /** The rows of keys whose texts are asked for. */
  readonly textRows: ReadonlyMap<string, number>;
  /** One behind another. */
  readonly keys: Uint8Array;
  /** Where the key of each row ends. */
  readonly ends: Int32Array;
}

interface ValueReader {
  readonly row: number;
  readonly read: Reading;
  readonly readsDigits: boolean;
  /** The text that was read last, and its number: what is no plain number is mostly the same as ever. */
  text: Uint8Array | undefined;
  number: number | undefined;
}

interface Series {
  readonly family: Family;
  readonly labels: string;
  readonly value: ValueReader;
}

/**
 * What there is to know of a result; undefined when a key is NULL or two rows give the same series.
 *
 * @param readings of each row; null for one that is left out, whatever its value
 * @param wanted keys whose texts are asked for
 */
export function know(
  cells: Cells,
  columns: Columns,
  readings: readonly (KeyReading | null)[],
  wanted: ReadonlySet<string>,
): KnownResult | undefined {
  const byFamily = new Map<Family, Map<string, Series>>();
  const others: ValueReader[] = [];
  const textRows = new Map<string, number>();
  const keys: Uint8Array[] = [];
  for (const [row, reading] of readings.entries()) {
    if (!cells.seek(row, columns.key)) return undefined;
    keys.push(copyOf(cells));
    if (wanted.has(cells.text())) textRows.set(cells.text(), row);
    if (reading === null) continue;
    const { families, labels, read, readsDigits } = reading;
    const value = { row, read, readsDigits, text: undefined, number: undefined };
    if (readValue(value, cells, columns.value) === undefined) {
      others.push(value);
      continue;
    }
    for (const family of families) {
      const series = byFamily.get(family) ?? new Map<string, Series>();
      if (series.has(labels)) return undefined;
      byFamily.set(family, series.set(labels, { family, labels, value }));
    }
  }
  const series = [...byFamily.values()].flatMap((ofOne) => [...ofOne.values()]);
  let end = 0;
  return {
    layout: { series },
    values: series.map(({ value }) => value),
    others,
    textRows,
    keys: Buffer.concat(keys),
    ends: Int32Array.from(keys, ({ length }) => (end += length)),
  };
}

/** Whether a result has the same keys in the same order. */
export function hasKeys({ ends, keys }: KnownResult, cells: Cells, column: number): boolean {
  if (cells.length !== ends.length) return false;
  let from = 0;
  // Index loops on purpose, here and below: they run for every row of every probe.
  for (let row = 0; row < ends.length; row++) {
    const to = ends[row]!;
    if (!cells.seek(row, column) || !isText(cells, keys, from, to)) return false;
    from = to;
  }
  return true;
}

/** The values of a result with these keys; undefined unless those that were numbers are, and no others. */
export function readValues(
  { others, values }: KnownResult,
  cells: Cells,
  column: number,
): Float64Array | undefined {
  for (let i = 0; i < others.length; i++) {
    if (readValue(others[i]!, cells, column) !== undefined) return undefined;
  }
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const number = readValue(values[i]!, cells, column);
    if (number === undefined) return undefined;
    numbers[i] = number;
  }
  return numbers;
}

/** The texts of the keys that were asked for; empty for NULL. */
export const readTexts = (
  { textRows }: KnownResult,
  cells: Cells,
  column: number,
): ReadonlyMap<string, string> =>
  new Map([...textRows].map(([key, row]) => [key, cells.seek(row, column) ? cells.text() : '']));

/** Longer texts are rare, and are read anew each time. */
const MAX_REMEMBERED = 64;
/** So many digits are a whole number that a double holds exactly. */
const MAX_DIGITS = 15;
const ZERO = 48;
const NINE = 57;

function readValue(value: ValueReader, cells: Cells, column: number): number | undefined {
  if (!cells.seek(value.row, column)) return undefined;
  const { buffer, end, start } = cells;
  if (value.readsDigits && end > start && end - start <= MAX_DIGITS) {
    let number = 0;
    let at = start;
    for (; at < end; at++) {
      const byte = buffer[at]!;
      if (byte < ZERO || byte > NINE) break;
      number = number * 10 + byte - ZERO;
    }
    if (at === end) return number;
  }
  const { text } = value;
  if (text !== undefined && isText(cells, text)) return value.number;
  const number = value.read(cells.text());
  if (end - start <= MAX_REMEMBERED) {
    value.text = copyOf(cells);
    value.number = number;
  }
  return number;
}
