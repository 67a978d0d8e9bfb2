/**
 * `/target/NAME`: all that is known of one target.
 */
import type { ConnectionSummary, QuerySummary, TargetDetail } from '../../status/target-detail.ts';
import type { FailureSummary, ProbeSummary } from '../../status/target-summary.ts';
import { type Html, html, lines, type Part, urlPart } from './html.ts';
import { tableHead } from './layout.ts';
import { ageText, bytesText, countText, durationText } from './numbers.ts';
import { STATE_NAMES } from './targets-page.ts';

const QUERY_STATE_NAMES = { ok: 'ok', failed: 'failed', skipped: 'skipped', not_asked: 'not asked yet' };

export function targetBody(target: TargetDetail, now: Date): Html {
  const { connections, failures, name, probes, queries, settings, state } = target;
  const url = urlPart(name);
  const links =
    state === 'disabled'
      ? ''
      : html`<p><a href="../probe?target=${url}">Probe</a> · <a href="../probe?target=${url}&amp;debug=true">Probe in slow motion</a> · <a href="../api/v1/targets/${url}">as JSON</a></p>`;
  return html`${links}
<div id="live" data-live>
${facts(target, now)}
<h2 id="connections-heading">Connections</h2>
${connections.length === 0 ? html`<p class="quiet">Nobody has asked yet, so there was none.</p>` : connections.map((one) => connectionFacts(one, now))}
<h2>Queries</h2>
${queryTable(queries, now)}
<h2>Failures</h2>
${failures.length === 0 ? html`<p class="quiet">None of late.</p>` : failureTable(failures, now)}
<h2>Last probes</h2>
${probes.length === 0 ? html`<p class="quiet">None.</p>` : probeTable(probes, now)}
</div>
<p><label><input type="checkbox" id="refresh"> Again every 10 s (with script)</label></p>
<h2>Settings</h2>
<pre tabindex="0" role="region" aria-label="Settings">${lines(settings)}</pre>`;
}

const fact = (name: string, value: Part): Html => html`<dt>${name}</dt><dd>${value}</dd>`;

/** The moment itself stands in the markup. */
const ago = (at: Date, now: Date): Html =>
  html`<time datetime="${at.toISOString()}" title="${at.toISOString()}">${ageText(at, now)} ago</time>`;

function facts(target: TargetDetail, now: Date): Html {
  const { address, clients, failing, groups, labels, lastProbe, server, state } = target;
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  const failures = failing.map(
    ({ detail, query, reason, since }) =>
      html`<div>${query === undefined ? '' : `${query}: `}${reason}, since ${ago(since, now)}: ${detail}</div>`,
  );
  const askers = clients.map(
    ({ address: client, lastAt }, i) => html`${i > 0 ? ', ' : ''}${client} (${ago(lastAt, now)})`,
  );
  return html`<dl>
${fact('State', html`<span class="${state}">${STATE_NAMES[state]}</span>`)}
${failures.length === 0 ? '' : fact('Fails', failures)}
${fact('Address', address)}
${server === undefined ? '' : fact('Server', `${server.flavour === 'mariadb' ? 'MariaDB' : 'MySQL'} ${server.version}`)}
${groups.length === 0 ? '' : fact('Groups', groups.join(', '))}
${pairs.length === 0 ? '' : fact('Labels', pairs.join(', '))}
${lastProbe === undefined ? '' : fact('Last probe', html`${ago(lastProbe.at, now)}, took ${durationText(lastProbe.durationSeconds)}, ${countText(lastProbe.series)} series`)}
${askers.length === 0 ? '' : fact('Asked by', askers)}
</dl>`;
}

function connectionFacts(connection: ConnectionSummary, now: Date): Html {
  const { authModule, backoffUntil, busy, idle, openedAt, opening, resolvedTo, server, tls, user, waiting } =
    connection;
  const left = backoffUntil && Math.ceil((backoffUntil.getTime() - now.getTime()) / 1_000);
  const encryption =
    tls === null
      ? 'none'
      : tls && `${tls.version}, ${tls.cipher}, certificate until ${tls.certificateEnd ?? 'nobody knows'}`;
  return html`<dl>
${authModule === undefined ? '' : fact('Auth module', authModule)}
${fact('Connections', `${idle} idle, ${busy} busy, ${opening} being opened; queries that wait: ${waiting}`)}
${user === undefined ? '' : fact('Account', user)}
${resolvedTo === undefined ? '' : fact('Resolved to', resolvedTo)}
${server === undefined ? '' : fact('It calls itself', server)}
${openedAt === undefined ? '' : fact('Last opened', ago(openedAt, now))}
${encryption === undefined ? '' : fact('TLS', encryption)}
${backoffUntil === undefined ? '' : fact('Back-off', html`the login was refused; not tried for another ${left} s, until <time>${backoffUntil.toISOString()}</time>`)}
</dl>`;
}

