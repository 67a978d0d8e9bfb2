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
/** Learning takes 20 ms or more: of results that never come again, only one in so many is learned. */
const LEARN_ONE_IN = 64;
/** The first results are learned at once, since there are few kinds of servers. */
const LEARN_AT_FIRST = 8;

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
  #mayLearn = LEARN_AT_FIRST;

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

  /** Whether a result that is not known should be learned. */
  wants(cells: Cells): boolean {
    if (cells.length < MIN_ROWS || cells.length > MAX_ROWS) return false;
    this.#mayLearn = Math.min(LEARN_AT_FIRST, this.#mayLearn + 1 / LEARN_ONE_IN);
    return this.#mayLearn >= 1;
  }

  /** Remembers a result, unless one of its series is there twice. `readings` has one for each row. */
  learn(cells: Cells, columns: Columns, readings: readonly (KeyReading | null)[]): void {
    this.#mayLearn--;
    const known = learnShape(cells, columns, readings, this.#wanted);
    if (known === undefined) return;
    this.#known.unshift(known);
    if (this.#known.length > MAX_KNOWN) this.#known.pop();
  }
}
