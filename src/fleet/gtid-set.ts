/**
 * Sets of global transaction identifiers: read, subtracted, joined, counted, written.
 *
 * MySQL's `UUID:1-5:8,UUID:tag:1-3` (tags since 8.3) and MariaDB's positions `domain-server-sequence` become the same form.
 * A position is a set too: all transactions of its domain up to its sequence number.
 * A number above 2^53 would not be exact, and makes a set unreadable; a server that counts a million transactions a second
 * comes there after 285 years.
 */

/** Intervals by source (a UUID, `UUID:tag`, or a domain): first, last, first, last, ... ascending and not adjacent. */
export type GtidSet = ReadonlyMap<string, readonly number[]>;

export const NO_TRANSACTIONS: GtidSet = new Map();

const SOURCE = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TAG = /^[a-z_][a-z0-9_]{0,31}$/;
const UUID_LENGTH = 36;
const SPACE = /\s/;
const ALL_SPACE = /\s/g;
const POSITION = /^(\d{1,10})-\d{1,10}-(\d{1,20})$/;

/** Undefined when the text is no set of MySQL. */
export function parseGtidSet(text: string): GtidSet | undefined {
  const found = new Map<string, number[]>();
  for (const part of withoutSpace(text).toLowerCase().split(',')) {
    if (part === '') continue;
    const source = part.slice(0, UUID_LENGTH);
    if (!SOURCE.test(source) || !readParts(part, source, found)) return undefined;
  }
  return normalized(found);
}

const withoutSpace = (text: string) => (SPACE.test(text) ? text.replaceAll(ALL_SPACE, '') : text);

/** Letter by letter, since a set may have thousands of intervals: expressions took three times as long. */
function readParts(text: string, source: string, found: Map<string, number[]>): boolean {
  let key = source;
  for (let at = UUID_LENGTH; at < text.length; ) {
    if (text[at] !== ':') return false;
    const [first, end] = numberAt(text, at + 1);
    if (end > at + 1) {
      const [last, lastEnd] = text[end] === '-' ? numberAt(text, end + 1) : [first, end];
      if (lastEnd === end + 1 || last > Number.MAX_SAFE_INTEGER) return false;
      push(found, key, first, last);
      at = lastEnd;
    } else {
      const next = text.indexOf(':', at + 1);
      const tag = text.slice(at + 1, next < 0 ? undefined : next);
      if (!TAG.test(tag)) return false;
      key = `${source}:${tag}`;
      at += 1 + tag.length;
    }
  }
  return true;
}

