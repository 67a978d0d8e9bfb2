/** "Did you mean": the valid name nearest to a mistyped one. */

/** The nearest candidate, or undefined when none is near enough to be a likely typing error. */
export function nearestName(wrong: string, candidates: Iterable<string>): string | undefined {
  // Names far longer than any of ours are not typing errors; the bound keeps the search short.
  if (wrong.length > 100) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wrong.length * 0.4)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wrong.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/**
 * `; did you mean "x"?`, or nothing when nothing is near.
 *
 * @param show how the name is written where it is used
 */
export function didYouMean(
  wrong: string,
  candidates: Iterable<string>,
  show: (near: string) => string = (near) => JSON.stringify(near),
): string {
  const near = nearestName(wrong, candidates);
  return near === undefined ? '' : `; did you mean ${show(near)}?`;
}

/** {@link didYouMean}, or the list of what is valid when nothing is near. */
export function hintFor(wrong: string, candidates: readonly string[], plural: string): string {
  const near = didYouMean(wrong, candidates);
  if (near !== '') return near;
  if (candidates.length === 0) return `; there are no ${plural}`;
  const shown = candidates.slice(0, 30).join(', ');
  return `; ${plural} are: ${shown}${candidates.length > 30 ? ', ...' : ''}`;
}

/** Insertions, deletions, replacements and swaps of neighbours from one to the other (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i++) {
    const current = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = previous[j]! + (a[i] === b[j] ? 0 : 1);
      const isSwap = i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j];
      const swapped = isSwap ? beforePrevious[j - 1]! + 1 : replaced;
      current.push(Math.min(replaced, swapped, previous[j + 1]! + 1, current[j]! + 1));
    }
    [beforePrevious, previous] = [previous, current];
  }
  return previous[b.length]!;
}
