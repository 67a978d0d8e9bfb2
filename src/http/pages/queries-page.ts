/**
 * `/queries`: each query over all targets, the most expensive first.
 */
import type { QueryReport } from '../../status/query-report.ts';
import { type Html, html, type Part, urlPart } from './html.ts';
import { tableHead } from './layout.ts';
import { countText, durationText } from './numbers.ts';

const HEAD = ['Query', 'Total', 'Asked', 'Skipped', 'Failed', 'p50', 'p99', 'Longest', 'Targets', 'Slowest'];
const NUMBERS: ReadonlySet<string> = new Set([
  ...['Total', 'Asked', 'Skipped', 'p50', 'p99', 'Longest', 'Targets'],
]);

export function queriesBody(reports: readonly QueryReport[], historySize: number | undefined): Html {
  if (historySize === undefined)
    return html`<p>No history is kept (--web.history 0), so nothing is known of queries.</p>`;
  const total = reports.reduce((sum, { totalSeconds }) => sum + totalSeconds, 0);
  return html`<p><a href="api/v1/queries">as JSON</a></p>
<div id="list" data-live>
<p class="quiet">Since the start servers were busy with it for ${durationText(total)}, the way to them included. Durations are those of the last ${historySize} probes of each target.</p>
<table id="report">${tableHead(HEAD, NUMBERS)}<tbody>
${reports.map(rowOf)}</tbody></table>
</div>
<p><label><input type="checkbox" id="refresh"> Again every 10 s (with script)</label></p>`;
}

function rowOf(report: QueryReport): Html {
  const num = (value: Part) => html`<td class="num">${value}</td>`;
  const seconds = (value: number | undefined) => num(value === undefined ? '' : durationText(value));
  const failed = Object.entries(report.failed).map(([reason, times]) => `${countText(times)} ${reason}`);
  const slowest = report.slowest.map(
    ({ p50Seconds, target }, i) =>
      html`${i > 0 ? ', ' : ''}<a href="target/${urlPart(target)}">${target}</a> ${durationText(p50Seconds)}`,
  );
  return html`<tr><th scope="row">${report.name}</th>${seconds(report.totalSeconds)}${num(countText(report.asked))}${num(countText(report.skipped))}
<td class="${failed.length > 0 ? 'down' : 'quiet'}">${failed.join(', ')}</td>
${seconds(report.p50Seconds)}${seconds(report.p99Seconds)}${seconds(report.maxSeconds)}${num(countText(report.targets))}<td>${slowest}</td></tr>
`;
}
