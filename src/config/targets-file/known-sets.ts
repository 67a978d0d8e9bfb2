/**
 * The query sets that a targets file may name, and what is said of a name that is none of them.
 */
import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import { didYouMean, hintFor } from '../../diagnostics/suggest.ts';
import type { DeclaredParams } from '../query-file/params.ts';

/** The word in `query_files` for all that comes with the program. */
export const BUILTIN = 'builtin';

export interface KnownSets {
  readonly loaded: ReadonlyMap<string, KnownSet>;
  /** Names of those that come with the program, loaded or not. */
  readonly shipped: readonly string[];
}

export interface KnownSet {
  /** Undefined when they are wrong. */
  readonly params: DeclaredParams | undefined;
  /** The names of those that are asked. */
  readonly queries: readonly string[];
  /** The names of those that their file switches off. */
  readonly disabled: readonly string[];
}

/** Reports a set that is not loaded; returns the one that is. */
export function knownSet(name: string, sets: KnownSets, at: Diagnostics): KnownSet | undefined {
  const known = sets.loaded.get(name);
  if (known === undefined) at.error(`unknown query set "${name}"${hintForSet(name, sets)}`);
  return known;
}

/** Reports each set of a list that is not loaded. */
export function checkSets(names: readonly string[], sets: KnownSets, at: Diagnostics): void {
  for (const [i, name] of names.entries()) knownSet(name, sets, at.at(i));
}

const TO_ADD = `add ${BUILTIN} to query_files`;

function hintForSet(name: string, { loaded, shipped }: KnownSets): string {
  if (shipped.includes(name)) return `; it comes with the program: ${TO_ADD}`;
  const names = [...loaded.keys()];
  const near = didYouMean(name, names);
  const unloaded = near === '' ? didYouMean(name, shipped) : '';
  return unloaded === ''
    ? hintFor(name, names, 'query sets')
    : `${unloaded} It comes with the program: ${TO_ADD}`;
}
