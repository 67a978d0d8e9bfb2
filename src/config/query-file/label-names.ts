/**
 * Names that a label may have, wherever a query file gives them.
 */
import { TYPE_LABELS } from '../../model/metric-type.ts';
import { LABEL_NAME } from '../check/schema-parts.ts';
import type { Report } from '../check/zod-issues.ts';
import type { Path } from '../yaml/source.ts';

/** Prometheus writes these itself; its own win and ours become `exported_...`. */
const PROMETHEUS_LABELS = new Set(['instance', 'job', 'target']);
const RESERVED_LABELS: ReadonlySet<string> = new Set(TYPE_LABELS);

/** Reports names that are not valid or reserved, and those that stand twice or are `taken` already. */
export function checkLabelNames(
  places: readonly (readonly [name: string, path: Path])[],
  { report, warn }: { readonly report: Report; readonly warn: Report },
  taken: readonly string[] = [],
): void {
  const seen = new Set(taken);
  for (const [name, path] of places) {
    // In a list stand columns; in a map the labels themselves.
    const isColumn = typeof path.at(-1) === 'number';
    if (!LABEL_NAME.test(name))
      report(
        path,
        `"${name}" is no valid label name: only letters, digits and _, neither a digit nor __ at the beginning; name it with {column: ..., as: ...}`,
      );
    if (RESERVED_LABELS.has(name))
      report(
        path,
        `the label "${name}" is reserved for histograms and summaries: rename it${isColumn ? ' with {column, as}' : ''}`,
      );
    if (PROMETHEUS_LABELS.has(name))
      warn(path, `Prometheus sets the label "${name}" itself and will call this one "exported_${name}"`);
    if (seen.has(name)) report(path, `the label "${name}" stands twice in this metric`);
    seen.add(name);
  }
}
