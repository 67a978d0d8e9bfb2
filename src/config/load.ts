/**
 * Loads the whole configuration: targets.yml and the query files that it names.
 *
 * All errors of all files are found in one go; a Config comes out only when there is none.
 */
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { glob } from 'tinyglobby';
import { queryExporterFile, readQueryExporter } from './ancestors/query-exporter.ts';
import { looksSimple, readSimple } from './ancestors/simple.ts';
import type { Config } from './config.ts';
import { expandVariables } from './expand.ts';
import { checkFamilies } from './families.ts';
import { type Finding, sortFindings } from './finding.ts';
import { type LoadedQuerySet, readQueryFile } from './query-file.ts';
import { readText } from './read-text.ts';
import { targetsFileSchema } from './schema.ts';
import { readScrapes } from './scrapes.ts';
import { readTargets } from './targets.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';
import { reporter, reportIssues, salvage } from './zod-findings.ts';

export type LoadResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly Finding[] }
  /** Errors and warnings of all files, sorted by file and line. */
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** The query sets that come with the program; src/config and dist/config are equally deep. */
const SHIPPED_QUERIES = fileURLToPath(new URL('../../queries/', import.meta.url));

/** What there is to load: our own targets.yml (or a file that looks like query-exporter-simple's), or theirs. */
export type ConfigFiles =
  | string
  | { readonly kind: 'simple'; readonly file: string }
  | { readonly kind: 'query_exporter'; readonly databases: string; readonly metrics: string };

/** Reads and checks everything. Variables come from `env`; the content of password files is not kept. */
export async function loadConfig(files: ConfigFiles, env: NodeJS.ProcessEnv): Promise<LoadResult> {
  const findings: Finding[] = [];
  if (typeof files === 'string') return finish(await loadTargets(files, env, findings), findings);
  if (files.kind === 'simple') {
    const source = await readLeniently(files.file, findings);
    return finish(source && readSimple(source, findings), findings);
  }
  const databases = await readLeniently(files.databases, findings);
  const metrics = await readLeniently(files.metrics, findings);
  return finish(databases && metrics && readQueryExporter(databases, metrics, findings), findings);
}

function finish(config: Config | undefined, findings: readonly Finding[]): LoadResult {
  const sorted = sortFindings(findings);
  return config === undefined || sorted.some(({ severity }) => severity === 'error')
    ? { ok: false, findings: sorted }
    : { ok: true, config, warnings: sorted };
}

/** A file of an ancestor, to which a dollar sign is a dollar sign. */
async function readLeniently(file: string, findings: Finding[]): Promise<YamlSource | undefined> {
  const text = await readText(file);
  if (text.ok) return readYaml(file, text.value, undefined, 'lenient');
  findings.push({ severity: 'error', file, line: 1, column: 1, message: text.message });
  return undefined;
}

async function loadTargets(
  file: string,
  env: NodeJS.ProcessEnv,
  findings: Finding[],
): Promise<Config | undefined> {
  const text = await readText(file);
  if (!text.ok) {
    findings.push({ severity: 'error', file, line: 1, column: 1, message: text.message });
    return undefined;
  }
  const source = readYaml(file, text.value, (value) => expandVariables(value, env));
  if (looksSimple(source.value))
    return readSimple(readYaml(file, text.value, undefined, 'lenient'), findings);
  const report = reporter(source, findings);
  const part = queryExporterFile(source.value);
  if (part !== undefined) {
    report(
      [],
      `this is the ${part} file of query-exporter: use --config-database and --config-metrics for both`,
    );
    return undefined;
  }
  findings.push(...source.findings);
  if (source.value === undefined) return undefined;

  const warn = reporter(source, findings, 'warning');
  reportIssues(targetsFileSchema, source.value, report);

  const folder = resolve(dirname(file));
  const queryFiles = await findQueryFiles(source, findings);
  const { sets, complete } = await readQueryFiles(queryFiles, findings);
  findings.push(...checkFamilies(sets.flatMap((set) => set.families)));
  const querySets = new Map(sets.map(({ definition }) => [definition.name, definition]));
  const known = complete ? [...querySets.keys()] : undefined;
  const params = complete
    ? new Map([...querySets].map(([name, definition]) => [name, definition.params ?? {}]))
    : undefined;
  const targets = readTargets(source.value, { folder, querySets: known, params, report, warn });
  const scrapes = readScrapes(source.value, { targets, querySets: known, report, warn });
  return { targets, querySets, scrapes, metricsTarget: undefined };
}

interface QueryFiles {
  readonly files: readonly string[];
  /** Whether every pattern was understood and found something. */
  readonly complete: boolean;
}

/** The files behind `query_files`, named as the targets file is: relative or absolute. */
async function findQueryFiles(source: YamlSource, findings: Finding[]): Promise<QueryFiles> {
  const { value, faulty } = salvage(targetsFileSchema, source.value);
  if (value.query_files === undefined && !faulty.has('query_files')) {
    const shipped = await glob('*.yml', { cwd: SHIPPED_QUERIES });
    return { files: shipped.sort().map((name) => join(SHIPPED_QUERIES, name)), complete: true };
  }
  const report = reporter(source, findings);
  const folder = dirname(source.file);
  const files = new Set<string>();
  let complete = !faulty.has('query_files');
  for (const [i, pattern] of (value.query_files ?? []).entries()) {
    const matches = await glob(pattern, { cwd: resolve(folder), absolute: true });
    if (matches.length === 0) {
      complete = false;
      report(
        ['query_files', i],
        `query_files: no file matches "${pattern}" (looked for below ${resolve(folder)})`,
      );
    }
    for (const match of matches.sort()) files.add(join(folder, relative(resolve(folder), match)));
  }
  return { files: [...files], complete };
}

async function readQueryFiles(
  { files, complete: found }: QueryFiles,
  findings: Finding[],
): Promise<{ sets: LoadedQuerySet[]; complete: boolean }> {
  const sets = new Map<string, LoadedQuerySet>();
  let complete = found;
  for (const file of files) {
    const text = await readText(file);
    if (!text.ok) {
      findings.push({ severity: 'error', file, line: 1, column: 1, message: text.message });
      complete = false;
      continue;
    }
    const source = readYaml(file, text.value);
    complete &&= source.value !== undefined;
    for (const set of readQueryFile(source, findings)) {
      const { name } = set.definition;
      const first = sets.get(name);
      if (!first) {
        sets.set(name, set);
        continue;
      }
      const { line, column } = set;
      const message = `the query set "${name}" stands also at ${first.file}:${first.line}: rename one`;
      findings.push({ severity: 'error', file, line, column, message });
    }
  }
  return { sets: [...sets.values()], complete };
}
