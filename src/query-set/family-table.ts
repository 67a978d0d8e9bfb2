/**
 * The families that metrics are defined by, one object per name in the whole program, and those whose names come from
 * the data.
 */
import { RESERVED_FAMILIES } from '../model/families.ts';
import { METRIC_TYPE_RULES, partsOf } from '../model/metric-type.ts';
import type { Family } from '../model/samples.ts';

/**
 * Names from data that a query remembers, more than any server has variables. They are forgotten together, and found
 * again: which ones a server brings in is nothing to another one.
 */
const MAX_FOUND = 5_000;

/**
 * The family of a name that came from a server; undefined when it is one of the exporter's own or of a histogram or
 * one of its series. One that a metric is defined by keeps its type and help: one answer cannot have both.
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

  /** For the names that the data of one query bring in. They are no part of the table. */
  discovery(): Discover {
    const found = new Map<string, Family>();
    return (name, type, help) => {
      const defined = this.#families.get(name);
      if (defined !== undefined) {
        // Where each series has a suffix, a sample without one belongs to none of them.
        return METRIC_TYPE_RULES[defined.type].suffixes.length > 0 ? undefined : defined;
      }
      if (RESERVED_FAMILIES.has(name) || this.#parts.has(name)) return undefined;
      // All three: what one server was answered first must not give a name of another its type.
      const key = `${type} ${name} ${help}`;
      const family = found.get(key) ?? { name, type, help };
      if (found.size >= MAX_FOUND) found.clear();
      found.set(key, family);
      return family;
    };
  }
}
