/**
 * The samples of one query as text, family by family, without duplicate series.
 *
 * Filled in one pass over the rows and only read after that: simultaneous requests share it.
 */

import type { Suffix } from '../model/metric-type.ts';
import type { Family, Layout, SampleSink } from '../model/samples.ts';
import { numberText } from './number-text.ts';

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
  readonly families = new Map<Family, FamilySamples>();
  /** Those whose series are known as a whole; they come before the others. */
  readonly filled: Filled[] = [];
  /** Samples kept. */
  count = 0;
  /** Samples dropped because their series was there already. */
  duplicates = 0;
  /** Whether no label has another character: such text is written as bytes much faster. */
  isAscii = true;

  /**
   * Adds a sample; a repeated series is dropped.
   *
   * @param labels what stands between the braces, escaped
   * @param suffix behind the family's name, such as `_bucket`
   */
  sample(family: Family, labels: string, value: number, suffix: Suffix | '' = ''): void {
    const known = this.families.get(family);
    const key = suffix === '' ? labels : `${suffix} ${labels}`;
    const text = `${seriesText(family.name + suffix, labels)} ${numberText(value)}\n`;
    if (labels !== '' && this.isAscii) this.isAscii = isAscii(labels);
    if (known === undefined) {
      this.families.set(family, { text, first: key, seen: undefined });
    } else {
      known.seen ??= new Set([known.first]);
      const size = known.seen.size;
      if (known.seen.add(key).size === size) {
        this.duplicates++;
        return;
      }
      known.text += text;
    }
    this.count++;
  }

  /** Adds all series of a layout. */
  fill(layout: Layout, values: Float64Array): void {
    this.filled.push({ layout, values });
    this.count += values.length;
  }
}

/** The same samples one by one, those of layouts too: for what looks at families, and is rare. */
export function materialize(samples: Samples): readonly Samples[] {
  return [...samples.filled.map(unfoldOne), samples];
}

function unfoldOne({ layout, values }: Filled): Samples {
  const samples = new Samples();
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
