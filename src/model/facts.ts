/**
 * What a query may depend on in a server: what must be asked for, and what is known then.
 */
import type { Flavour } from './query-set.ts';

/** What a server has of what it was asked for. Names are in lower case. */
export interface LearnedFacts {
  /** Values of global variables; only of those that there are. */
  readonly variables: ReadonlyMap<string, string>;
  /** As `schema.table`. */
  readonly tables: ReadonlySet<string>;
  /** As `schema.table.column`. */
  readonly columns: ReadonlySet<string>;
  /** The one that it has now; none when nobody knows. */
  readonly roles: ReadonlySet<string>;
}

/** What is known of a server. */
export interface ServerFacts extends LearnedFacts {
  readonly flavour: Flavour;
  readonly version: readonly [major: number, minor: number, patch: number];
}

/** Names to ask a server for, each once. */
export interface FactsWanted extends Readonly<Record<keyof LearnedFacts, readonly string[]>> {
  /** Equal for the same names. */
  readonly key: string;
}

type Wish = { readonly [Kind in keyof LearnedFacts]?: readonly string[] | undefined };

/** All that several wishes name; undefined when they name nothing. */
export function unite(wishes: readonly (Wish | undefined)[]): FactsWanted | undefined {
  // Sorted: the same names in another order are equal.
  const all = (kind: keyof LearnedFacts) => [...new Set(wishes.flatMap((wish) => wish?.[kind] ?? []))].sort();
  const wanted = {
    ...{ variables: all('variables'), tables: all('tables'), columns: all('columns') },
    roles: all('roles'),
  };
  const isNothing = Object.values(wanted).every((names) => names.length === 0);
  return isNothing ? undefined : { key: JSON.stringify(wanted), ...wanted };
}
