/**
 * Loads the whole configuration: targets.yml and the query files that it names.
 *
 * All errors of all files are found in one go; a Config comes out only when there is none.
 */
import { dirname, resolve } from 'node:path';
import { type Diagnostic, sortDiagnostics } from '../diagnostics/diagnostic.ts';
import type { Config } from '../model/config.ts';
import type { QuerySetDefinition } from '../model/query-set.ts';
import { reporter, reportIssues } from './check/zod-issues.ts';
import { type NamedPart, partOf, readPair } from './compat/pair.ts';
import { readQueryExporter } from './compat/query-exporter.ts';
import { looksSimple, readSimple } from './compat/simple.ts';
import { checkFamilies } from './query-file/families.ts';
import { findQueryFiles, readQueryFiles, shippedFiles } from './query-files.ts';
import { targetsFileSchema } from './targets-file/schema.ts';
import { readScrapes } from './targets-file/scrapes.ts';
import { readTargets } from './targets-file/targets.ts';
import { expandVariables } from './yaml/expand.ts';
import { readText } from './yaml/read-text.ts';
import { readYaml, type YamlSource } from './yaml/source.ts';

export type LoadResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly Diagnostic[] }
  /** Errors and warnings of all files, sorted by file and line. */
  | { readonly ok: false; readonly findings: readonly Diagnostic[] };

/** What there is to load. */
export type ConfigFiles =
  /** A targets.yml, or a file of an ancestor that is recognised as such. */
  | string
  | { readonly kind: 'simple'; readonly file: string }
  | { readonly kind: 'query_exporter'; readonly databases: string; readonly metrics: string }
  /** One file of query-exporter's two, and the other by its own flag. */
  | { readonly kind: 'pair'; readonly file: string; readonly named: NamedPart };

/** Reads and checks everything. Variables come from `env`; the content of password files is not kept. */
export async function loadConfig(files: ConfigFiles, env: NodeJS.ProcessEnv): Promise<LoadResult> {
  const findings: Diagnostic[] = [];
  if (typeof files === 'string') return finish(await loadFile(files, env, findings), findings);
  if (files.kind === 'simple') {
    const source = await readLeniently(files.file, findings);
    return finish(source && readSimple(source, findings), findings);
  }
  if (files.kind === 'pair') {
    const source = await readLeniently(files.file, findings);
    return finish(source && (await readPair(source, files.named, findings)), findings);
  }
  const databases = await readLeniently(files.databases, findings);
  const metrics = await readLeniently(files.metrics, findings);
  if (databases && metrics && areSwapped(databases, metrics)) {
    reporter(databases, findings)(
      [],
      'this is the metrics file of query-exporter, and its database file is named as the metrics: the two are swapped',
    );
    return finish(undefined, findings);
  }
  return finish(databases && metrics && readQueryExporter(databases, metrics, findings), findings);
}

/** The sets of one query file that is checked by itself, and everything that is to be said about them. */
export async function loadQueryFile(
  file: string,
): Promise<{ readonly sets: number; readonly findings: readonly Diagnostic[] }> {
  const findings: Diagnostic[] = [];
  const { sets } = await readQueryFiles({ files: [file], complete: true }, findings);
  findings.push(...checkFamilies(sets.flatMap((set) => set.families)));
  return { sets: sets.length, findings: sortDiagnostics(findings) };
}

/** The query sets that come with the program, by name; they have no errors. */
export async function loadShippedSets(): Promise<ReadonlyMap<string, QuerySetDefinition>> {
  const { sets } = await readQueryFiles(await shippedFiles(), []);
  return new Map(sets.map(({ definition }) => [definition.name, definition]));
}

const areSwapped = (databases: YamlSource, metrics: YamlSource): boolean =>
  partOf(databases.value) === 'metrics' && partOf(metrics.value) === 'database';

function finish(config: Config | undefined, findings: readonly Diagnostic[]): LoadResult {
  const sorted = sortDiagnostics(findings);
  return config === undefined || sorted.some(({ severity }) => severity === 'error')
    ? { ok: false, findings: sorted }
    : { ok: true, config, warnings: sorted };
}

/** A file of an ancestor, to which a dollar sign is a dollar sign. */
async function readLeniently(file: string, findings: Diagnostic[]): Promise<YamlSource | undefined> {
  const text = await readText(file);
  if (text.ok) return readYaml(file, text.value, undefined, 'lenient');
  findings.push({ severity: 'error', file, line: 1, column: 1, message: text.message });
  return undefined;
}

async function loadFile(
  file: string,
  env: NodeJS.ProcessEnv,
  findings: Diagnostic[],
): Promise<Config | undefined> {
  const text = await readText(file);
  if (!text.ok) {
    findings.push({ severity: 'error', file, line: 1, column: 1, message: text.message });
    return undefined;
  }
  const source = readYaml(file, text.value, (value) => expandVariables(value, env));
  const theirs = () => readYaml(file, text.value, undefined, 'lenient');
  if (looksSimple(source.value)) return readSimple(theirs(), findings);
  if (partOf(source.value) !== undefined) return await readPair(theirs(), undefined, findings);
  return await loadTargets(source, findings);
}

async function loadTargets(source: YamlSource, findings: Diagnostic[]): Promise<Config | undefined> {
  findings.push(...source.findings);
  if (source.value === undefined) return undefined;

  const report = reporter(source, findings);
  const warn = reporter(source, findings, 'warning');
  reportIssues(targetsFileSchema, source.value, report);

  const folder = resolve(dirname(source.file));
  const queryFiles = await findQueryFiles(source, findings);
  const { sets, complete } = await readQueryFiles(queryFiles, findings);
  findings.push(...checkFamilies(sets.flatMap((set) => set.families)));
  const querySets = new Map(sets.map(({ definition }) => [definition.name, definition]));
  const known = complete ? [...querySets.keys()] : undefined;
  const params = complete ? new Map(sets.map((set) => [set.definition.name, set.params])) : undefined;
  const targets = readTargets(source.value, { folder, querySets: known, params, report, warn });
  const scrapes = readScrapes(source.value, { targets, querySets: known, report, warn });
  return { targets, querySets, scrapes, metricsTarget: undefined };
}
