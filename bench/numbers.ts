/**
 * The few statistics that the benchmark needs.
 */
import type { Figure } from './lines.ts';

/** The value below which a share `p` of all values lies (nearest rank); NaN for none. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

export function figure(values: readonly number[]): Figure {
  return { median: median(values), lowest: Math.min(...values), highest: Math.max(...values) };
}

/** A row of a table: median, lowest and highest. */
export function figureRow(name: string, values: readonly number[], digits: number): readonly string[] {
  const { highest, lowest, median: middle } = figure(values);
  return [name, ...[middle, lowest, highest].map((value) => value.toFixed(digits))];
}

export const FIGURE_HEADINGS: readonly string[] = ['', 'median', 'lowest', 'highest'];
