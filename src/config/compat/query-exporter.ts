/**
 * The two files of query-exporter: its databases, and its paths with the groups and queries of each.
 *
 * A path becomes a query set and a scrape of that name, an instance becomes a target.
 */

import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { hintFor } from '../../diagnostics/suggest.ts';
import type { Config, ScrapeDefinition, Target } from '../../model/config.ts';
import { reservedIn } from '../../model/paths.ts';
import { name as setName } from '../check/schema-parts.ts';
import { reporter } from '../check/zod-issues.ts';
import { checkFamilies } from '../query-file/families.ts';
import type { LoadedQuerySet } from '../query-file/query-file.ts';
import type { YamlSource } from '../yaml/source.ts';
import {
  type Fields,
  fieldsOf,
  itemsOf,
  type Located,
  type Notes,
  namesOf,
  secondsOf,
  textOf,
} from './fields.ts';
import { type Groups, type Instance, readGroups } from './instances.ts';
import { type QueryDraft, readDrafts, readMetricDrafts, readStatement, type SetDraft } from './query-sets.ts';
import { targetOf } from './target.ts';

const PATH_KEYS = ['targets', 'collects'] as const;
/** Seconds for a query that says nothing, or nothing above 0. */
const DEFAULT_TIMEOUT = 1;
/** The longest that a timer can wait. */
const LONGEST_TIMEOUT = 596 * 3600;

/** The configuration; with an error in findings it may be incomplete. */
export function readQueryExporter(
  databases: YamlSource,
  metrics: YamlSource,
  findings: Diagnostic[],
): Config {
  const groups = readGroups(databases, findings);
  findings.push(...metrics.findings);
  const notes: Notes = {
    report: reporter(metrics, findings),
    warn: reporter(metrics, findings, 'warning'),
  };
  const paths = pathsOf(metrics, notes).flatMap(([name, at]) => readPath(name, at, groups, notes) ?? []);
  if (paths.length === 0 && metrics.value !== undefined)
    notes.warn([], 'there are no paths: nothing is served');
  const sets = readDrafts(
    paths.map(({ draft }) => draft).filter(({ queries }) => queries.length > 0),
    metrics,
    findings,
  );
  findings.push(...checkFamilies(sets.flatMap(({ families }) => families)));
  return {
    targets: targetsOf(groups, paths),
    querySets: new Map(sets.map(({ definition }) => [definition.name, definition])),
    scrapes: new Map(paths.map(({ scrape }) => [scrape.name, scrape])),
    metricsTarget: undefined,
  };
}

/** The sets of a metrics file that stands in `query_files` of a targets.yml, whose targets choose among them. */
export function readPathsAsSets(metrics: YamlSource, findings: Diagnostic[]): readonly LoadedQuerySet[] {
  findings.push(...metrics.findings);
  const notes: Notes = {
    report: reporter(metrics, findings),
    warn: reporter(metrics, findings, 'warning'),
  };
  const drafts = pathsOf(metrics, notes).flatMap(([path, at]) => {
    const fields = fieldsOf(at, PATH_KEYS, notes);
    if (fields === undefined) return [];
    if (!setName.safeParse(path).success)
      notes.report(
        at.path,
        `"${path}" cannot be the name of a query set, which has letters, digits, _ and . and does not begin with a digit: rename it`,
      );
    if (itemsOf(fields.targets, notes).length > 0)
      notes.warn(
        fields.targets?.path ?? at.path,
        `targets: ignored here, for in a targets.yml the targets choose: put query_sets: [${path}] there, in a group or a target`,
      );
    const draft = readPathQueries(path, at, fields, notes);
    return draft.queries.length > 0 ? [draft] : [];
  });
  return readDrafts(drafts, metrics, findings);
}

function pathsOf({ value }: YamlSource, notes: Notes): readonly (readonly [string, Located])[] {
  return value === undefined ? [] : namesOf({ value, path: [] }, notes);
}

interface ServedPath {
  readonly draft: SetDraft;
  readonly scrape: ScrapeDefinition;
}

function readPath(name: string, at: Located, groups: Groups, notes: Notes): ServedPath | undefined {
  const taken = reservedIn(name);
  if (taken !== undefined)
    notes.report(at.path, `the path "${name}" is one of the exporter's own (/${taken}): rename it`);
  if (name === '' || name.startsWith('/'))
    notes.report(at.path, `the path "${name}" must have a name, without a slash before it`);
  const fields = fieldsOf(at, PATH_KEYS, notes);
  if (fields === undefined) return undefined;
  const instances = itemsOf(fields.targets, notes).flatMap((group) => instancesOf(group, groups, notes));
  const byName = new Map<string, Instance>();
  for (const instance of instances) {
    const same = byName.get(instance.name);
    byName.set(instance.name, instance);
    if (same !== undefined && same.target !== instance.target)
      notes.report(
        fields.targets?.path ?? at.path,
        `"${same.target}" and "${instance.target}" are different servers, and both would be the instance ` +
          `"${instance.name}" of this path: rename one`,
      );
  }
  if (instances.length === 0) notes.warn(at.path, `the path "${name}" has no instance: nothing is asked`);
  const members = [...byName.values()].map(({ name: instance, target }) => ({ instance, target }));
  return {
    draft: readPathQueries(name, at, fields, notes),
    scrape: { name, members, querySets: [name] },
  };
}

/** What a path asks, whomever it asks. */
function readPathQueries(
  name: string,
  at: Located,
  fields: Fields<(typeof PATH_KEYS)[number]>,
  notes: Notes,
): SetDraft {
  const collects = itemsOf(fields.collects, notes);
  if (collects.length === 0) notes.report(at.path, `the path "${name}" has no query: add one below collects`);
  const queries = collects.flatMap((collect) => readCollect(collect, notes) ?? []);
  return { name, path: at.path, queries };
}

function instancesOf(at: Located, groups: Groups, notes: Notes): readonly Instance[] {
  const group = textOf(at, notes);
  if (group === undefined) return [];
  const instances = groups.get(group);
  if (instances === undefined)
    notes.report(at.path, `unknown group "${group}"${hintFor(group, [...groups.keys()], 'groups')}`);
  return instances ?? [];
}

function readCollect(at: Located, notes: Notes): QueryDraft | undefined {
  const fields = fieldsOf(at, ['query', 'timeout', 'metrics'], notes);
  if (fields === undefined) return undefined;
  const sql = readStatement(at, fields.query, notes);
  const seconds = secondsOf(fields.timeout, notes);
  if (seconds !== undefined && seconds > LONGEST_TIMEOUT)
    notes.report(fields.timeout?.path ?? at.path, 'timeout: too long', 'value');
  const entries = namesOf(fields.metrics, notes);
  if (entries.length === 0) notes.report(at.path, 'this query has no metrics: add some, or remove it');
  const metrics = readMetricDrafts(entries, notes);
  for (const label of metrics.flatMap(({ labels }) => labels)) refuseInstance(label, notes);
  if (sql === undefined || seconds === undefined || metrics.length === 0) return undefined;
  const timeoutSeconds = seconds > 0 ? seconds : DEFAULT_TIMEOUT;
  return { path: at.path, sql, timeoutSeconds, metrics };
}

/** It killed query-exporter at the first row. */
function refuseInstance({ value, path }: Located, { report }: Notes): void {
  if (value === 'instance')
    report(
      path,
      'the label "instance" is the name of the instance, which the exporter adds itself: remove it here, or ' +
        'rename the column in the query with AS',
    );
}

/** The targets that some path asks, with the sets that ask them. */
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
