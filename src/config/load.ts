/**
 * Loads the whole configuration: targets.yml and the query files that it names.
 *
 * All errors of all files are found in one go; a Config comes out only when there is none.
 */
import { dirname, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { DiagnosticList } from '../diagnostics/diagnostics.ts';
import type { Input } from '../diagnostics/input.ts';
import type { Config } from '../model/config.ts';
import type { QuerySetDefinition } from '../model/query-set.ts';
import { entriesOf, valueAt } from './check/maps.ts';
import { reportIssues } from './check/zod-issues.ts';
import { type NamedPart, partOf, readPair } from './compat/pair.ts';
import { readQueryExporter } from './compat/query-exporter.ts';
import { looksSimple, readSimple } from './compat/simple.ts';
import { checkFamilies } from './query-file/families.ts';
import type { LoadedQuerySet } from './query-file/query-file.ts';
import {
  findQueryFiles,
  type LoadedQuerySets,
  type QueryFiles,
  readQueryFiles,
  shippedFiles,
  shippedNames,
} from './query-files.ts';
import type { KnownSet } from './targets-file/known-sets.ts';
import { readOrigins } from './targets-file/origins.ts';
import { warnOfQuerySettings } from './targets-file/query-settings.ts';
import { targetsFileSchema } from './targets-file/schema.ts';
import { readScrapes } from './targets-file/scrapes.ts';
import { checkTargetLabels } from './targets-file/target-labels.ts';
import { readTargets } from './targets-file/targets.ts';
import { expandVariables } from './yaml/expand.ts';
import { contentOf, type Located } from './yaml/located.ts';
import { readInput } from './yaml/read-text.ts';
import { readLeniently, readYaml, type YamlSource } from './yaml/source.ts';

export type LoadResult = {
  /** All that was read, or looked for in vain. */
  readonly inputs: readonly Input[];
} & (
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly Diagnostic[] }
  /** Errors and warnings of all files, sorted by file and line. */
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }
);

/** What there is to load. */
export type ConfigFiles =
  /** A targets.yml, or a file of query-exporter or query-exporter-simple that is recognised as such. */
  | string
  | { readonly kind: 'simple'; readonly file: string }
  | { readonly kind: 'query_exporter'; readonly databases: string; readonly metrics: string }
  /** One file of query-exporter's two, and the other by its own flag. */
  | { readonly kind: 'pair'; readonly file: string; readonly named: NamedPart };

/** Reads and checks everything. Variables come from `env`; the content of password files is not kept. */
export async function loadConfig(files: ConfigFiles, env: NodeJS.ProcessEnv): Promise<LoadResult> {
  const found = new DiagnosticList();
  const config = await readConfigFiles(files, env, found);
  const { inputs } = found;
  return config === undefined || found.hasErrors
    ? { ok: false, diagnostics: found.sorted(), inputs }
    : { ok: true, config, warnings: found.sorted(), inputs };
}

/** The number of sets in one query file that is checked by itself, and all diagnostics about them. */
export async function loadQueryFile(
  file: string,
): Promise<{ readonly sets: number; readonly diagnostics: readonly Diagnostic[] }> {
  const found = new DiagnosticList();
  const { sets } = await readSetsOf({ files: [file], complete: true }, found);
  return { sets: sets.length, diagnostics: found.sorted() };
}

/** The query sets that come with the program, by name; they have no errors. */
export async function loadShippedSets(): Promise<ReadonlyMap<string, QuerySetDefinition>> {
  const { sets } = await readQueryFiles(await shippedFiles(), new DiagnosticList());
  return new Map(sets.map(({ definition }) => [definition.name, definition]));
}

/** The configuration; undefined only together with an error. */
async function readConfigFiles(
  files: ConfigFiles,
  env: NodeJS.ProcessEnv,
  found: DiagnosticList,
): Promise<Config | undefined> {
  if (typeof files === 'string') return await readFile(files, env, found);
  if (files.kind === 'query_exporter') return await readBoth(files, found);
  const source = await readTheirs(files.file, found);
  if (source === undefined) return undefined;
  return files.kind === 'simple' ? readSimple(source, found) : await readPair(source, files.named, found);
}

