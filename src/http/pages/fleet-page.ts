/**
 * `/fleet` for people: who replicates from whom, what is wrong with it, and who is set otherwise.
 */
import { type Cluster, targetsOf } from '../../fleet/clusters.ts';
import { differing, rarestFirst, type VariableOfGroup } from '../../fleet/drift.ts';
import type { EdgeState, FleetReport } from '../../fleet/fleet.ts';
import { FLAVOUR_NAMES } from '../../model/query-set.ts';
import { type Html, html, type Part, urlPart } from './html.ts';
import { tableHead } from './layout.ts';
import { countText, durationText } from './numbers.ts';

const EDGES = ['Replica', 'Source', 'Channel', 'Transactions behind', 'Behind', 'Receiver', 'Applier'];
const CLUSTERS = ['Cluster', 'Members', 'Take writes'];
const VARIABLES = ['Variable', 'Group', 'Values'];
const NUMBERS: ReadonlySet<string> = new Set(['Transactions behind', 'Behind', 'Take writes']);
/** Names that are listed of those that have a value. */
const MOST_NAMES = 20;

export function fleetBody(report: FleetReport): Html {
  const { ages, clusters, edges, variables } = report;
  if (ages.length === 0)
    return html`<p>No target has the query set topology, so nothing is known of the fleet.</p>`;
  const known = ages.flatMap(({ ageMs }) => ageMs ?? []);
  const oldest = Math.max(0, ...known) / 1000;
  const drift = differing(variables);
  return html`<div id="list" data-live>
<p class="quiet">${countText(known.length)} of ${countText(ages.length)} targets with the query set topology have brought a result; the oldest is of ${durationText(oldest)} ago.</p>
${wrongsOf(report)}
<h2>Replication</h2>
<table id="edges">${tableHead(EDGES, NUMBERS)}<tbody>${edges.map(edgeRow)}</tbody></table>
<h2>Clusters</h2>
<table id="clusters">${tableHead(CLUSTERS, NUMBERS)}<tbody>${clusters.map(clusterRow)}</tbody></table>
<h2>Settings that differ within a group</h2>
${drift.length === 0 ? html`<p>None.</p>` : html`<table id="variables">${tableHead(VARIABLES, NUMBERS)}<tbody>${drift.map(variableRow)}</tbody></table>`}
</div>
<p><label><input type="checkbox" id="refresh"> Again every 10 s (with script)</label></p>`;
}

const link = (name: string) => html`<a href="target/${urlPart(name)}">${name}</a>`;

function namesOf(names: readonly string[]): Html {
  const links = names.slice(0, MOST_NAMES).map((name, i) => html`${i > 0 ? ', ' : ''}${link(name)}`);
  return html`${links}${names.length > MOST_NAMES ? ` and ${countText(names.length - MOST_NAMES)} more` : ''}`;
}

/** What an operator has to look at, in words; nothing when all is well. */
function wrongsOf({ clusters, duplicates, orphans, unknownReplicas }: FleetReport): Part {
  const wrongs = [
    ...clusters
      .filter(({ writablePrimaries }) => writablePrimaries > 1)
      .map(
        ({ name, writablePrimaries }) =>
          html`${writablePrimaries} servers of the cluster ${name} take writes and follow none.`,
      ),
    ...clusters
      .filter(({ inCircle }) => inCircle.length > 0)
      .map(({ inCircle }) => html`${namesOf(inCircle.map(({ name }) => name))} replicate in a circle.`),
    ...orphans.map(
      ({ channel, replica }) =>
        html`${link(replica.name)} replicates from ${channel.sourceHost}:${channel.sourcePort}, which is no target.`,
    ),
    ...unknownReplicas.map(
      ({ name, source }) => html`${name} replicates from ${link(source.name)}, and is no target.`,
    ),
    ...duplicates.map(({ areSeveral, targets, uuid }) =>
      areSeveral
        ? html`${namesOf(targets)} are servers of their own with one UUID, ${uuid}: clones that kept it.`
        : html`${namesOf(targets)} are one server.`,
    ),
  ];
  return wrongs.length === 0
    ? ''
    : html`<ul id="wrongs">${wrongs.map((one) => html`<li class="partly">${one}</li>`)}</ul>`;
}

function edgeRow({ channel, lag, replica, source }: EdgeState): Html {
  const thread = (runs: boolean) =>
    replica.record.isCurrent
      ? html`<td class="${runs ? 'up' : 'down'}">${runs ? 'runs' : 'stopped'}</td>`
      : html`<td class="quiet">not known</td>`;
  return html`<tr><th scope="row">${link(replica.name)}</th><td>${link(source.name)}</td><td>${channel.name}</td><td class="num">${lag && countText(lag.transactions)}</td><td class="num">${lag && behindText(lag)}</td>${thread(channel.receives)}${thread(channel.applies)}</tr>
`;
}

function behindText({ lowerMs, transactions, upperMs }: NonNullable<EdgeState['lag']>): string {
  if (transactions === 0) return '';
  if (upperMs === undefined) return `more than ${durationText(lowerMs / 1000)}`;
  return `${durationText(lowerMs / 1000)} to ${durationText(upperMs / 1000)}`;
}

function clusterRow(cluster: Cluster): Html {
  const { name, writablePrimaries } = cluster;
  return html`<tr><th scope="row">${name}</th><td>${namesOf(targetsOf(cluster))}</td><td class="num ${writablePrimaries > 1 ? 'down' : ''}">${writablePrimaries}</td></tr>
`;
}

function variableRow(one: VariableOfGroup): Html {
  const { flavour, group, variable } = one;
  const texts = rarestFirst(one).map(
    ([value, targets]) => html`<li>${value === '' ? 'empty' : value}: ${namesOf(targets)}</li>`,
  );
  return html`<tr><th scope="row">${variable}</th><td>${group}, ${FLAVOUR_NAMES[flavour]}</td><td><ul>${texts}</ul></td></tr>
`;
}
