/** Versions of servers as lists of numbers: `[10, 11, 6]`. */

/** Version by version number: 10.11 is newer than 10.2, and 8 is 8.0.0. */
export function compareVersions(a: readonly number[], b: readonly number[]): number {
  const at = [0, 1, 2].find((i) => (a[i] ?? 0) !== (b[i] ?? 0)) ?? 0;
  return (a[at] ?? 0) - (b[at] ?? 0);
}
