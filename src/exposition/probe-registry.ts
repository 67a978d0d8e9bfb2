/**
 * The registry of one request: a prom-client Registry with a serialisation of ours.
 *
 * The library's own builds an object per sample and costs ten times a plain writer; here the lines exist
 * already and are joined. Text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import { Registry } from 'prom-client';
import type { Family } from '../model/samples.ts';
import type { Encoded } from './encoded.ts';
import { freeNames, labelNames } from './label-names.ts';
import { headerText, textOf } from './layout-text.ts';
import {
  type FamilySamples,
  type Filled,
  isAscii as isAsciiText,
  materialize,
  type Samples,
} from './samples.ts';

export class ProbeRegistry extends Registry {
  readonly #samples: Samples[] = [];
  readonly #members: { readonly registry: ProbeRegistry; readonly label: string }[] = [];

  /** Adds the samples of one query. They are shared with other requests and stay as they are. */
  add(samples: Samples): void {
    this.#samples.push(samples);
  }

  /**
   * Adds what another registry has of its own, with more labels on every sample.
   *
   * @param label `name="value"`, escaped, or several with commas; others for each member, so that no series meet
   */
  addMember(registry: ProbeRegistry, label: string): void {
    this.#members.push({ registry, label });
  }

  /** The names of all families added so far. */
  get names(): ReadonlySet<string> {
    return new Set(namesOf([this.#whole(), ...this.#wholeMembers()]));
  }

  /** Everything added so far in the text format, and how many series two queries had in common. */
  render(): { readonly text: string; readonly duplicates: number } {
    const { duplicates, pieces } = this.#collect(this.#whole());
    return { text: pieces.join(''), duplicates };
  }

  /** The same, ready to become bytes. */
  encode(): Encoded {
    const own = this.#members.length > 0 ? this.#whole() : this.#own();
    const { duplicates, isAscii, pieces } = this.#collect(own);
    return {
      text: isAscii ? asciiBytes(pieces) : Buffer.from(pieces.join('')),
      filled: own.filled,
      duplicates,
    };
  }

  #collect(own: Own): Collected {
    const wholes = this.#wholeMembers();
    const members = this.#members.map(({ label }, i) => ({
      label,
      names: labelNames(label),
      own: wholes[i]!,
    }));
    const pieces: string[] = [];
    let duplicates = 0;
    let isAscii = own.isAscii && members.every((member) => member.own.isAscii && isAsciiText(member.label));
    for (const name of namesOf([own, ...wholes])) {
      const lines = linesOf(own, name);
      const header = headerOf(familyOf(name, own, wholes));
      isAscii &&= header.isAscii;
      pieces.push(header.text, lines.text);
      duplicates += lines.duplicates;
      for (const member of members) {
        const theirs = linesOf(member.own, name);
        pieces.push(withLabel(theirs.text, member.label, member.names));
        duplicates += theirs.duplicates;
      }
    }
    return { pieces, duplicates, isAscii };
  }

  #wholeMembers(): readonly Own[] {
    return this.#members.map(({ registry }) => registry.#whole());
  }

  /** Layouts as they are, unless a family of one stands elsewhere too. */
  #own(): Own {
    const own = gather(this.#samples);
    const filled = this.#samples.flatMap((samples) => samples.filled);
    return overlap(own.families, filled) ? this.#whole() : { ...own, filled };
  }

  /** Everything by family. */
  #whole(): Own {
    return gather(this.#samples.flatMap(materialize));
  }

  override async metrics(): Promise<string> {
    return this.render().text;
  }
}

/** What a registry has of its own. */
interface Own {
  /**
   * By name and not by object: a result that was kept over a reload has the objects of the configuration before it,
   * and HELP and TYPE may stand only once in an answer.
   */
  readonly families: ReadonlyMap<string, Gathered>;
  readonly filled: readonly Filled[];
  readonly isAscii: boolean;
}

/** One family from all queries. */
interface Gathered {
  readonly family: Family;
  readonly parts: FamilySamples[];
}

/** All families, each once, in the order in which they were added. */
function namesOf(all: readonly Own[]): Iterable<string> {
  const [own] = all;
  // Mostly there are no members, and no need for another set.
  if (own !== undefined && all.length === 1) return own.families.keys();
  return new Set(all.flatMap(({ families }) => [...families.keys()]));
}

