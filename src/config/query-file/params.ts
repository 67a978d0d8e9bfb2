/**
 * Parameters of query sets: their declarations in a set, and the values that a target gives them.
 */

import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import { type Parsed, parsed, refused } from '../../diagnostics/parsed.ts';
import { hintFor } from '../../diagnostics/suggest.ts';
import type { ParamDefinition, ParamType, ParamValue, QuerySetDefinition } from '../../model/query-set.ts';
import { entriesOf, isMap, withoutUndefined } from '../check/maps.ts';
import type { ParamUse } from './param-uses.ts';
import { paramSchema } from './schema.ts';

/** Converts a value to the type; text of digits is an integer too, because variables are expanded to text. */
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

/** By name; undefined for a wrong declaration, so that its name is known all the same. */
export type DeclaredParams = Readonly<Record<string, ParamDefinition | undefined>>;

/**
 * The declarations of a set, checked against the uses in its queries. Undefined when `params` is not a map: then any
 * name may be right.
 *
 * @param diagnostics of the set
 */
export function readParams(
  rawSet: unknown,
  uses: readonly ParamUse[],
  diagnostics: Diagnostics,
): DeclaredParams | undefined {
  const raw = isMap(rawSet) ? (rawSet['params'] ?? {}) : undefined;
  if (!isMap(raw) || (isMap(rawSet) && rawSet['params'] === null)) return undefined;
  const params = diagnostics.at('params');
  const declared = Object.fromEntries(
    entriesOf(raw).map(([name, part]) => [name, declareParam(part, params.at(name))]),
  );
  for (const use of uses) checkUse(use, declared);
  for (const [name, param] of Object.entries(declared))
    if (param !== undefined && !uses.some((use) => use.name === name))
      params.at(name).warn(`no query of the set uses "${name}"`);
  return declared;
}

/** The declarations without the wrong ones; undefined when none is left. */
export function rightParams(declared: DeclaredParams = {}): QuerySetDefinition['params'] {
  const params = withoutUndefined(declared) as Readonly<Record<string, ParamDefinition>>;
  return Object.keys(params).length === 0 ? undefined : params;
}

/** A parameter with its default; undefined when the declaration is wrong, which was reported. */
function declareParam(raw: unknown, diagnostics: Diagnostics): ParamDefinition | undefined {
  const keys = paramSchema.safeParse(raw);
  if (!keys.success) return undefined; // Reported with the whole file.
  const { default: given, description, type } = keys.data;
  const value = parseParam(type, given);
  if (value.ok) return { type, default: value.value, ...withoutUndefined({ description }) };
  diagnostics.at('default').error(`default: ${value.message}`, 'value');
  return undefined;
}

function checkUse({ name, diagnostics, says, type }: ParamUse, declared: DeclaredParams): void {
  const names = Object.keys(declared);
  if (names.length === 0 && type === undefined)
    diagnostics.warn(
      `${says}, and the set has no params: declare it there, or the server gets :${name} as it stands`,
    );
  else if (!Object.hasOwn(declared, name))
    diagnostics.error(`${says}, which is no parameter of the set${hintFor(name, names, 'parameters')}`);
  const given = declared[name]?.type;
  if (type !== undefined && given !== undefined && given !== type)
    diagnostics.error(`${says}, which must be ${type} for that, not ${given}`);
}
