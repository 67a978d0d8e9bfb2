/**
 * One result of keys and values as it is remembered: its keys, and how the value of each is read.
 */
import type { Family, Layout } from '../../model/samples.ts';
import { copyOf, isText } from '../cells/cell.ts';
import type { IsPlain, Reading } from '../cells/reading.ts';
import type { Cells } from '../compiled.ts';

/** What the value of a row becomes. */
export interface KeyReading {
  readonly families: readonly Family[];
  readonly labels: string;
  readonly read: Reading;
  readonly isPlain: IsPlain;
}

/** Where keys and values stand. */
export interface Columns {
  readonly key: number;
  readonly value: number;
}

/** All of it by row, in arrays of numbers: what is read in every probe should lie close together. */
export interface ResultShape {
  readonly layout: Layout;
  /** One behind another. */
  readonly keys: Uint8Array;
  /** Where the key of each row ends. */
  readonly ends: Int32Array;
  /** One of the constants below. */
  readonly kinds: Uint8Array;
  /** Where the value stands in the layout; -1 for one that is no number, and must not have become one. */
  readonly places: Int32Array;
  readonly readers: readonly (ValueReader | undefined)[];
  /** Pairs of places: the second has the value of the first, under an alias. */
  readonly copies: Int32Array;
  /** The rows of keys whose texts are asked for. */
  readonly textRows: ReadonlyMap<string, number>;
}

/** A row that is left out, whatever its value. */
const IGNORED = 0;
const READ = 1;
/** A cell of digits is the number that they spell. */
const DIGITS = 2;
/** As DIGITS, and ON is 1, OFF is 0. */
const DIGITS_OR_SWITCH = 3;

interface ValueReader {
  readonly read: Reading;
  /** The text that was read last, and its number: what is no plain number is mostly the same as ever. */
  text: Uint8Array | undefined;
  number: number | undefined;
}

interface Series {
  readonly family: Family;
  readonly labels: string;
  readonly row: number;
}

/** The names of all variables take a tenth of it. A layout holds each key several times, and stays in memory. */
const MAX_KEY_BYTES = 1 << 18;

/**
 * What there is to know of a result; undefined when a key is NULL, keys are long or two rows give the same series.
 *
 * @param readings of each row; null for one that is left out, whatever its value
 * @param wanted keys whose texts are asked for
 */
export function learnShape(
  cells: Cells,
  columns: Columns,
  readings: readonly (KeyReading | null)[],
  wanted: ReadonlySet<string>,
): ResultShape | undefined {
  const keys = learnKeys(cells, columns.key, wanted);
  const series = learnSeries(cells, columns.value, readings);
  if (keys === undefined || series === undefined) return undefined;
  return {
    layout: { series },
    ...keys,
    ...placesOf(series, readings.length),
    kinds: Uint8Array.from(readings, (reading) => (reading === null ? IGNORED : kindOf(reading))),
    readers: readings.map((reading) =>
      reading === null ? undefined : { read: reading.read, text: undefined, number: undefined },
    ),
  };
}

/** The keys of all rows; undefined when one is NULL or they are long. */
function learnKeys(
  cells: Cells,
  column: number,
  wanted: ReadonlySet<string>,
): Pick<ResultShape, 'keys' | 'ends' | 'textRows'> | undefined {
  const keys: Uint8Array[] = [];
  const ends = new Int32Array(cells.length);
  const textRows = new Map<string, number>();
  let end = 0;
  for (let row = 0; row < cells.length; row++) {
    if (!cells.seek(row, column)) return undefined;
    end += cells.end - cells.start;
    if (end > MAX_KEY_BYTES) return undefined;
    keys.push(copyOf(cells));
    ends[row] = end;
    if (wanted.has(cells.text())) textRows.set(cells.text(), row);
  }
  return { keys: Buffer.concat(keys), ends, textRows };
}

/** The series of the rows that have a number now, family by family; undefined when one of them, or a name, comes twice. */
function learnSeries(
  cells: Cells,
  column: number,
  readings: readonly (KeyReading | null)[],
): readonly Series[] | undefined {
  const byFamily = new Map<Family, Map<string, Series>>();
  for (const [row, reading] of readings.entries()) {
    if (reading === null || !cells.seek(row, column) || reading.read(cells.text()) === undefined) continue;
    for (const family of reading.families) {
      const series = byFamily.get(family) ?? new Map<string, Series>();
      if (series.has(reading.labels)) return undefined;
      byFamily.set(family, series.set(reading.labels, { family, labels: reading.labels, row }));
    }
  }
  // Two rules may give one name two types: HELP and TYPE stand once for both, which a layout cannot.
  if (new Set([...byFamily.keys()].map(({ name }) => name)).size < byFamily.size) return undefined;
  return [...byFamily.values()].flatMap((ofOne) => [...ofOne.values()]);
}

function placesOf(series: readonly Series[], rows: number): Pick<ResultShape, 'places' | 'copies'> {
  const places = new Int32Array(rows).fill(-1);
  const copies: number[] = [];
  for (const [place, { row }] of series.entries()) {
    if (places[row] === -1) places[row] = place;
    else copies.push(places[row]!, place);
  }
  return { places, copies: Int32Array.from(copies) };
}

const kindOf = ({ isPlain: { digits, switches } }: KeyReading) =>
  digits ? (switches ? DIGITS_OR_SWITCH : DIGITS) : READ;

/**
 * The values of a result with the same keys in the same order; undefined for another one, and unless those that were
 * numbers are, and no others.
 */
export function readValues(
  { copies, ends, keys, kinds, layout, places, readers }: ResultShape,
  cells: Cells,
  { key, value }: Columns,
): Float64Array | undefined {
  if (cells.length !== ends.length) return undefined;
  const numbers = new Float64Array(layout.series.length);
  let from = 0;
  // An index loop on purpose: this runs for every row of every probe.
  for (let row = 0; row < ends.length; row++) {
    const to = ends[row]!;
    if (!cells.seek(row, key) || !isText(cells, keys, from, to)) return undefined;
    from = to;
    const kind = kinds[row]!;
    if (kind === IGNORED) continue;
    const number = cells.seek(row, value) ? readCell(cells, kind, readers[row]!) : undefined;
    const place = places[row]!;
    if ((number === undefined) !== place < 0) return undefined;
    if (number !== undefined) numbers[place] = number;
  }
  for (let i = 0; i < copies.length; i += 2) numbers[copies[i + 1]!] = numbers[copies[i]!]!;
  return numbers;
}

/** The texts of the keys that were asked for; empty for NULL. */
export const readTexts = (
  { textRows }: ResultShape,
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
const [O, N, F] = [79, 78, 70];

/** Undefined for what is no number. */
function readCell(cells: Cells, kind: number, reader: ValueReader): number | undefined {
  const { buffer, end, start } = cells;
  const length = end - start;
  if (kind !== READ && length > 0 && length <= MAX_DIGITS) {
    let number = 0;
    let at = start;
    for (; at < end; at++) {
      const byte = buffer[at]!;
      if (byte < ZERO || byte > NINE) break;
      number = number * 10 + byte - ZERO;
    }
    if (at === end) return number;
    if (kind === DIGITS_OR_SWITCH && buffer[start] === O) {
      if (length === 2 && buffer[start + 1] === N) return 1;
      if (length === 3 && buffer[start + 1] === F && buffer[start + 2] === F) return 0;
    }
  }
  if (reader.text !== undefined && isText(cells, reader.text)) return reader.number;
  const number = reader.read(cells.text());
  if (length <= MAX_REMEMBERED) {
    reader.text = copyOf(cells);
    reader.number = number;
  }
  return number;
}
