/**
 * Reads the parts of a file of query-exporter or query-exporter-simple as those two did: keys without regard to
 * case, unknown ones ignored, and text out of whatever single value stands where text is expected.
 */
import { hintFor } from '../../diagnostics/suggest.ts';
import { entriesOf, isMap } from '../check/maps.ts';
import type { Located } from '../yaml/located.ts';

export type Fields<Key extends string> = Readonly<Partial<Record<Key, Located>>>;

/**
 * The known keys of a map; undefined, and reported, when it is no map.
 *
 * @param ignored keys that the original program knew and did not use
 */
export function fieldsOf<Key extends string>(
  { diagnostics, value: map }: Located,
  known: readonly Key[],
  ignored: readonly string[] = [],
): Fields<Key> | undefined {
  if (!isMap(map)) {
    diagnostics.error(`expected a map with ${known.join(', ')}, found ${kindOf(map)}`, 'value');
    return undefined;
  }
  const fields: Partial<Record<Key, Located>> = {};
  // Sorted, because of `DSN` and `dsn` the original programs took the latter.
  for (const [key, value] of entriesOf(map).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const folded = key.toLowerCase();
    const field = known.find((name) => name === folded);
    const below = diagnostics.at(key);
    if (field !== undefined) fields[field] = { value, diagnostics: below };
    else if (!ignored.includes(folded)) below.warn(unknownKey(key, known));
  }
  return fields;
}

/** The entries of a map of names; none for null, and reported for anything else. */
export function namesOf(at: Located | undefined): readonly (readonly [string, Located])[] {
  if (at === undefined || at.value === null) return [];
  const { diagnostics, value: map } = at;
  if (!isMap(map)) diagnostics.error(`expected a map of names, found ${kindOf(map)}`, 'value');
  return entriesOf(map).map(([name, value]) => [name, { value, diagnostics: diagnostics.at(name) }] as const);
}

/** The entries of a list; none for null, and reported for anything else. */
export function itemsOf(at: Located | undefined): readonly Located[] {
  if (at === undefined || at.value === null) return [];
  const { diagnostics, value: list } = at;
  if (Array.isArray(list)) return list.map((value, i) => ({ value, diagnostics: diagnostics.at(i) }));
  diagnostics.error(`${keyOf(at)}: expected a list, found ${kindOf(list)}`, 'value');
  return [];
}

/** The text of a single value, empty for none; undefined, and reported, for a list or a map. */
export function textOf(at: Located | undefined): string | undefined {
  if (at === undefined || at.value === null) return '';
  const { diagnostics, value } = at;
  if (typeof value === 'boolean') {
    const message = `${keyOf(at)}: without quotes this is the word "${value}"; put quotes around another one`;
    diagnostics.warn(message, 'value');
  }
  if (['string', 'number', 'boolean'].includes(typeof value)) return String(value);
  diagnostics.error(`${keyOf(at)}: expected text, found ${kindOf(value)}`, 'value');
  return undefined;
}

/** Whole seconds, 0 for none; undefined, and reported, for anything else. */
export function secondsOf(at: Located | undefined): number | undefined {
  if (at === undefined || at.value === null) return 0;
  const { diagnostics, value } = at;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  diagnostics.error(
    `${keyOf(at)}: expected whole seconds without a unit, such as 2, found ${kindOf(value)}`,
    'value',
  );
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

function keyOf({ diagnostics }: Located): string {
  return String(diagnostics.path.findLast((step) => typeof step === 'string') ?? 'the file');
}

function unknownKey(key: string, known: readonly string[]): string {
  const colon = key.indexOf(':');
  // `dsn:user:secret@...` is one key in YAML: what follows the colon must not be shown.
  if (colon >= 0) return `unknown key, ignored; after "${key.slice(0, colon)}:" a space is missing`;
  return `unknown key "${key}", ignored${hintFor(key, known, 'keys')}`;
}
