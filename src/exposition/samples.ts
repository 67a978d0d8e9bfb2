/**
 * The samples of one query as text, family by family, without duplicate series.
 *
 * Filled in one pass over the rows and only read after that: simultaneous requests share it.
 */

import type { Suffix } from '../model/metric-type.ts';
import type { Family, Layout, SampleSink } from '../model/samples.ts';
import { numberText } from './number-text.ts';
import { MAX_RECORDED, type Recorded, recall } from './recurring.ts';

/** The samples of one family. */
export interface FamilySamples {
  /** Complete lines of the text format. */
  text: string;
  /** The key of the first series; most families have no second, and need no set. */
  readonly first: string;
  /** The keys of all series, from the second on: labels, behind a suffix where there is one. */
  seen: Set<string> | undefined;
}

/** A layout with the values of one result, in its order. */
export interface Filled {
  readonly layout: Layout;
  readonly values: Float64Array;
}

export class Samples implements SampleSink {
  readonly #families = new Map<Family, FamilySamples>();
  readonly #filled: Filled[] = [];
  #count = 0;
  #duplicates = 0;
  #isAscii = true;
  /** Neither text nor layout yet: that is seen when they are read, once all are there. */
  #recorded: Recorded | undefined;

  /** @param form `text`: they are to be looked at family by family */
  constructor(form: 'text' | 'any' = 'any') {
    if (form === 'any') this.#recorded = { families: [], labels: [], values: [] };
  }

  get families(): ReadonlyMap<Family, FamilySamples> {
    this.#settle();
    return this.#families;
  }

  /** Those whose series are known as a whole; they come before the others. */
  get filled(): readonly Filled[] {
    this.#settle();
    return this.#filled;
  }

  /** Samples kept. */
  get count(): number {
    this.#settle();
    return this.#count;
  }

  /** Samples dropped because their series was there already. */
  get duplicates(): number {
    this.#settle();
    return this.#duplicates;
  }

  /** Whether no label of the text has another character: such text is written as bytes much faster. */
  get isAscii(): boolean {
    this.#settle();
    return this.#isAscii;
  }

  /**
   * Adds a sample; a repeated series is dropped.
   *
   * @param labels what stands between the braces, escaped
   * @param suffix behind the family's name, such as `_bucket`
   */
  sample(family: Family, labels: string, value: number, suffix: Suffix | '' = ''): void {
    const recorded = this.#recorded;
    if (recorded !== undefined) {
      if (suffix === '' && recorded.values.length < MAX_RECORDED) {
        recorded.families.push(family);
        recorded.labels.push(labels);
        recorded.values.push(value);
        return;
      }
      this.#write(recorded);
    }
    this.#line(family, labels, value, suffix);
  }

  /** Adds all series of a layout. */
  fill(layout: Layout, values: Float64Array): void {
    this.#filled.push({ layout, values });
    this.#count += values.length;
  }

  #settle(): void {
    const recorded = this.#recorded;
    if (recorded === undefined) return;
    const recalled = recall(recorded);
    if (recalled === undefined) this.#write(recorded);
    else {
      this.#recorded = undefined;
      this.fill(recalled.layout, recalled.values);
    }
  }

  #write({ families, labels, values }: Recorded): void {
    this.#recorded = undefined;
    for (let i = 0; i < values.length; i++) this.#line(families[i]!, labels[i]!, values[i]!, '');
  }

  #line(family: Family, labels: string, value: number, suffix: Suffix | ''): void {
    const known = this.#families.get(family);
    const key = suffix === '' ? labels : `${suffix} ${labels}`;
    const text = `${seriesText(family.name + suffix, labels)} ${numberText(value)}\n`;
    if (labels !== '' && this.#isAscii) this.#isAscii = isAscii(labels);
    if (known === undefined) {
      this.#families.set(family, { text, first: key, seen: undefined });
    } else {
      known.seen ??= new Set([known.first]);
      const size = known.seen.size;
      if (known.seen.add(key).size === size) {
        this.#duplicates++;
        return;
      }
      known.text += text;
    }
    this.#count++;
  }
}

/** The same samples one by one, those of layouts too: for what looks at families, and is rare. */
export function materialize(samples: Samples): readonly Samples[] {
  return [...samples.filled.map(unfoldOne), samples];
}

function unfoldOne({ layout, values }: Filled): Samples {
  const samples = new Samples('text');
  for (const [i, { family, labels }] of layout.series.entries()) samples.sample(family, labels, values[i]!);
  return samples;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
const ASCII = /^[\x00-\x7f]*$/;

/** Whether a text is its own UTF-8, byte by byte. */
export function isAscii(text: string): boolean {
  return ASCII.test(text);
}

/** What stands before a value. */
export function seriesText(name: string, labels: string): string {
  return labels === '' ? name : `${name}{${labels}}`;
}
