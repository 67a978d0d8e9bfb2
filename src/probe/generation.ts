/**
 * One state of the configuration, checked and compiled: immutable, so that a request that asked for it once is
 * answered from one whole, whatever is loaded meanwhile.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../model/config.ts';
import { compileQuerySets } from '../query-set/compile.ts';
import type { CompiledQuerySet } from '../query-set/compiled.ts';
import { Catalog } from './catalog.ts';

export interface Generation {
  readonly config: Config;
  readonly catalog: Catalog;
  /** By name. */
  readonly sets: ReadonlyMap<string, CompiledQuerySet>;
}

/**
 * Compiles a configuration; pure, opens nothing.
 *
 * @param previous when its query sets are the same they are taken over, with the shapes of results that they know
 */
export function compileGeneration(config: Config, previous?: Generation): Generation {
  const isSame = previous !== undefined && isDeepStrictEqual(previous.config.querySets, config.querySets);
  const sets = isSame ? previous.sets : compileQuerySets(config.querySets.values());
  return { config, catalog: new Catalog(config, sets), sets };
}
