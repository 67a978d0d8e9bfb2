/**
 * Parameters of query sets: what a set declares, and what a target sets.
 */

import { type Parsed, parsed, refused } from './parsed.ts';
import type { ParamDefinition, ParamType, ParamValue } from './query-definition.ts';

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
  }
}

/** A parameter with its default. */
export function declareParam(type: ParamType, raw: ParamValue): Parsed<ParamDefinition> {
  const value = parseParam(type, raw);
  return value.ok ? parsed({ type, default: value.value }) : value;
}
