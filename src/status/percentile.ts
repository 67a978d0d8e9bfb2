/** The value that a share of all is not above, by the nearest rank; undefined without values, which are in rising order. */
export function percentile(sorted: ArrayLike<number>, share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}
