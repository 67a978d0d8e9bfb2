/**
 * The pages for people: `/`, `/target/NAME`, `/queries`, `/config`.
 */
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { Config } from '../../model/config.ts';
import { configText } from '../../settings/settings-text.ts';
import { reportQueries } from '../../status/query-report.ts';
import { select } from '../../status/selection.ts';
import { describeTarget } from '../../status/target-detail.ts';
import { countStates, summarize } from '../../status/target-summary.ts';
import { html, lines } from '../pages/html.ts';
import { sendPage } from '../pages/layout.ts';
import { queriesBody } from '../pages/queries-page.ts';
import { targetBody } from '../pages/target-page.ts';
import { targetsBody } from '../pages/targets-page.ts';
import { sendText } from '../plain-text.ts';
import type { Route } from '../route.ts';
import { findTarget, parseSelection, statusSources } from '../status-request.ts';
import { urlParameters } from '../url-parameters.ts';

export const TARGETS: Route = {
  path: '/',
  GET: async ({ generation, reply, request }, services) => {
    const parsed = parseSelection(request.query);
    if (!parsed.ok) return sendText(reply, 400, parsed.sentence);
    const { refreshes, selection } = parsed;
    const targets = await summarize(statusSources(generation, services));
    const { patterns, scrapes } = generation.catalog;
    const body = await targetsBody({
      selection,
      refreshes,
      shown: select(targets, selection),
      counts: countStates(targets),
      patterns,
      scrapes: [...scrapes].map(([path, { members }]) => ({ path, targets: members.length })),
      keepsHistory: services.history !== undefined,
      now: new Date(),
    });
    const { version } = services;
    return sendPage(reply, 200, { title: 'Targets', at: '', root: '', version, refreshes, body });
  },
  HEAD: ({ request }) => (parseSelection(request.query).ok ? 200 : 400),
};

export const TARGET: Route = {
  path: '/target/*',
  GET: ({ generation, reply, request }, services) => {
    const { version } = services;
    const found = findTarget(request, generation);
    if (!found.ok) {
      const body = html`<p>${found.sentence}</p>`;
      return sendPage(reply, 404, { title: 'Unknown target', at: undefined, root: '../', version, body });
    }
    const target = describeTarget(found.target, statusSources(generation, services));
    const body = targetBody(target, new Date());
    return sendPage(reply, 200, { title: target.name, at: undefined, root: '../', version, body });
  },
  HEAD: ({ generation, request }) => (findTarget(request, generation).ok ? 200 : 404),
};

export const QUERIES: Route = {
  path: '/queries',
  GET: async ({ generation, reply }, services) => {
    const { history, version } = services;
    const body = queriesBody(await reportQueries(statusSources(generation, services)), history?.size);
    return sendPage(reply, 200, { title: 'Queries', at: 'queries', root: '', version, body });
  },
  HEAD: () => 200,
};

const parameters = urlParameters(['format']);

export const CONFIG: Route = {
  path: '/config',
  GET: async ({ generation, reply, request }, { version }) => {
    const text = await wholeConfig(generation.config);
    const [format] = parameters.read(request.query).format;
    if (format === 'yaml') return reply.type('application/yaml; charset=utf-8').send(text);
    const body = html`<p>The settings of all targets as they hold, each with the line that says it. <a href="?format=yaml">As YAML alone</a></p>
<pre tabindex="0" role="region" aria-label="Configuration">${lines(text, Number.POSITIVE_INFINITY)}</pre>`;
    return sendPage(reply, 200, { title: 'Configuration', at: 'config', root: '', version, body });
  },
  HEAD: () => 200,
};

/** Targets whose settings are written before others may have the thread. */
const AT_ONCE = 5;

async function wholeConfig(config: Config): Promise<string> {
  const parts: string[] = [];
  for (const part of configText(config)) {
    parts.push(part);
    if (parts.length % AT_ONCE === 0) await turnOfTheLoop();
  }
  return parts.join('');
}
