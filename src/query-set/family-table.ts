/**
 * One object per family name in the whole program, those included whose names come from the data.
 */
import { RESERVED_FAMILIES } from '../model/families.ts';
import { METRIC_TYPE_RULES, partsOf } from '../model/metric-type.ts';
import type { Family } from '../model/samples.ts';

/**
 * The most names that one query may bring in, more than any server has variables: a server that answers more must not
 * use up the memory of the others.
 */
const MAX_DISCOVERED = 5_000;

/**
 * The family of a name that came from a server; undefined when it is one of the exporter's own or of a histogram or
 * one of its series, or when it is new and there are too many. A family that exists keeps its type and help: one answer cannot have both.
 */
export type Discover = (name: string, type: Family['type'], help: string) => Family | undefined;

export class FamilyTable {
  readonly #families = new Map<string, Family>();
  /** Series of histograms and summaries: as a family of its own the name would stand twice in an answer. */
  readonly #parts = new Set<string>();

  /** The family of a metric that was defined by its name. Loading has made sure that all definitions agree. */
  define(name: string, type: Family['type'], help: string): Family {
    const family = this.#families.get(name) ?? { name, type, help };
    this.#families.set(name, family);
    for (const part of partsOf(name, family.type)) this.#parts.add(part);
    return family;
  }

  /** What one query may add to the table; the same names found by another query cost it nothing. */
  share(): Discover {
    let left = MAX_DISCOVERED;
    return (name, type, help) => {
      const known = this.#families.get(name);
      if (known !== undefined) {
        // Where each series has a suffix, a sample without one belongs to none of them.
        return METRIC_TYPE_RULES[known.type].suffixes.length > 0 ? undefined : known;
      }
      if (RESERVED_FAMILIES.has(name) || this.#parts.has(name) || left === 0) return undefined;
      left--;
      return this.define(name, type, help);
    };
  }
}
