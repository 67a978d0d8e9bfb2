/**
 * What a probe's URL asks for, checked against what there is.
 */

import { didYouMean } from '../diagnostics/suggest.ts';
import type { Target } from '../model/config.ts';
import type { Catalog } from '../probe/catalog.ts';
import { quote, type UrlParameters, urlParameters } from './url-parameters.ts';

export type ParsedProbe =
  | {
      readonly ok: true;
      readonly target: Target;
      /** Exactly these sets; the target's own when empty. */
      readonly querySets: readonly string[];
      readonly authModule: string | undefined;
      /** Whether the course of the probe is wanted, and not the samples alone. */
      readonly debug: boolean;
    }
  | { readonly ok: false; readonly status: 400 | 404; readonly sentence: string };

/** Those of a probe. A job of Prometheus Operator sends `module`, which means a query set here, or nothing when empty. */
const parameters = urlParameters(['target', 'query_set', 'collect[]', 'auth_module', 'module', 'debug']);

/** Whether a URL has the parameter `target`, be it empty. */
export function namesTarget(query: unknown): boolean {
  return parameters.read(query).target.length > 0;
}

/** What is wrong with the names of the parameters; undefined when a probe has all of them. */
export const unknownParameter = (query: unknown): string | undefined => parameters.unknownIn(query);

/** Parses the query of `/probe`. */
export function parseProbe(query: unknown, catalog: Catalog): ParsedProbe {
  const unknown = parameters.unknownIn(query);
  if (unknown !== undefined) return bad(unknown);
  const parsed = parameters.read(query);
  const found = findTarget(parsed.target, catalog);
  return found.ok ? parseWishes(found.target, parsed, catalog) : found;
}

type Found = { readonly ok: true; readonly target: Target } | Extract<ParsedProbe, { readonly ok: false }>;

function findTarget([name, ...more]: readonly string[], catalog: Catalog): Found {
  if (name === undefined) return bad('the parameter target is missing: /probe?target=NAME');
  if (more.length > 0) return bad('the parameter target is given more than once; a probe is of one target');
  if (name === '') return bad('the parameter target is empty: /probe?target=NAME');
  const target = catalog.find(name);
  if (target === undefined) {
    return {
      ok: false,
      status: 404,
      sentence: `unknown target ${quote(name)}${didYouMean(name, catalog.targets.keys())}`,
    };
  }
  return target.enabled
    ? { ok: true, target }
    : { ok: false, status: 404, sentence: `target ${quote(name)} is disabled` };
}

function parseWishes(
  target: Target,
  parsed: UrlParameters<'query_set' | 'collect[]' | 'auth_module' | 'module' | 'debug'>,
  catalog: Catalog,
): ParsedProbe {
  const { query_set: sets, 'collect[]': collect, auth_module: modules } = parsed;
  const wanted = [...sets, ...collect, ...parsed.module.filter((set) => set !== '')];
  const unknown = wanted.find((set) => !catalog.hasQuerySet(set));
  if (unknown !== undefined) {
    return bad(`unknown query set ${quote(unknown)}${didYouMean(unknown, catalog.querySetNames)}`);
  }
  const [module, ...otherModules] = modules;
  if (otherModules.length > 0) return bad('the parameter auth_module is given more than once');
  const isOwn = module === undefined || target.ownAuthModules.has(module);
  if (!isOwn && !target.authModules.has(module)) {
    const near = didYouMean(module, [...target.ownAuthModules, ...target.authModules.keys()]);
    const hint = near === '' ? '; see allow_auth_modules' : near;
    return bad(`target ${quote(target.name)} does not allow auth_module ${quote(module)}${hint}`);
  }
  const [debug = 'false', ...otherDebugs] = parsed.debug;
  if (otherDebugs.length > 0 || !(debug === 'true' || debug === 'false'))
    return bad('the parameter debug is true or false, and given once');
  const authModule = isOwn ? undefined : module;
  return { ok: true, target, querySets: wanted, authModule, debug: debug === 'true' };
}

function bad(sentence: string): Extract<ParsedProbe, { readonly ok: false }> {
  return { ok: false, status: 400, sentence };
}
