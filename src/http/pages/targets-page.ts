/**
 * `/`: every target in one line.
 */
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { type Selection, SORTS, type Sort } from '../../status/selection.ts';
import type { FailureSummary, TargetState, TargetSummary } from '../../status/target-summary.ts';
import { type Html, html, trusted, urlPart } from './html.ts';
import { tableHead } from './layout.ts';
import { ageText, countText, durationText } from './numbers.ts';

export interface TargetsView {
  readonly selection: Selection;
  /** Whether the page comes again by itself. */
  readonly refreshes: boolean;
  /** Those that the selection has, in its order. */
  readonly shown: readonly TargetSummary[];
  readonly counts: Readonly<Record<TargetState, number>>;
  readonly patterns: readonly { readonly text: string; readonly maxNames: number }[];
  /** Paths of scrapes of several targets, without a slash before them. */
  readonly scrapes: readonly { readonly path: string; readonly targets: number }[];
  readonly keepsHistory: boolean;
  readonly now: Date;
}

/** In words. */
export const STATE_NAMES: Readonly<Record<TargetState, string>> = {
  up: 'up',
  partly: 'partly up',
  down: 'down',
  not_asked: 'not asked yet',
  disabled: 'disabled',
};

const SORT_NAMES: Readonly<Record<Sort, string>> = {
  name: 'name',
  state: 'state',
  duration: 'duration',
  last_failure: 'last failure',
};

const NUMBERS: ReadonlySet<string> = new Set(['Last probe', 'Duration', 'Series']);
/** Rows that are made before others may have the thread. */
const AT_ONCE = 50;

export async function targetsBody(view: TargetsView): Promise<Html> {
  const rows: Html[] = [];
  for (const [i, target] of view.shown.entries()) {
    rows.push(rowOf(target, view.now));
    if (i % AT_ONCE === AT_ONCE - 1) await turnOfTheLoop();
  }
  const total = Object.values(view.counts).reduce((sum, count) => sum + count, 0);
  const head = ['Target', 'State', 'Server', 'Last probe', 'Duration', 'Series', 'Failing queries'];
  return html`${statesOf(view)}
${formOf(view)}
<div id="list" data-live>
<p class="quiet" role="status">${countText(view.shown.length)} of ${countText(total)} targets${view.keepsHistory ? '' : '; no history is kept (--web.history 0), so no state is known'}</p>
<table id="targets">${tableHead(head, NUMBERS)}<tbody>
${rows}</tbody></table>
</div>
${othersOf(view)}`;
}

/** The numbers of targets in each state lead to these. */
function statesOf({ counts, selection }: TargetsView): Html {
  const links = Object.entries(counts).map(([state, count]) => {
    const isCurrent = selection.state === state ? trusted(' aria-current="true"') : '';
    const name = STATE_NAMES[state as TargetState];
    return html`<a class="${state}" href="?state=${state}"${isCurrent}>${countText(count)} ${name}</a>`;
  });
  return html`<div id="states" data-live class="states"><a href="./">all</a> ${links}</div>`;
}

function formOf({ refreshes, selection: { onlyWrong, sort, state, text } }: TargetsView): Html {
  const checked = (on: boolean) => (on ? trusted(' checked') : '');
  const options = SORTS.map(
    (one) =>
      html`<option value="${one}"${one === sort ? trusted(' selected') : ''}>${SORT_NAMES[one]}</option>`,
  );
  return html`<form action="./" role="search">
<label>Filter <input type="search" name="q" value="${text}" placeholder="name, label, group, reason, server"></label>
<label><input type="checkbox" name="wrong" value="1"${checked(onlyWrong)}> Only what is wrong</label>
<label>Order by <select name="sort">${options}</select></label>
${state === undefined ? '' : html`<input type="hidden" name="state" value="${state}">`}
<label><input type="checkbox" id="refresh" name="refresh" value="1"${checked(refreshes)}> Again every 10 s</label>
<button>Show</button>
</form>`;
}

/**
 * End tags that HTML does not ask for are left out: of a thousand targets they are a fifth of the page. Nor is there a line
 * break, which would be the content of an empty cell.
 */
function rowOf({ failing, lastProbe, name, server, state }: TargetSummary, now: Date): Html {
  const version = server && `${server.flavour === 'mariadb' ? 'MariaDB' : 'MySQL'} ${server.version}`;
  const probe =
    lastProbe === undefined
      ? html`<td class=num><td class=num><td class=num>`
      : html`<td class=num>${ageText(lastProbe.at, now)} ago<td class=num>${durationText(lastProbe.durationSeconds)}<td class=num>${countText(lastProbe.series)}`;
  return html`<tr><th scope=row><a href="target/${urlPart(name)}">${name}</a><td class=${state}>${stateText(state, failing, now)}<td>${version}${probe}<td>${failingText(failing)}`;
}

/** Of the target as a whole; what its queries suffer from has a column of its own. */
function stateText(state: TargetState, failing: readonly FailureSummary[], now: Date): string {
  const down = failing.find(({ query }) => query === undefined);
  if (state !== 'down' || down === undefined) return STATE_NAMES[state];
  return `${STATE_NAMES.down}: ${down.reason}, for ${ageText(down.since, now)}`;
}

const SHOWN = 3;

function failingText(failing: readonly FailureSummary[]): string {
  const queries = failing.flatMap(({ query, reason }) =>
    query === undefined ? [] : [`${query} (${reason})`],
  );
  const more = queries.length > SHOWN ? ` and ${queries.length - SHOWN} more` : '';
  return queries.slice(0, SHOWN).join(', ') + more;
}

function othersOf({ patterns, scrapes }: TargetsView): Html {
  const ofPatterns = patterns.map(
    ({ maxNames, text }) =>
      html`<li><a href="target/${urlPart(text)}">${text}</a>: up to ${countText(maxNames)} names at once</li>`,
  );
  const ofScrapes = scrapes.map(
    ({ path, targets }) =>
      html`<li><a href="${trusted(
        path
          .split('/')
          .map((part) => urlPart(part).html)
          .join('/'),
      )}">/${path}</a>, ${countText(targets)} targets</li>`,
  );
  return html`${ofPatterns.length === 0 ? '' : html`<h2>Targets by pattern</h2><ul>${ofPatterns}</ul>`}
${ofScrapes.length === 0 ? '' : html`<h2>Scrapes of several targets</h2><ul>${ofScrapes}</ul>`}`;
}
