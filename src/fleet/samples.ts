/**
 * What is known of the fleet as samples of the text format.
 */
import type { SampleSink } from '../model/samples.ts';
import { labelText } from '../query-set/cells/label-text.ts';
import { FLEET_FAMILIES, type FleetFamily } from './families.ts';
import type { EdgeState, FleetReport } from './fleet.ts';
import { grouped } from './grouped.ts';
import { addressText } from './topology.ts';

/** Writes all samples of a report, family by family. */
export function exposeFleet(report: FleetReport, sink: SampleSink): void {
  writeTargets(report, sink);
  writeEdges(report.edges, sink);
  writeOthers(report, sink);
  writeVariables(report.variables, sink);
}

/** Of a group with servers of both flavours the flavour counts that differs more. */
function writeVariables(variables: FleetReport['variables'], sink: SampleSink): void {
  const ofGroups = grouped(variables, ({ group }) => group);
  for (const [group, ofGroup] of ofGroups)
    for (const [variable, ofVariable] of grouped(ofGroup, (one) => one.variable))
      sample(
        sink,
        FLEET_FAMILIES.values,
        [group, variable],
        Math.max(...ofVariable.map(({ values }) => values.size)),
      );
}

/** @param values of the labels, in the order in which the family has them */
function sample(sink: SampleSink, family: FleetFamily, values: readonly string[], value: number): void {
  const labels = Object.fromEntries(family.labels.map((name, i) => [name, values[i] ?? '']));
  sink.sample(family, labelText(labels), value);
}

/** To the millisecond. */
export const seconds = (ms: number): number => Math.round(ms) / 1000;

function writeTargets({ ages, clusters, duplicates }: FleetReport, sink: SampleSink): void {
  for (const { ageMs, target } of ages)
    if (ageMs !== undefined) sample(sink, FLEET_FAMILIES.age, [target], seconds(ageMs));
  for (const { ageMs, querySeconds, target } of ages)
    if (ageMs !== undefined)
      sample(sink, FLEET_FAMILIES.querySeconds, [target], Math.round(querySeconds * 1e6) / 1e6);
  for (const { targets, uuid } of duplicates) sample(sink, FLEET_FAMILIES.duplicate, [uuid], targets.length);
  for (const { name, servers } of clusters)
    for (const { targets } of servers)
      for (const target of targets) sample(sink, FLEET_FAMILIES.member, [name, target.name], 1);
  for (const { name, writablePrimaries } of clusters)
    sample(sink, FLEET_FAMILIES.writable, [name], writablePrimaries);
  for (const { inCircle, name } of clusters) sample(sink, FLEET_FAMILIES.circle, [name], inCircle.length);
}

function writeEdges(edges: readonly EdgeState[], sink: SampleSink): void {
  for (const { channel, lag, replica, source } of edges) {
    const labels = [source.name, replica.name, channel.name];
    sample(sink, FLEET_FAMILIES.edge, labels, 1);
    if (replica.record.isCurrent) {
      sample(sink, FLEET_FAMILIES.running, [...labels, 'io'], channel.receives ? 1 : 0);
      sample(sink, FLEET_FAMILIES.running, [...labels, 'sql'], channel.applies ? 1 : 0);
    }
    if (lag === undefined) continue;
    sample(sink, FLEET_FAMILIES.lagTransactions, labels, lag.transactions);
    sample(sink, FLEET_FAMILIES.lagSeconds, [...labels, 'lower'], seconds(lag.lowerMs));
    if (lag.upperMs !== undefined)
      sample(sink, FLEET_FAMILIES.lagSeconds, [...labels, 'upper'], seconds(lag.upperMs));
  }
}

function writeOthers({ orphans, unknownReplicas }: FleetReport, sink: SampleSink): void {
  for (const { channel, replica } of orphans) {
    const host = addressText(channel.sourceHost, channel.sourcePort);
    sample(sink, FLEET_FAMILIES.orphan, [replica.name, channel.name, host], 1);
  }
  for (const { name, source } of unknownReplicas)
    sample(sink, FLEET_FAMILIES.unknownReplica, [source.name, name], 1);
}
