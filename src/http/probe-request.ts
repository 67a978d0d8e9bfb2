/**
 * What a probe's URL asks for, checked against what there is.
 */
import { z } from 'zod';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Target } from '../model/config.ts';
import type { Catalog } from '../probe/catalog.ts';

export type ParsedProbe =
  | {
      readonly ok: true;
      readonly target: Target;
      /** Exactly these sets; the target's own when empty. */
      readonly querySets: readonly string[];
      readonly authModule: string | undefined;
    }
  | { readonly ok: false; readonly status: 400 | 404; readonly sentence: string };

const values = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((given) => (given === undefined ? [] : [given].flat()));

const querySchema = z.object({
  target: values,
  query_set: values,
  'collect[]': values,
  auth_module: values,
});

/** Whether a URL has the parameter `target`, be it empty. */
export function namesTarget(query: unknown): boolean {
  const parsed = querySchema.safeParse(query);
  return parsed.success && parsed.data.target.length > 0;
}

/** Parses the query of `/probe`; other parameters are ignored, as the other exporters do. */
export function parseProbe(query: unknown, catalog: Catalog): ParsedProbe {
  const parsed = querySchema.safeParse(query);
  if (!parsed.success) return bad('the parameters of this URL cannot be read');
  const { target: names, query_set: sets, 'collect[]': collect, auth_module: modules } = parsed.data;
  const [name, ...more] = names;
  if (name === undefined) return bad('the parameter target is missing: /probe?target=NAME');
  if (more.length > 0) return bad('the parameter target is given more than once; a probe is of one target');
  if (name === '') return bad('the parameter target is empty: /probe?target=NAME');
  const target = catalog.targets.get(name);
  if (target === undefined) {
    return {
      ok: false,
      status: 404,
      sentence: `unknown target ${quote(name)}${didYouMean(name, catalog.targets.keys())}`,
    };
  }
  if (!target.enabled) return { ok: false, status: 404, sentence: `target ${quote(name)} is disabled` };
  const wanted = [...sets, ...collect];
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
    return bad(`target ${quote(name)} does not allow auth_module ${quote(module)}${hint}`);
  }
  return { ok: true, target, querySets: wanted, authModule: isOwn ? undefined : module };
}

function bad(sentence: string): ParsedProbe {
  return { ok: false, status: 400, sentence };
}

const MAX_ECHO = 100;

/** A value of the URL in a sentence: without line breaks, and not all of a long one. */
function quote(value: string): string {
  return JSON.stringify(value.length > MAX_ECHO ? `${value.slice(0, MAX_ECHO)}...` : value);
}
