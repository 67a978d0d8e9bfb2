/**
 * `scrapes` of targets.yml: several targets in one answer, at /scrape/NAME.
 */
import type { ScrapeDefinition, Target } from '../../model/config.ts';
import { scrapePath } from '../../model/paths.ts';
import { entriesOf, isMap, type Report, salvage } from '../check/zod-issues.ts';
import type { Path } from '../yaml/source.ts';
import { checkNames } from './levels.ts';
import { scrapeSchema } from './schema.ts';

export interface ScrapesScope {
  /** Those that could be resolved. */
  readonly targets: ReadonlyMap<string, Target>;
  /** Undefined when not all query files could be read. */
  readonly querySets: readonly string[] | undefined;
  readonly report: Report;
  readonly warn: Report;
}

/** All scrapes by the path they are served at; when something was reported they may be incomplete. */
export function readScrapes(raw: unknown, scope: ScrapesScope): ReadonlyMap<string, ScrapeDefinition> {
  const part = (key: string): unknown => (isMap(raw) ? raw[key] : undefined);
  const names = (key: string) => entriesOf(part(key)).map(([name]) => name);
  const known = { groups: names('groups'), targets: names('targets') };
  return new Map(
    entriesOf(part('scrapes')).map(([name, scrape]) => [
      scrapePath(name),
      readScrape(name, scrape, { ...scope, known }),
    ]),
  );
}

interface ScrapeScope extends ScrapesScope {
  readonly known: { readonly groups: readonly string[]; readonly targets: readonly string[] };
}

function readScrape(name: string, raw: unknown, scope: ScrapeScope): ScrapeDefinition {
  const path: Path = ['scrapes', name];
  const { value, faulty } = salvage(scrapeSchema, raw);
  const { groups, targets, query_sets: querySets = [] } = value;
  let doubtful = faulty.size > 0 || !isMap(raw);
  const check = (key: string, given: readonly string[], known: readonly string[], plural: string) =>
    checkNames(given, known, (wrong, hint, i) => {
      doubtful = true;
      scope.report([...path, key, i], `unknown ${plural.slice(0, -1)} "${wrong}"${hint(plural)}`);
    });
  check('groups', groups ?? [], scope.known.groups, 'groups');
  check('targets', targets ?? [], scope.known.targets, 'targets');
  if (scope.querySets) check('query_sets', querySets, scope.querySets, 'query sets');

  const everything = groups === undefined && targets === undefined;
  const members = [...scope.targets.values()].filter(
    (target) =>
      target.enabled &&
      (everything ||
        targets?.includes(target.name) ||
        target.groups.some((group) => groups?.includes(group))),
  );
  if (members.length === 0 && !doubtful)
    scope.warn(path, `the scrape "${name}" has no enabled target: nothing is asked`);
  return {
    name,
    members: members.map((target) => ({ target: target.name, instance: target.name })),
    querySets,
  };
}
