/**
 * One state of the configuration, checked and compiled: immutable, so that a request that asked for it once is
 * answered from one whole, whatever is loaded meanwhile.
 */
import type { Config } from '../model/config.ts';
import { compileQuerySets } from '../query-set/compile.ts';
import { Catalog } from './catalog.ts';

export interface Generation {
  readonly config: Config;
  readonly catalog: Catalog;
}

/** Compiles a configuration; pure, opens nothing. */
export function compileGeneration(config: Config): Generation {
  return { config, catalog: new Catalog(config, compileQuerySets(config.querySets.values())) };
}
