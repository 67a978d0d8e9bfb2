/**
 * Names that a family may have, wherever a query file gives them.
 */

import type { Diagnostics } from '../../diagnostics/diagnostics.ts';

const FAMILY_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/**
 * Reports names that are not valid, and aliases that stand twice or repeat the name itself.
 *
 * @param families the metric's own, then its aliases, each with its diagnostics
 * @param exposed what data makes of a name; the name itself when nothing
 */
export function checkFamilyNames(
  families: readonly (readonly [family: string, diagnostics: Diagnostics])[],
  exposed: (family: string) => string = (family) => family,
): void {
  for (const [i, [family, diagnostics]] of families.entries()) {
    if (families.findIndex(([other]) => other === family) < i)
      diagnostics.error(`"${family}" is the metric's name already: remove it from aliases`);
    const name = exposed(family);
    if (!FAMILY_NAME.test(name))
      diagnostics.error(
        `"${name}" is no valid metric name: only letters, digits, _ and : and no digit at the beginning`,
      );
  }
}
