/**
 * What a run has found, as the registry of one request.
 */
import { ProbeRegistry } from '../exposition/probe-registry.ts';
import { Samples } from '../exposition/samples.ts';
import { PROBE_FAMILIES } from '../model/families.ts';
import { labelText } from '../query-set/cells/label-text.ts';
import type { FailedMetric } from '../query-set/compiled.ts';
import type { Plan, PlannedQuery, PlannedSet } from './catalog.ts';
import type { Snapshot } from './execution.ts';
import { loadIntervalMs } from './query/load-interval.ts';
import { failureOf } from './query/outcome.ts';

export interface Timing {
  readonly seconds: number;
  readonly timeoutSeconds: number;
}

/** mysqld_exporter exposes its connect time under this name; here it is mostly 0, since connections persist. */
const CONNECTION = labelText({ collector: 'connection' });

/** Builds a registry of its own for a request from what requests share. */
export function render(meta: Samples, snapshot: Snapshot): ProbeRegistry {
  const registry = new ProbeRegistry();
  registry.add(meta);
  for (const outcome of snapshot.outcomes.values()) if (outcome.ok) registry.add(outcome.samples);
  return registry;
}

/** The samples of a probe besides those of its queries. */
export function describeRun(plan: Plan, snapshot: Snapshot, timing: Timing): Samples {
  const meta = new Samples();
  meta.sample(PROBE_FAMILIES.up, '', snapshot.down === undefined ? 1 : 0);
  if (snapshot.down !== undefined) {
    meta.sample(PROBE_FAMILIES.probeError, labelText({ reason: snapshot.down.reason }), 1);
  }
  meta.sample(PROBE_FAMILIES.probeDuration, '', timing.seconds);
  meta.sample(PROBE_FAMILIES.probeTimeout, '', timing.timeoutSeconds);
  for (const set of plan.sets) describe(set, snapshot, plan.target.maxLoad, meta);
  if (snapshot.connectSeconds !== undefined)
    meta.sample(PROBE_FAMILIES.collectorDuration, CONNECTION, snapshot.connectSeconds);
  return meta;
}

function describe(set: PlannedSet, { lacks, outcomes }: Snapshot, maxLoad: number, meta: Samples): void {
  let success = 1;
  let longest = 0;
  for (const query of set.queries) {
    const outcome = outcomes.get(query);
    if (outcome === undefined) continue;
    if (outcome.ok && outcome.skipped !== undefined) {
      meta.sample(
        PROBE_FAMILIES.querySkipped,
        `${query.labels},${labelText({ reason: outcome.skipped.reason })}`,
        1,
      );
      continue;
    }
    const failure = failureOf(outcome);
    meta.sample(PROBE_FAMILIES.querySuccess, query.labels, failure === undefined ? 1 : 0);
    meta.sample(PROBE_FAMILIES.queryDuration, query.labels, outcome.seconds);
    meta.sample(PROBE_FAMILIES.queryRows, query.labels, outcome.rows);
    const { minIntervalMs } = query.query;
    const loadMs = loadIntervalMs(outcome.tookMs, maxLoad);
    if (outcome.ok && (minIntervalMs > 0 || loadMs > 0)) {
      meta.sample(
        PROBE_FAMILIES.queryAge,
        query.labels,
        Math.round(performance.now() - outcome.readAt) / 1000,
      );
    }
    // Where min_interval is the longer one, max_load changes nothing.
    if (loadMs > minIntervalMs)
      meta.sample(PROBE_FAMILIES.queryInterval, query.labels, Math.round(loadMs) / 1000);
    if (failure !== undefined) {
      success = 0;
      meta.sample(PROBE_FAMILIES.queryError, `${query.labels},${labelText({ reason: failure.reason })}`, 1);
    }
    if (outcome.ok) {
      describeMetrics(query, outcome.without ?? [], meta);
      for (const privilege of lacks.get(query) ?? [])
        meta.sample(PROBE_FAMILIES.queryIncomplete, `${query.labels},${labelText({ privilege })}`, 1);
    }
    longest = Math.max(longest, outcome.seconds);
  }
  meta.sample(PROBE_FAMILIES.collectorSuccess, set.labels, success);
  meta.sample(PROBE_FAMILIES.collectorDuration, set.labels, longest);
}

/** Which metrics a query lacks whose others are there. */
function describeMetrics({ labels }: PlannedQuery, without: readonly FailedMetric[], meta: Samples): void {
  for (const { failure, family } of without)
    meta.sample(
      PROBE_FAMILIES.metricError,
      `${labels},${labelText({ metric: family, reason: failure.reason })}`,
      1,
    );
}
