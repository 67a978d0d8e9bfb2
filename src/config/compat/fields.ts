/**
 * Looking into a file of query-exporter or query-exporter-simple the way those two did: keys without regard to
 * case, unknown ones ignored, and text out of whatever single value stands where text is expected.
 */
import { hintFor } from '../../diagnostics/suggest.ts';
import { entriesOf, isMap, type Report } from '../check/zod-issues.ts';
import type { Path } from '../yaml/source.ts';

/** A part of a file and where it stands. */
export interface Located {
  readonly value: unknown;
  readonly path: Path;
}

/** Where findings go. */
export interface Notes {
  readonly report: Report;
  readonly warn: Report;
}

export type Fields<Key extends string> = Readonly<Partial<Record<Key, Located>>>;

/**
 * The known keys of a map; undefined, and reported, when it is none.
 *
 * @param ignored keys that the ancestor knew and did not use
 */
export function fieldsOf<Key extends string>(
  at: Located,
  known: readonly Key[],
  { report, warn }: Notes,
  ignored: readonly string[] = [],
): Fields<Key> | undefined {
  if (!isMap(at.value)) {
    report(at.path, `expected a map with ${known.join(', ')}, found ${kindOf(at.value)}`, 'value');
    return undefined;
  }
  const fields: Partial<Record<Key, Located>> = {};
  // Sorted, for of `DSN` and `dsn` the ancestors took the latter.
  for (const [key, value] of entriesOf(at.value).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const folded = key.toLowerCase();
    const field = known.find((name) => name === folded);
    const path = [...at.path, key];
    if (field !== undefined) fields[field] = { value, path };
    else if (!ignored.includes(folded)) warn(path, unknownKey(key, known));
  }
  return fields;
}

/** The entries of a map of names; none for null, and reported for anything else. */
export function namesOf(at: Located | undefined, notes: Notes): readonly (readonly [string, Located])[] {
  if (at === undefined || at.value === null) return [];
  if (!isMap(at.value)) notes.report(at.path, `expected a map of names, found ${kindOf(at.value)}`, 'value');
  return entriesOf(at.value).map(([name, value]) => [name, { value, path: [...at.path, name] }] as const);
}

/** The entries of a list; none for null, and reported for anything else. */
export function itemsOf(at: Located | undefined, notes: Notes): readonly Located[] {
  if (at === undefined || at.value === null) return [];
  if (Array.isArray(at.value)) return at.value.map((value, i) => ({ value, path: [...at.path, i] }));
  notes.report(at.path, `${keyOf(at)}: expected a list, found ${kindOf(at.value)}`, 'value');
  return [];
}

/** The text of a single value, empty for none; undefined, and reported, for a list or a map. */
export function textOf(at: Located | undefined, notes: Notes): string | undefined {
  if (at === undefined || at.value === null) return '';
  if (typeof at.value === 'boolean') {
    const message = `${keyOf(at)}: without quotes this is the word "${at.value}"; put quotes around another one`;
    notes.warn(at.path, message, 'value');
  }
  if (['string', 'number', 'boolean'].includes(typeof at.value)) return String(at.value);
  notes.report(at.path, `${keyOf(at)}: expected text, found ${kindOf(at.value)}`, 'value');
  return undefined;
}

/** Whole seconds, 0 for none; undefined, and reported, for anything else. */
export function secondsOf(at: Located | undefined, notes: Notes): number | undefined {
  if (at === undefined || at.value === null) return 0;
  if (typeof at.value === 'number' && Number.isSafeInteger(at.value)) return at.value;
  const message = `${keyOf(at)}: expected whole seconds without a unit, such as 2, found ${kindOf(at.value)}`;
  notes.report(at.path, message, 'value');
  return undefined;
}

/** In words and without the value itself, which may be a secret. */
function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (isMap(value)) return 'a map';
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : 'a number with a fraction';
  return typeof value === 'boolean' ? 'true or false' : 'text';
}

function keyOf({ path }: Located): string {
  return String(path.findLast((step) => typeof step === 'string') ?? 'the file');
}

function unknownKey(key: string, known: readonly string[]): string {
  const colon = key.indexOf(':');
  // `dsn:user:secret@...` is one key in YAML: what follows the colon must not be shown.
  if (colon >= 0) return `unknown key, ignored; after "${key.slice(0, colon)}:" a space is missing`;
  return `unknown key "${key}", ignored${hintFor(key, known, 'keys')}`;
}
