/**
 * The files of query-exporter and query-exporter-simple as files of ours.
 *
 * They are checked and understood by the readers that serve them unchanged; here is only how to write that down, with
 * the comments and the DSNs as they stand in the source.
 */

import { reporter } from '../config/check/zod-issues.ts';
import { fieldsOf, itemsOf, type Located, type Notes, namesOf, textOf } from '../config/compat/fields.ts';
import { type Groups, readGroups } from '../config/compat/instances.ts';
import { partOf } from '../config/compat/pair.ts';
import { readQueryExporter } from '../config/compat/query-exporter.ts';
import { readSimple } from '../config/compat/simple.ts';
import { type Path, readYaml, type YamlSource } from '../config/yaml/source.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Config } from '../model/config.ts';
import type { MetricDefinition } from '../model/metric.ts';
import { scrapePath } from '../model/paths.ts';
import { DEFAULT_NAMESPACE, type QueryDefinition } from '../model/query-set.ts';
import { Comments } from './comments.ts';
import type { ConvertedFile, SourceText } from './converted.ts';
import { Names } from './names.ts';
import { type QueryText, queryFile, queryFileName } from './query-set-text.ts';
import { PLAIN_PASSWORD, withoutVariables } from './targets-text.ts';
import { type Entry, yamlText } from './yaml-text.ts';

/** What is wrong has been said by the readers. */
const SILENT: Notes = { report: () => {}, warn: () => {} };

const hasErrors = (findings: readonly Diagnostic[]) => findings.some(({ severity }) => severity === 'error');
const read = ({ file, text }: SourceText) => readYaml(file, text, undefined, 'lenient');
const rootOf = ({ value }: YamlSource): Located => ({ value, path: [] });

/** The one file of query-exporter-simple: a target, and a query set. */
export function convertSimple(source: SourceText, findings: Diagnostic[]): readonly ConvertedFile[] {
  const yaml = read(source);
  const config = readSimple(yaml, findings);
  if (config === undefined || hasErrors(findings)) return [];
  const [target] = config.targets.keys();
  const [set] = config.querySets.values();
  if (target === undefined || set === undefined) return [];
  const fields = fieldsOf(rootOf(yaml), ['dsn', 'metrics'], SILENT);
  const entries = namesOf(fields?.metrics, SILENT);
  const comments = new Comments(source.text, '1.1').assignTo([
    fields?.dsn?.path ?? [],
    ...entries.map(([, { path }]) => path),
  ]);
  const warn = reporter(yaml, findings, 'warning');
  warn(
    fields?.metrics?.path ?? [],
    `metrics: /metrics does not have them now: let Prometheus ask /probe?target=${target}`,
  );
  sayPassword(fields?.dsn, { dsns: [dsnText(fields?.dsn)], warn });
  const queries = set.queries.map((query, i) => {
    const at = entries[i]?.[1].path ?? [];
    return { ...queryOf(query, comments.of(at)), metrics: query.metrics.map((one) => metricOf(one)) };
  });
  const own: readonly Entry[] = [
    { key: 'dsn', value: dsnText(fields?.dsn) },
    { key: 'query_sets', value: { list: [set.name] } },
  ];
  const comment = comments.of(fields?.dsn?.path ?? []);
  const targets: readonly Entry[] = [
    { key: 'query_files', value: { list: [queryFileName(set.name)] } },
    { key: 'targets', value: [{ key: target, comment, value: own }] },
  ];
  return [
    { name: 'targets.yml', text: yamlText(targets, comments.of([])) },
    queryFile({ name: set.name, comment: undefined, namespace: DEFAULT_NAMESPACE, queries }),
  ];
}

