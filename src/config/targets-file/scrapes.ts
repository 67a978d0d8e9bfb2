/**
 * `scrapes` of targets.yml: several targets in one answer, at /scrape/NAME.
 */
import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import type { ScrapeDefinition, Target } from '../../model/config.ts';
import { isPattern } from '../../model/name-pattern.ts';
import { scrapePath } from '../../model/paths.ts';
import { entriesOf, isMap, valueAt } from '../check/maps.ts';
import { salvage } from '../check/salvage.ts';
import { checkSets, type KnownSets } from './known-sets.ts';
import { checkNames } from './levels.ts';
import { scrapeSchema } from './schema.ts';

export interface ScrapesScope {
  /** Those that could be resolved. */
  readonly targets: ReadonlyMap<string, Target>;
  /** Undefined when not all query files could be read. */
  readonly querySets: KnownSets | undefined;
}

/** All scrapes by the path they are served at; when something was reported they may be incomplete. */
export function readScrapes(
  file: unknown,
  scope: ScrapesScope,
  diagnostics: Diagnostics,
): ReadonlyMap<string, ScrapeDefinition> {
  const names = (key: string) => entriesOf(valueAt(file, key)).map(([name]) => name);
  // Names that a pattern matches are not known here.
  const listed = names('targets').filter((name) => !isPattern(name));
  const known = { groups: names('groups'), targets: listed };
  return new Map(
    entriesOf(valueAt(file, 'scrapes')).map(([name, scrape]) => [
      scrapePath(name),
      readScrape(scrape, { ...scope, name, known }, diagnostics.at('scrapes', name)),
    ]),
  );
}

interface ScrapeScope extends ScrapesScope {
  readonly name: string;
  readonly known: { readonly groups: readonly string[]; readonly targets: readonly string[] };
}

function readScrape(raw: unknown, scope: ScrapeScope, diagnostics: Diagnostics): ScrapeDefinition {
  const { known, name } = scope;
  const { value, faulty } = salvage(scrapeSchema, raw);
  const { groups, targets, query_sets: querySets = [] } = value;
  const check = (key: string, given: readonly string[], names: readonly string[], plural: string) =>
    checkNames(given, names, (wrong, hint, i) =>
      diagnostics.at(key, i).error(`unknown ${plural.slice(0, -1)} "${wrong}"${hint(plural)}`),
    );
  check('groups', groups ?? [], known.groups, 'groups');
  check('targets', targets ?? [], known.targets, 'targets');
  if (scope.querySets) checkSets(querySets, scope.querySets, diagnostics.at('query_sets'));

  const everything = groups === undefined && targets === undefined;
  const members = [...scope.targets.values()].filter(
    (target) =>
      target.enabled &&
      (everything ||
        targets?.includes(target.name) ||
        target.groups.some((group) => groups?.includes(group))),
  );
  const doubtful = faulty.size > 0 || !isMap(raw) || diagnostics.hasErrors;
  if (members.length === 0 && !doubtful)
    diagnostics.warn(`the scrape "${name}" has no enabled target: nothing is asked`);
  return {
    name,
    members: members.map((target) => ({ target: target.name, instance: target.name })),
    querySets,
  };
}
