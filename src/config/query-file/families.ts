/**
 * Rules for family names over all query sets: Prometheus refuses an answer in which one family has two types or
 * two HELP texts, and any two sets may meet in one answer. It accepts other labels, but sums over them are wrong.
 */

import type { Place } from '../../diagnostics/diagnostic.ts';
import type { DiagnosticList } from '../../diagnostics/diagnostics.ts';
import { RESERVED_FAMILIES } from '../../model/families.ts';
import { METRIC_TYPE_RULES, type MetricType, partsOf } from '../../model/metric-type.ts';

/** What a metric, a rule or an info of a query file exposes. */
export interface Declaration {
  /** Its name, then its aliases. */
  readonly families: readonly string[];
  readonly type: MetricType;
  readonly help: string;
  readonly labels: readonly string[];
}

/** One name of a declaration, and where it stands. */
export interface FamilyUse extends Omit<Declaration, 'families'>, Place {
  readonly family: string;
}

/** https://prometheus.io/docs/concepts/jobs_instances/#automatically-generated-labels-and-time-series */
const PROMETHEUS_FAMILIES = /^(?:up|scrape_.*)$/;

/** Reports each definition that contradicts an earlier one or takes a reserved name. */
export function checkFamilies(uses: readonly FamilyUse[], found: DiagnosticList): void {
  const firstUses = new Map<string, FamilyUse>();
  const owners = new Map(
    uses.flatMap((use) => partsOf(use.family, use.type).map((part) => [part, use] as const)),
  );
  for (const use of uses) {
    const report = (message: string) => found.error(use, `the metric ${use.family} ${message}`);
    if (PROMETHEUS_FAMILIES.test(use.family))
      found.warn(
        use,
        `the metric ${use.family} has the name of one that Prometheus writes itself for each scrape, which then has two values: choose another name`,
      );
    if (RESERVED_FAMILIES.has(use.family))
      report('is one that the exporter itself exposes: choose another name');
    const owner = owners.get(use.family);
    if (owner)
      report(
        `is a series of the ${owner.type} ${owner.family} at ${owner.file}:${owner.line}: choose another name`,
      );
    const first = firstUses.get(use.family);
    if (!first) {
      firstUses.set(use.family, use);
      continue;
    }
    const place = `${first.file}:${first.line}`;
    if (first.type !== use.type) report(`is ${typed(use.type)} here but ${typed(first.type)} at ${place}`);
    if (first.help !== use.help)
      report(`has another description at ${place}: one metric has one description everywhere`);
    if (sorted(first.labels) !== sorted(use.labels))
      report(
        `has ${describe(use.labels)} here but ${describe(first.labels)} at ${place}: one metric has the same labels everywhere`,
      );
  }
}

const typed = (type: MetricType): string => METRIC_TYPE_RULES[type].described;

const sorted = (labels: readonly string[]): string => labels.toSorted().join();

const describe = (labels: readonly string[]): string =>
  labels.length === 0 ? 'no label' : `the label${labels.length > 1 ? 's' : ''} ${labels.join(', ')}`;
