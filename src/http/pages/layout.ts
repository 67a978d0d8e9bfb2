/**
 * What all pages have in common: head, way around, and the headers that keep them to themselves.
 */
import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { type Html, html, type Part, trusted } from './html.ts';
import { SCRIPT } from './script.ts';
import { cellLabels, STYLE } from './style.ts';

export interface Page {
  readonly title: string;
  /** Which entry of the way around it is. */
  readonly at: '' | 'queries' | 'fleet' | 'config' | undefined;
  /** From the page to `/`: `''` or `../`. Links are relative, so that a proxy may serve it anywhere. */
  readonly root: '' | '../';
  readonly version: string;
  /** Whether it comes again after ten seconds where there is no script. */
  readonly refreshes?: boolean;
  readonly body: Part;
}

/** What stands before each cell of these tables on narrow screens. */
const CELLS: Readonly<Record<string, readonly string[]>> = {
  targets: ['State', 'Server', 'Last probe', 'Duration', 'Series', 'Failing queries'],
  queries: ['State', 'Last', 'p50', 'p99', 'Rows', 'Series', 'Last success', 'Last failure', 'Statement'],
  probes: ['Outcome', 'Duration', 'Queries', 'Failed', 'Rows', 'Series', 'Received', 'Requests'],
  failures: ['Reason', 'Since', 'Last', 'Probes', 'In words'],
  edges: ['Source', 'Channel', 'Transactions behind', 'Behind', 'Receiver', 'Applier'],
  clusters: ['Members', 'Take writes'],
  variables: ['Group', 'Values'],
  report: ['Total', 'Asked', 'Skipped', 'Failed', 'p50', 'p99', 'Longest', 'Targets', 'Slowest'],
};

const WHOLE_STYLE =
  STYLE +
  Object.entries(CELLS)
    .map(([id, labels]) => cellLabels(id, labels))
    .join('');

const sha256 = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing from elsewhere, nothing that is not written here. */
const POLICY = [
  "default-src 'none'",
  `style-src ${sha256(WHOLE_STYLE)}`,
  `script-src ${sha256(SCRIPT)}`,
  "connect-src 'self'",
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PLACES = [
  ['', '', 'Targets'],
  ['queries', 'queries', 'Queries'],
  ['fleet', 'fleet', 'Fleet'],
  ['config', 'config', 'Configuration'],
  [undefined, 'sd', 'Discovery'],
  [undefined, 'metrics', 'Metrics'],
] as const;

/** Sends a page. */
export function sendPage(reply: FastifyReply, status: number, page: Page): FastifyReply {
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .header('content-security-policy', POLICY)
    .header('x-frame-options', 'deny')
    .header('referrer-policy', 'same-origin')
    .header('cache-control', 'no-store')
    .send(pageText(page));
}

function pageText({ at, body, refreshes, root, title, version }: Page): string {
  const places = PLACES.map(
    ([place, path, name]) =>
      html`<a href="${root + path || './'}"${place !== undefined && place === at ? trusted(' aria-current="page"') : ''}>${name}</a> `,
  );
  const again = refreshes === true ? html`<noscript><meta http-equiv="refresh" content="10"></noscript>` : '';
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
${again}<style>${trusted(WHOLE_STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">To the content</a>
<header><strong>mysql-query-exporter</strong><nav aria-label="Pages">${places}</nav><span class="quiet">${version}</span></header>
<main id="main">
<h1>${title}</h1>
${body}
</main>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`.html;
}

/** The head of a table; `numbers` has the names of columns of numbers. */
export function tableHead(names: readonly string[], numbers: ReadonlySet<string>): Html {
  const cells = names.map((name) =>
    numbers.has(name) ? html`<th scope="col" class="num">${name}</th>` : html`<th scope="col">${name}</th>`,
  );
  return html`<thead><tr>${cells}</tr></thead>`;
}
