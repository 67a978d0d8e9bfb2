/**
 * Boolean parameters of a set that switch its queries, or parts of what they become, on and off.
 */

import type { Switched } from '../model/metric.ts';
import type { QueryDefinition } from '../model/query-set.ts';

/** The parameters that decide what a result becomes, each once. */
export function switchesOf({ metrics, pivot }: QueryDefinition): readonly string[] {
  const parts: readonly Switched[] = [...metrics, ...(pivot?.rules ?? [])];
  return [...new Set(parts.flatMap(({ aliasesIf, onlyIf }) => [aliasesIf ?? [], onlyIf ?? []].flat()))];
}

/** The query without what is switched off. */
export function switchQuery(query: QueryDefinition, isOn: (param: string) => boolean): QueryDefinition {
  const take = <Part extends Switched>(parts: readonly Part[]): readonly Part[] =>
    parts.flatMap((part) => {
      if (part.onlyIf !== undefined && !isOn(part.onlyIf)) return [];
      const isBare = part.aliasesIf !== undefined && !isOn(part.aliasesIf);
      return [isBare ? { ...part, aliases: undefined } : part];
    });
  const { metrics, pivot } = query;
  return { ...query, metrics: take(metrics), pivot: pivot && { ...pivot, rules: take(pivot.rules) } };
}
