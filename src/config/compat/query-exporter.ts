/**
 * The two files of query-exporter: its databases, and its paths with the groups and queries of each.
 *
 * A path becomes a query set and a scrape of that name, an instance becomes a target.
 */

import type { DiagnosticList } from '../../diagnostics/diagnostics.ts';
import { hintFor } from '../../diagnostics/suggest.ts';
import type { Config, ScrapeDefinition, Target } from '../../model/config.ts';
import { reservedIn } from '../../model/paths.ts';
import { name as setName } from '../check/schema-parts.ts';
import { checkFamilies } from '../query-file/families.ts';
import type { LoadedQuerySet } from '../query-file/query-file.ts';
import { contentOf, type Located } from '../yaml/located.ts';
import type { YamlSource } from '../yaml/source.ts';
import { type Fields, fieldsOf, itemsOf, namesOf, secondsOf, textOf } from './fields.ts';
import { type Groups, type Instance, readGroups } from './instances.ts';
import { type QueryDraft, readDrafts, readMetricDrafts, readStatement, type SetDraft } from './query-sets.ts';
import { targetOf } from './target.ts';

const PATH_KEYS = ['targets', 'collects'] as const;
/** Seconds for a query without a timeout above 0. */
const DEFAULT_TIMEOUT = 1;
/** The longest that a timer can wait. */
const LONGEST_TIMEOUT = 596 * 3600;

/** The configuration; when an error was reported it may be incomplete. */
export function readQueryExporter(databases: YamlSource, metrics: YamlSource, found: DiagnosticList): Config {
  const groups = readGroups(contentOf(databases, found));
  const root = contentOf(metrics, found);
  const paths = namesOf(root).flatMap(([name, at]) => readPath(name, at, groups) ?? []);
  if (paths.length === 0) root?.diagnostics.warn('there are no paths: nothing is served');
  const sets = readDrafts(
    paths.map(({ draft }) => draft).filter(({ queries }) => queries.length > 0),
    metrics,
    found,
  );
  checkFamilies(
    sets.flatMap(({ families }) => families),
    found,
  );
  return {
    targets: targetsOf(groups, paths),
    patterns: [],
    groups: [...groups.keys()],
    querySets: new Map(sets.map(({ definition }) => [definition.name, definition])),
    scrapes: new Map(paths.map(({ scrape }) => [scrape.name, scrape])),
    metricsTarget: undefined,
    origins: undefined,
  };
}

/** The sets of a metrics file that stands in `query_files` of a targets.yml, whose targets choose among them. */
export function readPathsAsSets(metrics: YamlSource, found: DiagnosticList): readonly LoadedQuerySet[] {
  const drafts = namesOf(contentOf(metrics, found)).flatMap(([path, at]) => {
    const fields = fieldsOf(at, PATH_KEYS);
    if (fields === undefined) return [];
    if (!setName.safeParse(path).success)
      at.diagnostics.error(
        `"${path}" cannot be the name of a query set, which has letters, digits, _ and . and does not begin with a digit: rename it`,
      );
    if (itemsOf(fields.targets).length > 0)
      (fields.targets ?? at).diagnostics.warn(
        `targets: ignored here, for in a targets.yml the targets choose: put query_sets: [${path}] there, in a group or a target`,
      );
    const draft = readPathQueries(path, at, fields);
    return draft.queries.length > 0 ? [draft] : [];
  });
  return readDrafts(drafts, metrics, found);
}

interface ServedPath {
  readonly draft: SetDraft;
  readonly scrape: ScrapeDefinition;
}

function readPath(name: string, at: Located, groups: Groups): ServedPath | undefined {
  const taken = reservedIn(name);
  if (taken !== undefined)
    at.diagnostics.error(`the path "${name}" is one of the exporter's own (/${taken}): rename it`);
  if (name === '' || name.startsWith('/'))
    at.diagnostics.error(`the path "${name}" must have a name, without a slash before it`);
  const fields = fieldsOf(at, PATH_KEYS);
  if (fields === undefined) return undefined;
  const instances = itemsOf(fields.targets).flatMap((group) => instancesOf(group, groups));
  const byName = new Map<string, Instance>();
  for (const instance of instances) {
    const same = byName.get(instance.name);
    byName.set(instance.name, instance);
    if (same !== undefined && same.target !== instance.target)
      (fields.targets ?? at).diagnostics.error(
        `"${same.target}" and "${instance.target}" are different servers, and both would be the instance ` +
          `"${instance.name}" of this path: rename one`,
      );
  }
  if (instances.length === 0) at.diagnostics.warn(`the path "${name}" has no instance: nothing is asked`);
  const members = [...byName.values()].map(({ name: instance, target }) => ({ instance, target }));
  return {
    draft: readPathQueries(name, at, fields),
    scrape: { name, members, querySets: [name] },
  };
}

/** The queries of a path, whichever instances they ask. */
function readPathQueries(name: string, at: Located, fields: Fields<(typeof PATH_KEYS)[number]>): SetDraft {
  const collects = itemsOf(fields.collects);
  if (collects.length === 0) at.diagnostics.error(`the path "${name}" has no query: add one below collects`);
  const queries = collects.flatMap((collect) => readCollect(collect) ?? []);
  return { name, path: at.diagnostics.path, queries };
}

function instancesOf(at: Located, groups: Groups): readonly Instance[] {
  const group = textOf(at);
  if (group === undefined) return [];
  const instances = groups.get(group);
  if (instances === undefined)
    at.diagnostics.error(`unknown group "${group}"${hintFor(group, [...groups.keys()], 'groups')}`);
  return instances ?? [];
}

function readCollect(at: Located): QueryDraft | undefined {
  const fields = fieldsOf(at, ['query', 'timeout', 'metrics']);
  if (fields === undefined) return undefined;
  const sql = readStatement(at, fields.query);
  const seconds = secondsOf(fields.timeout);
  if (seconds !== undefined && seconds > LONGEST_TIMEOUT)
    (fields.timeout ?? at).diagnostics.error('timeout: too long', 'value');
  const entries = namesOf(fields.metrics);
  if (entries.length === 0) at.diagnostics.error('this query has no metrics: add some, or remove it');
  const metrics = readMetricDrafts(entries);
  for (const label of metrics.flatMap(({ labels }) => labels)) refuseInstance(label);
  if (sql === undefined || seconds === undefined || metrics.length === 0) return undefined;
  const timeoutSeconds = seconds > 0 ? seconds : DEFAULT_TIMEOUT;
  return { path: at.diagnostics.path, sql, timeoutSeconds, metrics };
}

/** Refuses a label that made query-exporter exit at the first row. */
function refuseInstance({ diagnostics, value }: Located): void {
  if (value === 'instance')
    diagnostics.error(
      'the label "instance" is the name of the instance, which the exporter adds itself: remove it here, or ' +
        'rename the column in the query with AS',
    );
}

/** The targets that a path asks, each with the query sets of its paths. */
function targetsOf(groups: Groups, paths: readonly ServedPath[]): ReadonlyMap<string, Target> {
  const targets = new Map<string, Target>();
  for (const { target, dsn } of [...groups.values()].flat()) {
    const sets = paths.filter(({ scrape }) => scrape.members.some((member) => member.target === target));
    const itsGroups = [...groups].flatMap(([group, instances]) =>
      instances.some((instance) => instance.target === target) ? [group] : [],
    );
    const names = sets.map(({ scrape }) => scrape.name);
    if (names.length > 0) targets.set(target, targetOf(target, dsn, itsGroups, names));
  }
  return targets;
}
