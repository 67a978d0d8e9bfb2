/** Access to maps and lists of unknown content, as a file holds them. */
import type { Path } from '../../diagnostics/diagnostics.ts';

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The entries of a map; none for anything else. */
export function entriesOf(raw: unknown): [string, unknown][] {
  return isMap(raw) ? Object.entries(raw) : [];
}

/** The value at a path of keys and indexes; undefined when there is none. */
export function valueAt(raw: unknown, ...path: Path): unknown {
  let value = raw;
  for (const step of path) {
    if (Array.isArray(value)) value = value[Number(step)];
    else if (isMap(value) && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value;
}

/** A copy that has no key whose value is undefined. */
export function withoutUndefined<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;
}