/** Reads a file whose format is recognised by its shape. */
async function readFile(
  file: string,
  env: NodeJS.ProcessEnv,
  found: DiagnosticList,
): Promise<Config | undefined> {
  const text = await readInput(file, found);
  if (!text.ok) {
    found.in(file).error(text.message);
    return undefined;
  }
  const source = readYaml(file, text.value, { expand: (value) => expandVariables(value, env) });
  await nextTurn(); // a reload of a thousand targets must not hold up their probes at one go
  const theirs = () => readLeniently(file, text.value);
  if (looksSimple(source.value)) return readSimple(theirs(), found);
  if (partOf(source.value) !== undefined) return await readPair(theirs(), undefined, found);
  const content = contentOf(source, found);
  const config = content && (await readTargetsFile(content, env, found));
  return config === undefined || found.hasErrors ? undefined : { ...config, origins: readOrigins(source) };
}

async function readTargetsFile(
  file: Located,
  env: NodeJS.ProcessEnv,
  found: DiagnosticList,
): Promise<Config> {
  const { diagnostics, value } = file;
  reportIssues(targetsFileSchema, value, diagnostics);
  const folder = resolve(dirname(diagnostics.file));
  const { sets, complete } = await readSetsOf(await findQueryFiles(file), found);
  await nextTurn();
  const querySets = new Map(sets.map(({ definition }) => [definition.name, definition]));
  const known = complete ? { loaded: knownSets(sets), shipped: await shippedNames() } : undefined;
  const { patterns, targets } = readTargets(
    value,
    { folder, searchPath: env['PATH'] ?? '', querySets: known },
    diagnostics,
  );
  checkTargetLabels({ targets, patterns, querySets }, value, diagnostics);
  warnOfQuerySettings({ targets, patterns, querySets }, value, diagnostics);
  const scrapes = readScrapes(value, { targets, querySets: known }, diagnostics);
  const groups = entriesOf(valueAt(value, 'groups')).map(([name]) => name);
  return { targets, patterns, groups, querySets, scrapes, metricsTarget: undefined, origins: undefined };
}

function knownSets(sets: readonly LoadedQuerySet[]): ReadonlyMap<string, KnownSet> {
  return new Map(
    sets.map(({ definition: { name, queries }, disabled, params }) => [
      name,
      { params, queries: queries.map((query) => query.name), disabled },
    ]),
  );
}

/** The sets of query files, also checked against each other. */
async function readSetsOf(files: QueryFiles, found: DiagnosticList): Promise<LoadedQuerySets> {
  const loaded = await readQueryFiles(files, found);
  checkFamilies(
    loaded.sets.flatMap(({ families }) => families),
    found,
  );
  return loaded;
}

type BothFiles = Extract<ConfigFiles, { readonly kind: 'query_exporter' }>;

async function readBoth(files: BothFiles, found: DiagnosticList): Promise<Config | undefined> {
  const databases = await readTheirs(files.databases, found);
  const metrics = await readTheirs(files.metrics, found);
  if (databases === undefined || metrics === undefined) return undefined;
  if (!areSwapped(databases, metrics)) return readQueryExporter(databases, metrics, found);
  found
    .in(files.databases)
    .error(
      'this is the metrics file of query-exporter, and its database file is named as the metrics: the two are swapped',
    );
  return undefined;
}

const areSwapped = (databases: YamlSource, metrics: YamlSource): boolean =>
  partOf(databases.value) === 'metrics' && partOf(metrics.value) === 'database';

/** A file of query-exporter or query-exporter-simple; undefined, and reported, when it cannot be read. */
async function readTheirs(file: string, found: DiagnosticList): Promise<YamlSource | undefined> {
  const text = await readInput(file, found);
  if (text.ok) return readLeniently(file, text.value);
  found.in(file).error(text.message);
  return undefined;
}
