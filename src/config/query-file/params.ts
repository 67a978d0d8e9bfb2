/**
 * Parameters of query sets: what a set declares, and what a target sets.
 */

import { type Parsed, parsed, refused } from '../../diagnostics/parsed.ts';
import { hintFor } from '../../diagnostics/suggest.ts';
import type { ParamDefinition, ParamType, ParamValue, QuerySetDefinition } from '../../model/query-set.ts';
import { entriesOf, isMap, type Report } from '../check/zod-issues.ts';
import { only } from '../only.ts';
import type { Path } from '../yaml/source.ts';
import type { ParamUse } from './param-uses.ts';
import { paramSchema } from './schema.ts';

/** A value of this type; text of digits is an integer too, since variables are expanded to text. */
export function parseParam(type: ParamType, raw: ParamValue): Parsed<ParamValue> {
  switch (type) {
    case 'integer': {
      const value = typeof raw === 'string' && /^-?\d+$/.test(raw) ? Number(raw) : raw;
      return Number.isSafeInteger(value) ? parsed(value as number) : refused('expected a whole number');
    }
    case 'boolean':
      if (typeof raw === 'boolean') return parsed(raw);
      return raw === 'true' || raw === 'false' ? parsed(raw === 'true') : refused('expected true or false');
    case 'list':
      return typeof raw === 'boolean'
        ? refused('expected a list of texts')
        : parsed(typeof raw === 'object' ? raw : [String(raw)]);
    case 'string':
      return typeof raw === 'string' || typeof raw === 'number'
        ? parsed(String(raw))
        : refused('expected a text');
    case 'identifier':
      return typeof raw === 'string' && /^[^\0]{1,64}$/u.test(raw)
        ? parsed(raw)
        : refused('expected the name of a database, table or column');
    default:
      return type satisfies never;
  }
}

/** By name; undefined what is declared there and wrong, so that its name is known all the same. */
export type DeclaredParams = Readonly<Record<string, ParamDefinition | undefined>>;

/**
 * What a set declares, checked against what its queries use. Undefined when that cannot be told: whoever names a
 * parameter then may well be right.
 */
export function readParams(
  rawSet: unknown,
  uses: readonly ParamUse[],
  { path, report, warn }: { readonly path: Path; readonly report: Report; readonly warn: Report },
): DeclaredParams | undefined {
  const raw = isMap(rawSet) ? (rawSet['params'] ?? {}) : undefined;
  if (!isMap(raw) || (isMap(rawSet) && rawSet['params'] === null)) return undefined;
  const declared = Object.fromEntries(
    entriesOf(raw).map(([name, part]) => [
      name,
      declareParam(part, (message) => report([...path, 'params', name, 'default'], message, 'value')),
    ]),
  );
  for (const use of uses) checkUse(use, declared, { report, warn });
  for (const [name, param] of Object.entries(declared))
    if (param !== undefined && !uses.some((use) => use.name === name))
      warn([...path, 'params', name], `no query of the set uses "${name}"`);
  return declared;
}

/** Those that are right; undefined when there are none. */
export function rightParams(declared: DeclaredParams = {}): QuerySetDefinition['params'] {
  const params = only(declared) as Readonly<Record<string, ParamDefinition>>;
  return Object.keys(params).length === 0 ? undefined : params;
}

/** A parameter with its default; undefined when the declaration is wrong, which was reported. */
function declareParam(raw: unknown, refuse: (message: string) => void): ParamDefinition | undefined {
  const keys = paramSchema.safeParse(raw);
  if (!keys.success) return undefined; // Reported with the whole file.
  const { default: given, description, type } = keys.data;
  const value = parseParam(type, given);
  if (!value.ok) refuse(`default: ${value.message}`);
  return value.ok ? { type, default: value.value, ...only({ description }) } : undefined;
}

function checkUse(
  { name, path, says, type }: ParamUse,
  declared: DeclaredParams,
  { report, warn }: { readonly report: Report; readonly warn: Report },
): void {
  const names = Object.keys(declared);
  if (names.length === 0 && type === undefined)
    warn(
      path,
      `${says}, and the set has no params: declare it there, or the server gets :${name} as it stands`,
    );
  else if (!Object.hasOwn(declared, name))
    report(path, `${says}, which is no parameter of the set${hintFor(name, names, 'parameters')}`);
  const given = declared[name]?.type;
  if (type !== undefined && given !== undefined && given !== type)
    report(path, `${says}, which must be ${type} for that, not ${given}`);
}
