/**
 * Loads the whole configuration: targets.yml and the query files that it names.
 *
 * All errors of all files are found in one go; a Config comes out only when there is none.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { glob } from 'tinyglobby';
import type { Config } from './config.ts';
import { expandVariables } from './expand.ts';
import { checkFamilies } from './families.ts';
import { type Finding, sortFindings } from './finding.ts';
import { type LoadedQuerySet, readQueryFile } from './query-file.ts';
import { targetsFileSchema } from './schema.ts';
import { readTargets } from './targets.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';
import { reporter, reportIssues, salvage } from './zod-findings.ts';

export type LoadResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly Finding[] }
  /** Errors and warnings of all files, sorted by file and line. */
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** The query sets that come with the program; src/config and dist/config are equally deep. */
const SHIPPED_QUERIES = fileURLToPath(new URL('../../queries/', import.meta.url));

/** Reads and checks everything. Variables come from `env`; the content of password files is not kept. */
export async function loadConfig(file: string, env: NodeJS.ProcessEnv): Promise<LoadResult> {
  const findings: Finding[] = [];
  const text = await readText(file);
  const source = text.ok ? readYaml(file, text.value, (value) => expandVariables(value, env)) : undefined;
  if (!text.ok) findings.push({ severity: 'error', file, line: 1, column: 1, message: text.message });
  findings.push(...(source?.findings ?? []));
  if (source?.value === undefined) return { ok: false, findings: sortFindings(findings) };

  const report = reporter(source, findings);
  const warn = reporter(source, findings, 'warning');
  reportIssues(targetsFileSchema, source.value, report);

  const folder = resolve(dirname(file));
  const queryFiles = await findQueryFiles(source, findings);
  const { sets, complete } = await readQueryFiles(queryFiles, findings);
  findings.push(...checkFamilies(sets.flatMap((set) => set.families)));
  const querySets = new Map(sets.map(({ definition }) => [definition.name, definition]));
  const known = complete ? [...querySets.keys()] : undefined;
  const targets = readTargets(source.value, { folder, querySets: known, report, warn });

  const sorted = sortFindings(findings);
  return sorted.some(({ severity }) => severity === 'error')
    ? { ok: false, findings: sorted }
    : { ok: true, config: { targets, querySets }, warnings: sorted };
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

async function readText(file: string): Promise<{ ok: true; value: string } | { ok: false; message: string }> {
  try {
    return { ok: true, value: await readFile(file, 'utf8') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { ok: false, message: 'the file does not exist' };
    if (code === 'EISDIR') return { ok: false, message: 'this is a folder, not a file' };
    return { ok: false, message: `the file cannot be read (${code ?? 'unknown reason'})` };
  }
}
