/** Where in the file a setting of a target is said. */
import type { Path } from '../../diagnostics/diagnostics.ts';
import type { Target } from '../../model/config.ts';
import { valueAt } from '../check/maps.ts';

/**
 * The path of a setting on the most specific level that has it; undefined when none has.
 *
 * @param settings paths below a level, any of which says it; on one level the first of them counts
 */
export function saidAt(file: unknown, target: Target, ...settings: readonly Path[]): Path | undefined {
  const levels: readonly Path[] = [
    ['targets', target.name],
    ...target.groups.toReversed().map((group) => ['groups', group]),
    ['defaults'],
  ];
  return levels
    .flatMap((level) => settings.map((setting) => [...level, ...setting]))
    .find((path) => valueAt(file, ...path) !== undefined);
}