const QUERY_HEAD = [
  ...['Query', 'State', 'Last', 'p50', 'p99', 'Rows', 'Series', 'Last success', 'Last failure', 'Statement'],
];
const NUMBERS: ReadonlySet<string> = new Set([
  ...[
    'Last',
    'p50',
    'p99',
    'Rows',
    'Series',
    'Duration',
    'Queries',
    'Failed',
    'Received',
    'Requests',
    'Probes',
  ],
]);

function queryTable(queries: readonly QuerySummary[], now: Date): Html {
  const num = (value: Part) => html`<td class="num">${value}</td>`;
  const seconds = (value: number | undefined) => num(value === undefined ? '' : durationText(value));
  const count = (value: number | undefined) => num(value === undefined ? '' : countText(value));
  const moment = (at: Date | undefined) => html`<td>${at && ago(at, now)}</td>`;
  const rows = queries.map(
    (query) => html`<tr><th scope="row">${query.name}</th>
<td class="${query.state === 'failed' ? 'down' : query.state}">${queryStateText(query)}</td>
${seconds(query.lastSeconds)}${seconds(query.p50Seconds)}${seconds(query.p99Seconds)}${count(query.rows)}${count(query.series)}
${moment(query.lastSuccessAt)}${moment(query.lastFailureAt)}
<td><details id="sql-${query.name}"><summary>${limitsText(query)}</summary><pre tabindex="0" role="region" aria-label="Statement of ${query.name}">${lines(query.sql)}</pre></details></td></tr>
`,
  );
  return html`<table id="queries">${tableHead(QUERY_HEAD, NUMBERS)}<tbody>
${rows}</tbody></table>`;
}

function queryStateText({ failing, skipped, state }: QuerySummary): string {
  if (failing !== undefined) return `failed: ${failing.reason}, ${failing.detail}`;
  return skipped === undefined ? QUERY_STATE_NAMES[state] : `skipped: ${skipped.reason}, ${skipped.detail}`;
}

function limitsText({ loadIntervalSeconds, minIntervalSeconds, timeoutSeconds }: QuerySummary): string {
  const kept = minIntervalSeconds === undefined ? '' : `, kept for ${durationText(minIntervalSeconds)}`;
  const waits =
    loadIntervalSeconds === undefined ? '' : `, waits ${durationText(loadIntervalSeconds)} for max_load`;
  return `SQL, at most ${durationText(timeoutSeconds)}${kept}${waits}`;
}

function failureTable(failures: readonly FailureSummary[], now: Date): Html {
  const rows = failures.map(
    ({ detail, failures: times, goesOn, lastAt, query, reason, since }) =>
      html`<tr><th scope="row">${query ?? 'the target'}</th><td class="${goesOn ? 'down' : 'quiet'}">${reason}${goesOn ? '' : ', over'}</td><td>${ago(since, now)}</td><td>${ago(lastAt, now)}</td><td class="num">${countText(times)}</td><td>${detail}</td></tr>
`,
  );
  const head = ['What', 'Reason', 'Since', 'Last', 'Probes', 'In words'];
  return html`<table id="failures">${tableHead(head, new Set(['Probes']))}<tbody>
${rows}</tbody></table>`;
}

function probeTable(probes: readonly ProbeSummary[], now: Date): Html {
  const num = (value: Part) => html`<td class="num">${value}</td>`;
  const rows = probes.map(
    (probe) => html`<tr><th scope="row">${ago(probe.at, now)}</th>
<td class="${probe.reason === undefined ? (probe.failedQueries > 0 ? 'partly' : 'up') : 'down'}">${probe.reason === undefined ? 'up' : `down: ${probe.reason}`}</td>
${num(durationText(probe.durationSeconds))}${num(probe.queries)}${num(probe.failedQueries)}${num(countText(probe.rows))}${num(countText(probe.series))}${num(bytesText(probe.bytes))}${num(probe.requests)}</tr>
`,
  );
  const head = ['When', 'Outcome', 'Duration', 'Queries', 'Failed', 'Rows', 'Series', 'Received', 'Requests'];
  return html`<table id="probes">${tableHead(head, NUMBERS)}<tbody>
${rows}</tbody></table>`;
}
