/**
 * Paths of URLs: which are the exporter's own, and where a scrape of several targets is served.
 *
 * One place for both sides: http may add no route at a path that is not reserved here, and a configuration may serve
 * nothing at one that is.
 */

/** What the exporter's own paths begin with; some are kept for routes to come. */
export const RESERVED = [
  ...(['probe', 'metrics', 'scrape', 'sd', '-'] as const),
  ...(['target', 'queries', 'config', 'fleet', 'api'] as const),
];

type Reserved = (typeof RESERVED)[number];

/** The path of a route. */
export type OwnPath = '/' | `/${Reserved}` | `/${Reserved}/${string}`;

/** Which reserved word a path begins with. Paths of a configuration have no slash before them. */
export function reservedIn(path: string): string | undefined {
  return RESERVED.find((own) => path === own || path.startsWith(`${own}/`));
}

/** The path of a scrape of targets.yml, without a slash before it. */
export function scrapePath(name: string): string {
  return `scrape/${name}`;
}
