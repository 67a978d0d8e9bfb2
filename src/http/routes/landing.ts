/**
 * The page at `/`: what this is, where its parts are, and every target with a link to its probe.
 */
import type { Target } from '../../model/config.ts';
import type { Catalog } from '../../probe/catalog.ts';
import type { Route } from '../route.ts';

export const LANDING: Route = {
  path: '/',
  GET: ({ generation, reply }, { version }) =>
    reply
      .type('text/html; charset=utf-8')
      .header(
        'content-security-policy',
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      )
      .header('x-frame-options', 'deny')
      .send(landingPage(version, generation.catalog)),
  HEAD: () => 200,
};

/** The page as HTML. No script, no image, nothing from elsewhere; links are relative, so that a proxy may serve it anywhere. */
function landingPage(
  version: string,
  { patterns, scrapes, targets }: Pick<Catalog, 'targets' | 'patterns' | 'scrapes'>,
): string {
  const rows = [...targets.values(), ...patterns.map(({ template }) => template)].map(row).join('\n');
  const links = [...scrapes].map(([path, { members }]) => scrapeLink(path, members.length)).join('\n');
  const several = links === '' ? '' : `<h2>Scrapes of several targets</h2>\n<ul>\n${links}\n</ul>\n`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>mysql-query-exporter</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #ddd; padding: .3rem .6rem; text-align: left; vertical-align: top; }
.off { color: #888; }
</style>
</head>
<body>
<h1>mysql-query-exporter</h1>
<p>Version ${escapeHtml(version)}. Prometheus exporter for MySQL and MariaDB.</p>
<ul>
<li><a href="metrics">Metrics of the exporter itself</a></li>
<li><a href="sd">Targets for service discovery</a>, <a href="sd?recipe=direct">without relabelling</a></li>
<li><a href="-/healthy">Healthy</a>, <a href="-/ready">ready</a></li>
</ul>
${several}<h2>Targets</h2>
<table>
<thead><tr><th>Target</th><th>Query sets</th><th>Labels</th></tr></thead>
<tbody>
${rows}
</tbody>
</table>
</body>
</html>
`;
}

function row({ name, enabled, querySets, labels, pattern }: Target): string {
  const asked = pattern === undefined ? '' : ' (any name that it matches)';
  const isLinked = enabled && pattern === undefined;
  const shown = isLinked
    ? `<a href="probe?target=${escapeHtml(encodeURIComponent(name))}">${escapeHtml(name)}</a>`
    : `<span class="off">${escapeHtml(name)}${enabled ? asked : ' (disabled)'}</span>`;
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  return `<tr><td>${shown}</td><td>${escapeHtml(querySets.join(', '))}</td><td>${escapeHtml(pairs.join(', '))}</td></tr>`;
}

function scrapeLink(path: string, targets: number): string {
  const url = path.split('/').map(encodeURIComponent).join('/');
  return `<li><a href="${escapeHtml(url)}">/${escapeHtml(path)}</a> (${targets})</li>`;
}

const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ESCAPED[char] ?? char);
}