/** The two files of query-exporter, in either order when their shape tells which is which. */
export function convertQueryExporter(
  [first, second]: readonly [SourceText, SourceText],
  findings: Diagnostic[],
): readonly ConvertedFile[] {
  const swapped = partOf(read(first).value) === 'metrics' || partOf(read(second).value) === 'database';
  const [databaseText, metricsText] = swapped ? [second, first] : [first, second];
  const databases = read(databaseText);
  const metrics = read(metricsText);
  const config = readQueryExporter(databases, metrics, findings);
  if (hasErrors(findings)) return [];
  const paths = pathsOf(metrics, reporter(metrics, findings, 'warning'));
  if (paths.length === 0) return [];
  const instances = instancesOf(
    databases,
    readGroups(databases, []),
    reporter(databases, findings, 'warning'),
  );
  return [
    targetsFile(paths, instances, new Comments(databaseText.text, '1.1')),
    ...querySetFiles(paths, config, new Comments(metricsText.text, '1.1')),
  ];
}

/** A path of query-exporter with what is made of it. */
interface ServedPath {
  readonly name: string;
  readonly at: Located;
  readonly set: string;
  readonly scrape: string;
  /** As they are called in the source. */
  readonly groups: readonly string[];
  readonly collects: readonly CollectPlaces[];
}

interface CollectPlaces {
  readonly path: Path;
  readonly metrics: readonly Path[];
}

function pathsOf(metrics: YamlSource, warn: Notes['warn']): readonly ServedPath[] {
  const sets = new Names('name');
  const scrapes = new Names('scrape');
  return namesOf(rootOf(metrics), SILENT).map(([name, at]) => {
    const fields = fieldsOf(at, ['targets', 'collects'], SILENT);
    const scrape = scrapes.give(name);
    warn(at.path, `${name}: is served at /${scrapePath(scrape)} now: change metrics_path in Prometheus`);
    return {
      name,
      at,
      set: sets.give(name),
      scrape,
      groups: [...new Set(itemsOf(fields?.targets, SILENT).map((group) => textOf(group, SILENT) ?? ''))],
      collects: itemsOf(fields?.collects, SILENT).map((collect) => ({
        path: collect.path,
        metrics: namesOf(fieldsOf(collect, ['metrics'], SILENT)?.metrics, SILENT).map(([, { path }]) => path),
      })),
    };
  });
}

/** One entry of the database file. */
interface InstancePlace {
  readonly group: string;
  readonly groupPath: Path;
  readonly target: string;
  readonly path: Path;
  readonly dsn: Located | undefined;
  readonly warn: Notes['warn'];
}

function instancesOf(databases: YamlSource, groups: Groups, warn: Notes['warn']): readonly InstancePlace[] {
  const instances = namesOf(rootOf(databases), SILENT).flatMap(([group, at]) =>
    namesOf(at, SILENT).map(([name, { value, path }], i) => {
      const target = groups.get(group)?.[i]?.target ?? name;
      if (target !== name)
        warn(
          path,
          `${name}: is another server in another group, so here it becomes the target "${target}", and so does ` +
            'its label instance: rename one to choose better',
        );
      const dsn = fieldsOf({ value, path }, ['dsn'], SILENT)?.dsn;
      return { group, groupPath: at.path, target, path, dsn, warn };
    }),
  );
  const dsns = instances.map(({ dsn }) => dsnText(dsn));
  sayPassword(instances[0]?.dsn, { dsns, warn });
  return instances;
}

function targetsFile(
  paths: readonly ServedPath[],
  instances: readonly InstancePlace[],
  comments: Comments,
): ConvertedFile {
  const asked = new Set(paths.flatMap(({ groups }) => groups));
  comments.assignTo(instances.flatMap(({ path, groupPath }) => [path, groupPath]));
  const groupNames = new Names('name');
  const groups = new Map<string, { readonly name: string; readonly path: Path }>();
  for (const { group, groupPath } of instances)
    if (asked.has(group) && !groups.has(group))
      groups.set(group, { name: groupNames.give(group), path: groupPath });
  const groupEntries = [...groups].map(([group, { name, path }]) => ({
    key: name,
    comment: comments.of(path),
    value: [
      {
        key: 'query_sets',
        value: { list: paths.filter((served) => served.groups.includes(group)).map(({ set }) => set) },
      },
    ],
  }));
  const renamed = (group: string) => groups.get(group)?.name ?? [];
  const scrapes = paths.map(({ scrape, groups: theirs, set }) => ({
    key: scrape,
    value: [
      { key: 'groups', value: { list: theirs.flatMap(renamed) } },
      { key: 'query_sets', value: { list: [set] } },
    ],
  }));
  const entries: readonly Entry[] = [
    { key: 'query_files', value: { list: paths.map(({ set }) => queryFileName(set)) } },
    { key: 'groups', value: groupEntries.length > 0 ? groupEntries : undefined },
    { key: 'targets', value: targetEntries(instances, (group) => groups.get(group)?.name, comments) },
    { key: 'scrapes', value: scrapes },
  ];
  return { name: 'targets.yml', text: yamlText(entries, comments.of([])) };
}