/** The number there, and where it ends; it ends where it begins when there is none. */
function numberAt(text: string, start: number): readonly [number, number] {
  let value = 0;
  let at = start;
  for (; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return [value, at];
}

/** Undefined when the text is no position of MariaDB. */
export function parsePosition(text: string): GtidSet | undefined {
  const found = new Map<string, number[]>();
  for (const part of withoutSpace(text).split(',')) {
    if (part === '') continue;
    const position = POSITION.exec(part);
    if (position === null || Number(position[2]) > Number.MAX_SAFE_INTEGER) return undefined;
    push(found, position[1] ?? '', 1, Number(position[2]));
  }
  return normalized(found);
}

function push(found: Map<string, number[]>, key: string, first: number, last: number): void {
  if (last < first) return; // MySQL takes 5-3 as nothing
  const intervals = found.get(key);
  if (intervals === undefined) found.set(key, [first, last]);
  else intervals.push(first, last);
}

/** In order, and without intervals that touch; a server sends them so, people and older versions need not. */
function normalized(found: ReadonlyMap<string, readonly number[]>): GtidSet {
  const sets = new Map(found);
  for (const [key, intervals] of found) if (!isNormal(intervals)) sets.set(key, merge(intervals, []));
  return sets;
}

function isNormal(intervals: readonly number[]): boolean {
  for (let i = 2; i < intervals.length; i += 2) if (intervals[i]! <= intervals[i - 1]! + 1) return false;
  return true;
}

function merge(some: readonly number[], others: readonly number[]): readonly number[] {
  const pairs: (readonly [number, number])[] = [];
  for (const list of [some, others])
    for (let i = 0; i < list.length; i += 2) pairs.push([list[i]!, list[i + 1]!]);
  pairs.sort(([a], [b]) => a - b);
  const merged: number[] = [];
  for (const [first, last] of pairs) {
    const end = merged.at(-1);
    if (end !== undefined && first <= end + 1) merged[merged.length - 1] = Math.max(end, last);
    else merged.push(first, last);
  }
  return merged;
}

/** What is in either set. */
export function union(a: GtidSet, b: GtidSet): GtidSet {
  const joined = new Map(a);
  for (const [key, intervals] of b) {
    const own = a.get(key);
    joined.set(key, own === undefined ? intervals : merge(own, intervals));
  }
  return joined;
}

/** What is in the first set and not in the second, as GTID_SUBTRACT of MySQL. */
export function subtract(a: GtidSet, b: GtidSet): GtidSet {
  const rest = new Map<string, readonly number[]>();
  for (const [key, intervals] of a) {
    const others = b.get(key);
    const left = others === undefined ? intervals : without(intervals, others);
    if (left.length > 0) rest.set(key, left);
  }
  return rest;
}

function without(intervals: readonly number[], others: readonly number[]): readonly number[] {
  const left: number[] = [];
  let j = 0;
  for (let i = 0; i < intervals.length; i += 2) {
    let first = intervals[i]!;
    const last = intervals[i + 1]!;
    while (j < others.length && others[j + 1]! < first) j += 2;
    for (let k = j; k < others.length && others[k]! <= last; k += 2) {
      if (others[k]! > first) left.push(first, others[k]! - 1);
      first = others[k + 1]! + 1;
    }
    if (first <= last) left.push(first, last);
  }
  return left;
}

/** Transactions in a set. */
export function countOf(set: GtidSet): number {
  let count = 0;
  for (const intervals of set.values())
    for (let i = 0; i < intervals.length; i += 2) count += intervals[i + 1]! - intervals[i]! + 1;
  return count;
}

/** Whether a transaction is in both. */
export function overlap(a: GtidSet, b: GtidSet): boolean {
  for (const [key, intervals] of a) {
    const others = b.get(key);
    if (others === undefined) continue;
    let j = 0;
    for (let i = 0; i < intervals.length; i += 2) {
      while (j < others.length && others[j + 1]! < intervals[i]!) j += 2;
      if (j < others.length && others[j]! <= intervals[i + 1]!) return true;
    }
  }
  return false;
}

/** As `parseSet` reads it: short, and for MySQL the form of its own functions but for their line breaks. */
export function textOf(set: GtidSet): string {
  const bySource = new Map<string, string>();
  for (const [key, intervals] of [...set].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [source = '', ...tag] = key.split(':');
    const texts: string[] = tag;
    for (let i = 0; i < intervals.length; i += 2) {
      const [first, last] = [intervals[i]!, intervals[i + 1]!];
      texts.push(first === last ? `${first}` : `${first}-${last}`);
    }
    bySource.set(source, [bySource.get(source) ?? source, ...texts].join(':'));
  }
  return [...bySource.values()].join(',');
}

const WRITTEN = /^[^,:]*/;

/** Reads what `textOf` has written, of either kind. */
export function parseSet(text: string): GtidSet {
  if (SOURCE.test(WRITTEN.exec(text)?.[0] ?? '')) return parseGtidSet(text) ?? NO_TRANSACTIONS;
  const found = new Map<string, number[]>();
  for (const part of text.split(',')) {
    const [domain = '', ...intervals] = part.split(':');
    for (const word of intervals) {
      const [first, last = first] = word.split('-').map(Number);
      if (first !== undefined && last !== undefined) push(found, domain, first, last);
    }
  }
  return found;
}