function familyOf(name: string, own: Own, others: readonly Own[]): Family {
  for (const { families } of [own, ...others]) {
    const family = families.get(name)?.family;
    if (family !== undefined) return family;
  }
  throw new Error(`no samples of ${name}`);
}

function gather(all: readonly Samples[]): Own {
  const families = new Map<string, Gathered>();
  let isAscii = true;
  for (const samples of all) {
    isAscii &&= samples.isAscii;
    for (const [family, lines] of samples.families) {
      const known = families.get(family.name);
      if (known === undefined) families.set(family.name, { family, parts: [lines] });
      else known.parts.push(lines);
    }
  }
  return { families, filled: [], isAscii };
}

function overlap(families: Own['families'], filled: readonly Filled[]): boolean {
  const sets = filled.map(({ layout }) => textOf(layout).families);
  for (const name of families.keys()) if (sets.some((set) => set.has(name))) return true;
  return sets.some((set, i) => sets.slice(0, i).some((other) => !areDisjoint(set, other)));
}

const disjoint = new WeakMap<ReadonlySet<string>, WeakSet<ReadonlySet<string>>>();

/** Asked for the same few layouts at every probe, so a yes is remembered. */
function areDisjoint(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  if (disjoint.get(one)?.has(other) === true) return true;
  for (const name of one) if (other.has(name)) return false;
  const known = disjoint.get(one) ?? new WeakSet();
  disjoint.set(one, known.add(other));
  return true;
}

function linesOf({ families }: Own, name: string): Lines {
  const parts = families.get(name)?.parts;
  if (parts === undefined) return NOTHING;
  return parts.length === 1 ? { text: parts[0]!.text, duplicates: 0 } : join(parts);
}

interface Lines {
  readonly text: string;
  readonly duplicates: number;
}

interface Collected {
  readonly pieces: readonly string[];
  readonly duplicates: number;
  readonly isAscii: boolean;
}

/** Written in parts of some kilobytes: fewer calls than by piece, and no large text to be copied together. */
const PART = 4096;

function asciiBytes(pieces: readonly string[]): Buffer {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  let part = '';
  for (const piece of pieces) {
    part += piece;
    if (part.length < PART) continue;
    at += bytes.write(part, at, 'latin1');
    part = '';
  }
  bytes.write(part, at, 'latin1');
  return bytes;
}

const NOTHING: Lines = { text: '', duplicates: 0 };

/** A line of the text format up to where its labels are, or would be. `^` and `$` with the flag m also stop at
 * U+2028, which may stand in a label. */
const LINE_START = /(^|\n)([^{ \n]+)(\{| )/g;

/** All lines with more labels. Those of the same names are renamed as Prometheus does when it adds its own. */
function withLabel(text: string, label: string, names: readonly string[]): string {
  const free = names.some((name) => text.includes(`${name}="`))
    ? text
        .split('\n')
        .map((line) => freeNames(line, names))
        .join('\n')
    : text;
  return free.replace(LINE_START, (_, start, family, next) =>
    next === '{' ? `${start}${family}{${label},` : `${start}${family}{${label}} `,
  );
}

interface Header {
  readonly text: string;
  readonly isAscii: boolean;
}

const headers = new WeakMap<Family, Header>();

/** The HELP and TYPE lines, worked out once per family. */
function headerOf(family: Family): Header {
  let header = headers.get(family);
  if (header === undefined) {
    const text = headerText(family);
    header = { text, isAscii: isAsciiText(text) };
    headers.set(family, header);
  }
  return header;
}

/** One family from several queries. Rare, so the lines are looked at again rather than kept apart for it. */
function join(parts: readonly FamilySamples[]): Lines {
  const seen = new Set<string>();
  let text = '';
  let duplicates = 0;
  for (const line of parts.flatMap((part) => part.text.split('\n'))) {
    if (line === '') continue;
    const series = line.slice(0, line.lastIndexOf(' '));
    if (seen.has(series)) duplicates++;
    else {
      seen.add(series);
      text += `${line}\n`;
    }
  }
  return { text, duplicates };
}
