/**
 * Names that a family may have, wherever a query file gives them.
 */

import type { Report } from '../check/zod-issues.ts';
import type { Path } from '../yaml/source.ts';

const FAMILY_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/**
 * Reports names that are not valid, and aliases that stand twice or repeat the name itself.
 *
 * @param families the metric's own, then its aliases, and where each stands
 * @param exposed what data makes of a name; the name itself when nothing
 */
export function checkFamilyNames(
  families: readonly (readonly [family: string, path: Path])[],
  { report }: { readonly report: Report },
  exposed: (family: string) => string = (family) => family,
): void {
  for (const [i, [family, path]] of families.entries()) {
    if (families.findIndex(([other]) => other === family) < i)
      report(path, `"${family}" is the metric's name already: remove it from aliases`);
    const name = exposed(family);
    if (!FAMILY_NAME.test(name))
      report(
        path,
        `"${name}" is no valid metric name: only letters, digits, _ and : and no digit at the beginning`,
      );
  }
}
