/**
 * Results of keys and values whose keys came before: what each row becomes is known, only values are read.
 *
 * The keys of SHOW GLOBAL STATUS are the same in every scrape of every server of a version. To compare them byte by
 * byte takes a tenth of the time of reading them as texts and looking each of them up.
 */
import type { Layout } from '../../model/samples.ts';
import type { Cells } from '../compiled.ts';
import {
  type Columns,
  type KeyReading,
  learnShape,
  type ResultShape,
  readTexts,
  readValues,
} from './result-shape.ts';

/** Results that are remembered, one for each kind of server. */
const MAX_KNOWN = 16;
/** With fewer rows it saves nothing to compare bytes. */
const MIN_ROWS = 16;
/** No status or list of variables has more rows, and each that is remembered takes a kilobyte. */
const MAX_ROWS = 4_096;
/**
 * Results that are recognized when they come again. Learning takes 20 ms or more, so what a server answers once and
 * never again, by malice too, is not learned, and takes no place of what others answer.
 */
const MAX_SEEN = 64;

export interface ReadResult {
  readonly layout: Layout;
  readonly values: Float64Array;
  /** By key. */
  readonly texts: ReadonlyMap<string, string>;
}

/** What is remembered of the results of one query, of all servers together. */
export class ShapeCache {
  /** The one that was used last is the first. */
  readonly #known: ResultShape[] = [];
  readonly #wanted: ReadonlySet<string>;
  /** By the fingerprint of their keys, the latest at the end. */
  readonly #seen = new Map<number, 'once' | 'hopeless'>();

  /** @param wanted keys whose texts are asked for */
  constructor(wanted: ReadonlySet<string>) {
    this.#wanted = wanted;
  }

  /** The values of a result whose keys are known, and of which the same are numbers as when it was learned. */
  read(cells: Cells, columns: Columns): ReadResult | undefined {
    for (let i = 0; i < this.#known.length; i++) {
      const known = this.#known[i]!;
      const values = readValues(known, cells, columns);
      if (values === undefined) continue;
      if (i > 0) this.#known.unshift(...this.#known.splice(i, 1));
      return { layout: known.layout, values, texts: readTexts(known, cells, columns.value) };
    }
    return undefined;
  }

  /**
   * Notes a result that was not known, and remembers it when it comes for the second time, unless it cannot be
   * learned: one of its series is there twice, or its keys are long.
   *
   * @param readings one for each row; undefined when that is not clear
   */
  note(cells: Cells, columns: Columns, readings: () => readonly (KeyReading | null)[] | undefined): void {
    if (cells.length < MIN_ROWS || cells.length > MAX_ROWS) return;
    const fingerprint = fingerprintOf(cells, columns.key);
    const before = this.#seen.get(fingerprint);
    this.#seen.delete(fingerprint);
    if (before === 'once' && this.#learn(cells, columns, readings())) return;
    this.#seen.set(fingerprint, before === undefined ? 'once' : 'hopeless');
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > MAX_SEEN && oldest !== undefined) this.#seen.delete(oldest);
  }

  #learn(cells: Cells, columns: Columns, readings: readonly (KeyReading | null)[] | undefined): boolean {
    const learned = readings === undefined ? undefined : learnShape(cells, columns, readings, this.#wanted);
    if (learned === undefined) return false;
    this.#known.unshift(learned);
    if (this.#known.length > MAX_KNOWN) this.#known.pop();
    return true;
  }
}

/** Of the keys in their order, FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
function fingerprintOf(cells: Cells, column: number): number {
  let hash = 0x811c9dc5;
  for (let row = 0; row < cells.length; row++) {
    if (!cells.seek(row, column)) continue;
    const { buffer, end, start } = cells;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ buffer[at]!, 0x01000193);
    hash = Math.imul(hash ^ 0xff, 0x01000193); // no byte of UTF-8: where one key ends and the next begins
  }
  return hash;
}
