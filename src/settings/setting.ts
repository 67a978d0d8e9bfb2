/**
 * Settings as a tree, each with where it comes from: what a command prints, and a page may show.
 */
import type { Origin } from './origin.ts';

/** A key of targets.yml and what it says. */
export type Setting = {
  readonly key: string;
} & (
  | { readonly value: Plain; readonly origin: Origin | undefined }
  /** A list whose entries may come from different places. */
  | { readonly entries: readonly { readonly value: string; readonly origin: Origin | undefined }[] }
  | { readonly settings: readonly Setting[] }
  /** What holds and cannot be written at this place. */
  | { readonly note: string; readonly origin: Origin | undefined }
);

export type Plain = string | number | boolean | readonly string[];

/** None for a value that there is not. */
export function setting(
  key: string,
  value: Plain | undefined,
  origin: Origin | undefined,
): readonly Setting[] {
  return value === undefined ? [] : [{ key, value, origin }];
}

/** None for a map without a key. */
export function group(key: string, settings: readonly Setting[]): readonly Setting[] {
  return settings.length === 0 ? [] : [{ key, settings }];
}

/** None for an empty list. */
export function list(
  key: string,
  values: readonly string[],
  originOf: (value: string) => Origin | undefined,
): readonly Setting[] {
  const entries = values.map((value) => ({ value, origin: originOf(value) }));
  return entries.length === 0 ? [] : [{ key, entries }];
}