/** The targets that some path asks; the others are only reported. */
function targetEntries(
  instances: readonly InstancePlace[],
  groupName: (group: string) => string | undefined,
  comments: Comments,
): readonly Entry[] {
  const names = new Names('target');
  return [...new Set(instances.map(({ target }) => target))].flatMap((target) => {
    const places = instances.filter((instance) => instance.target === target);
    const groups = places.flatMap(({ group }) => groupName(group) ?? []);
    const [first] = places;
    if (groups.length === 0) {
      first?.warn(first.path, `${target}: no path asks its groups, so it is left out`);
      return [];
    }
    const said = places.flatMap(({ path }) => comments.of(path) ?? []);
    return [
      {
        key: names.give(target),
        comment: said.join('\n') || undefined,
        value: [
          { key: 'dsn', value: dsnText(first?.dsn) },
          { key: 'groups', value: { list: groups } },
        ],
      },
    ];
  });
}

function querySetFiles(
  paths: readonly ServedPath[],
  { querySets }: Config,
  comments: Comments,
): readonly ConvertedFile[] {
  comments.assignTo(
    paths.flatMap(({ at, collects }) => [
      at.path,
      ...collects.flatMap(({ path, metrics }) => [path, ...metrics]),
    ]),
  );
  return paths.map(({ name, at, set, collects }, i) =>
    queryFile({
      name: set,
      comment: comments.of(at.path),
      header: i === 0 ? comments.of([]) : undefined,
      namespace: DEFAULT_NAMESPACE,
      queries: (querySets.get(name)?.queries ?? []).map((query, j) => ({
        ...queryOf(query, comments.of(collects[j]?.path ?? at.path)),
        metrics: query.metrics.map((metric, k) =>
          metricOf(metric, comments.of(collects[j]?.metrics[k] ?? at.path)),
        ),
      })),
    }),
  );
}

function queryOf({ name, sql, timeoutMs }: QueryDefinition, comment?: string): Omit<QueryText, 'metrics'> {
  return { name, comment, sql, timeoutMs };
}

function metricOf({ family, help, labels, type, value }: MetricDefinition, comment?: string) {
  const name = family.slice(DEFAULT_NAMESPACE.length + 1);
  const columns = labels === 'all' ? [] : labels.map(({ column }) => column);
  const entries: readonly Entry[] = [
    { key: 'type', value: type },
    // Ours must say something.
    { key: 'description', value: help || name },
    { key: 'labels', value: columns.length > 0 ? { list: columns } : undefined },
    { key: 'value', value: value.kind === 'column' ? value.column : undefined },
  ];
  return { name, comment, entries };
}

/** With a user: theirs logged in as the anonymous one without, and in ours one must be said. */
function dsnText(at: Located | undefined): string {
  const text = textOf(at, SILENT) ?? '';
  const scheme = /^(?:mysql|mariadb):\/\//i.exec(text)?.[0] ?? '';
  const rest = text.slice(scheme.length);
  const end = scheme === '' ? rest.lastIndexOf('/') : rest.search(/[/?]/);
  const hasUser = rest.slice(0, end < 0 ? undefined : end).includes('@');
  return withoutVariables(hasUser ? text : `${scheme}@${rest}`);
}

interface Passwords {
  readonly dsns: readonly string[];
  readonly warn: Notes['warn'];
}

function sayPassword(at: Located | undefined, { dsns, warn }: Passwords): void {
  if (at !== undefined && dsns.some((dsn) => /:.*@/s.test(dsn)))
    warn(at.path, `dsn: its password ${PLAIN_PASSWORD}`);
}
