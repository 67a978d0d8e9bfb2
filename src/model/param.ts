/** What a parameter of a query set is for a target. */
import type { ParamDefinition, ParamValue } from './query-set.ts';

/** What a parameter is for a target: what it sets, or else the default; undefined when there is no such parameter. */
export function settingOf(
  name: string,
  params: Readonly<Record<string, ParamDefinition>>,
  values: Readonly<Record<string, ParamValue>>,
): ParamValue | undefined {
  if (Object.hasOwn(values, name)) return values[name];
  return Object.hasOwn(params, name) ? params[name]?.default : undefined;
}
