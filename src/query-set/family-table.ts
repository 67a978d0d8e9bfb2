/**
 * One object per family name in the whole program, those included whose names come from the data.
 */
import { PROBE_FAMILIES } from '../config/families.ts';
import type { Family } from './compiled.ts';

/** More names than any server has variables: beyond it somebody plays with us. */
const MAX_FAMILIES = 50_000;

const RESERVED: ReadonlySet<string> = new Set(PROBE_FAMILIES);

export class FamilyTable {
  readonly #families = new Map<string, Family>();

  /** The family of a metric that was defined by its name. Loading has made sure that all definitions agree. */
  define(name: string, type: Family['type'], help: string): Family {
    const family = this.#families.get(name) ?? { name, type, help };
    this.#families.set(name, family);
    return family;
  }

  /**
   * The family of a name that came from a server; undefined when it is one of the exporter's own or there are
   * too many. A family that exists keeps its type and help: one answer cannot have both.
   */
  discover(name: string, type: Family['type'], help: string): Family | undefined {
    const known = this.#families.get(name);
    if (known !== undefined) return known;
    return RESERVED.has(name) || this.#families.size >= MAX_FAMILIES
      ? undefined
      : this.define(name, type, help);
  }
}
