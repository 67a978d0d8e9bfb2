/**
 * The two files of query-exporter as files of ours.
 *
 * They are checked and understood by the readers that serve them unchanged; here is only how to write that down, with
 * the comments and the DSNs as they stand in the source.
 */

import { type Fields, fieldsOf, itemsOf, namesOf, textOf } from '../config/compat/fields.ts';
import { type Groups, readGroups } from '../config/compat/instances.ts';
import { partOf } from '../config/compat/pair.ts';
import { readQueryExporter } from '../config/compat/query-exporter.ts';
import { SERVER_KEYS } from '../config/compat/target.ts';
import type { Located } from '../config/yaml/located.ts';
import type { DiagnosticList, Diagnostics, Path } from '../diagnostics/diagnostics.ts';
import type { Config } from '../model/config.ts';
import { scrapePath } from '../model/paths.ts';
import { DEFAULT_NAMESPACE } from '../model/query-set.ts';
import { Comments } from './comments.ts';
import { checkPasswords, metricOf, queryOf, read, serverEntries } from './compat-text.ts';
import type { ConvertedFile, SourceText } from './converted.ts';
import { Names } from './names.ts';
import { queryFile, queryFileName } from './query-set-text.ts';
import { type Entry, yamlText } from './yaml-text.ts';

/** The files of ours. The two may come in either order when their shape tells which is which. */
export function convertQueryExporter(
  [first, second]: readonly [SourceText, SourceText],
  found: DiagnosticList,
): readonly ConvertedFile[] {
  const swapped = partOf(read(first).value) === 'metrics' || partOf(read(second).value) === 'database';
  const [databaseText, metricsText] = swapped ? [second, first] : [first, second];
  const databases = read(databaseText);
  const metrics = read(metricsText);
  const config = readQueryExporter(databases, metrics, found);
  if (found.hasErrors) return [];
  const paths = pathsOf(metrics.value, found.in(metrics));
  if (paths.length === 0) return [];
  const instances = instancesOf(databases.value, found.in(databases));
  return [
    targetsFile(paths, instances, new Comments(databaseText.text, '1.1')),
    ...querySetFiles(paths, config, new Comments(metricsText.text, '1.1')),
  ];
}

/** A file to be read once more without diagnostics: the readers that serve it have reported them. */
const again = (value: unknown, diagnostics: Diagnostics): Located => ({
  value,
  diagnostics: diagnostics.silent(),
});

/** A path of query-exporter, and the names of the set and the scrape that it becomes. */
interface ServedPath {
  readonly name: string;
  readonly path: Path;
  readonly set: string;
  readonly scrape: string;
  /** By their names in the source. */
  readonly groups: readonly string[];
  readonly collects: readonly CollectPlaces[];
}

interface CollectPlaces {
  readonly path: Path;
  readonly metrics: readonly Path[];
}

function pathsOf(file: unknown, diagnostics: Diagnostics): readonly ServedPath[] {
  const sets = new Names('name');
  const scrapes = new Names('scrape');
  return namesOf(again(file, diagnostics)).map(([name, at]) => {
    const fields = fieldsOf(at, ['targets', 'collects']);
    const scrape = scrapes.give(name);
    diagnostics
      .at(name)
      .warn(`${name}: is served at /${scrapePath(scrape)} now: change metrics_path in Prometheus`);
    return {
      name,
      path: at.diagnostics.path,
      set: sets.give(name),
      scrape,
      groups: [...new Set(itemsOf(fields?.targets).map((group) => textOf(group) ?? ''))],
      collects: itemsOf(fields?.collects).map(placesOf),
    };
  });
}

function placesOf(collect: Located): CollectPlaces {
  const metrics = namesOf(fieldsOf(collect, ['metrics'])?.metrics);
  return {
    path: collect.diagnostics.path,
    metrics: metrics.map(([, { diagnostics }]) => diagnostics.path),
  };
}

/** One entry of the database file. */
interface InstancePlace {
  readonly group: string;
  readonly groupPath: Path;
  readonly target: string;
  readonly diagnostics: Diagnostics;
  readonly server: Fields<(typeof SERVER_KEYS)[number]>;
}

function instancesOf(file: unknown, diagnostics: Diagnostics): readonly InstancePlace[] {
  const root = again(file, diagnostics);
  const groups: Groups = readGroups(root);
  const instances = namesOf(root).flatMap(([group, at]) =>
    namesOf(at).map(([name, instance], i) => {
      const target = groups.get(group)?.[i]?.target ?? name;
      const here = diagnostics.at(group, name);
      if (target !== name)
        here.warn(
          `${name}: is another server in another group, so here it becomes the target "${target}", and so does ` +
            'its label instance: rename one to choose better',
        );
      const server = fieldsOf(instance, SERVER_KEYS) ?? {};
      return { group, groupPath: at.diagnostics.path, target, diagnostics: here, server };
    }),
  );
  const [first] = instances;
  if (first !== undefined)
    checkPasswords(
      instances.map(({ server }) => server),
      diagnostics.at(...(first.server.dsn?.diagnostics.path ?? [])),
    );
  return instances;
}

function targetsFile(
  paths: readonly ServedPath[],
  instances: readonly InstancePlace[],
  comments: Comments,
): ConvertedFile {
  const asked = new Set(paths.flatMap(({ groups }) => groups));
  comments.assignTo(instances.flatMap(({ diagnostics, groupPath }) => [diagnostics.path, groupPath]));
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

/** The targets that a path asks; the others are only reported. */
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
      first?.diagnostics.warn(`${target}: no path asks its groups, so it is left out`);
      return [];
    }
    const texts = places.flatMap(({ diagnostics }) => comments.of(diagnostics.path) ?? []);
    return [
      {
        key: names.give(target),
        comment: texts.join('\n') || undefined,
        value: [...serverEntries(first?.server ?? {}), { key: 'groups', value: { list: groups } }],
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
    paths.flatMap((served) => [
      served.path,
      ...served.collects.flatMap(({ path, metrics }) => [path, ...metrics]),
    ]),
  );
  return paths.map(({ name, path, set, collects }, i) =>
    queryFile({
      name: set,
      comment: comments.of(path),
      header: i === 0 ? comments.of([]) : undefined,
      namespace: DEFAULT_NAMESPACE,
      queries: (querySets.get(name)?.queries ?? []).map((query, j) => ({
        ...queryOf(query, comments.of(collects[j]?.path ?? path)),
        metrics: query.metrics.map((metric, k) =>
          metricOf(metric, comments.of(collects[j]?.metrics[k] ?? path)),
        ),
      })),
    }),
  );
}
