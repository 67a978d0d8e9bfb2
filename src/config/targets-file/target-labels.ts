/**
 * `target_labels`: the labels of a target stand on its samples, so no metric of its sets may have one of the same name.
 */
import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import type { Config } from '../../model/config.ts';
import { PROBE_FAMILIES } from '../../model/families.ts';
import { labelsOfValue } from '../../model/metric.ts';
import { TYPE_LABELS } from '../../model/metric-type.ts';
import type { QueryDefinition, QuerySetDefinition } from '../../model/query-set.ts';
import { saidAt } from './said-at.ts';

/** Labels of a family, as far as a query file tells them. */
interface Owner {
  readonly label: string;
  readonly family: string;
}

const OF_EVERY_PROBE: readonly Owner[] = Object.values(PROBE_FAMILIES).flatMap(({ labels, name }) =>
  labels.map((label) => ({ label, family: name })),
);

/**
 * Reports labels that a metric has too. What columns and keys name at run time is not known here: such a label is called
 * `exported_...` then.
 *
 * @param file the whole file
 */
export function checkTargetLabels(
  { patterns, querySets, targets }: Pick<Config, 'targets' | 'patterns' | 'querySets'>,
  file: unknown,
  diagnostics: Diagnostics,
): void {
  const all = [...targets.values(), ...patterns.map(({ template }) => template)];
  const exposing = all.filter(({ exposesLabels }) => exposesLabels);
  if (exposing.length === 0) return;
  const owners = new Map([...querySets].map(([name, set]) => [name, ownersIn(set)]));
  for (const target of exposing)
    for (const label of Object.keys(target.labels)) {
      // One that many targets share is reported once, where it is said.
      const at = diagnostics.at(
        ...(saidAt(file, target, ['labels', label]) ?? ['defaults', 'labels', label]),
      );
      if (TYPE_LABELS.some((own) => own === label)) {
        at.error(
          `the label "${label}" belongs to histograms and summaries: with target_labels it cannot be a target's`,
        );
        continue;
      }
      const ofSets = target.querySets.flatMap((set) => owners.get(set) ?? []);
      const owner = [...OF_EVERY_PROBE, ...ofSets].find((one) => one.label === label);
      if (owner !== undefined)
        at.error(
          `the metric ${owner.family} has a label "${label}" of its own: with target_labels this one must have another name`,
        );
    }
}

function ownersIn({ queries }: QuerySetDefinition): readonly Owner[] {
  return queries.flatMap(ownersInQuery);
}

function ownersInQuery({ metrics, pivot }: QueryDefinition): readonly Owner[] {
  const ofMetrics = metrics.flatMap(({ family, labels, staticLabels, value }) =>
    [
      ...(labels === 'all' ? [] : labels.map(({ as }) => as)),
      ...Object.keys(staticLabels),
      ...labelsOfValue(value),
    ].map((label) => ({ label, family })),
  );
  const ofRules = (pivot?.rules ?? []).flatMap((rule) =>
    rule.drop
      ? []
      : [...(pivot?.labels ?? []).map(({ as }) => as), ...Object.keys(rule.labels)].map((label) => ({
          label,
          family: rule.family,
        })),
  );
  const ofInfos = (pivot?.infos ?? []).flatMap(({ family, labels }) =>
    Object.keys(labels).map((label) => ({ label, family })),
  );
  return [...ofMetrics, ...ofRules, ...ofInfos];
}
