/**
 * Names that a label may have, wherever a query file gives them.
 */
import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import { TYPE_LABELS } from '../../model/metric-type.ts';
import { LABEL_NAME, PROMETHEUS_LABELS } from '../check/schema-parts.ts';

const RESERVED_LABELS: ReadonlySet<string> = new Set(TYPE_LABELS);

/** Reports names that are not valid or reserved, and those that stand twice or are `taken` already. */
export function checkLabelNames(
  labels: readonly (readonly [name: string, diagnostics: Diagnostics])[],
  taken: readonly string[] = [],
): void {
  const seen = new Set(taken);
  for (const [name, diagnostics] of labels) {
    // A list holds columns, a map the labels themselves.
    const isColumn = typeof diagnostics.path.at(-1) === 'number';
    if (!LABEL_NAME.test(name))
      diagnostics.error(
        `"${name}" is no valid label name: only letters, digits and _, neither a digit nor __ at the beginning; name it with {column: ..., as: ...}`,
      );
    if (RESERVED_LABELS.has(name))
      diagnostics.error(
        `the label "${name}" is reserved for histograms and summaries: rename it${isColumn ? ' with {column, as}' : ''}`,
      );
    if (PROMETHEUS_LABELS.has(name) || name === 'target')
      diagnostics.warn(
        `Prometheus sets the label "${name}" itself and will call this one "exported_${name}"`,
      );
    if (seen.has(name)) diagnostics.error(`the label "${name}" stands twice in this metric`);
    seen.add(name);
  }
}
