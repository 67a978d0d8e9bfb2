/** What is made from the program and the shipped files: pages of docs/reference, and what is told to shells and man. */
import { readdir, readFile } from 'node:fs/promises';
import { readCosts } from '../../bench/costs/measured.ts';
import { createCommandLine } from '../../src/commands/command-line.ts';
import { loadShippedSets } from '../../src/config/load.ts';
import { readMeasured as readLocks } from '../../test/queries/locks/measured.ts';
import { bashCompletion } from '../completion/bash.ts';
import { zshCompletion } from '../completion/zsh.ts';
import { cliPage } from './cli-page.ts';
import { costsPage } from './costs-page.ts';
import { type ExampleSource, examplesOf } from './examples.ts';
import { libraryPage } from './library-page.ts';
import { locksPage } from './locks-page.ts';
import { manPage } from './man-page.ts';
import { metricsPage } from './metrics-page.ts';
import { queryFilePage } from './query-file-page.ts';
import { targetsPage } from './targets-page.ts';

const ROOT = new URL('../../', import.meta.url);

export interface ReferencePage {
  /** Relative to the repository. */
  readonly file: string;
  readonly text: string;
}

export const pageUrl = (file: string): URL => new URL(file, ROOT);

/** All of them as they should be now. */
export async function referencePages(): Promise<readonly ReferencePage[]> {
  const sets = [...(await loadShippedSets()).values()];
  const commandLine = await createCommandLine();
  const queries = sets.flatMap((set) => set.queries.map(({ name }) => `${set.name}/${name}`)).sort();
  return [
    { file: 'docs/reference/targets.md', text: targetsPage(await targetExamples()) },
    { file: 'docs/reference/query-file.md', text: queryFilePage(await queryExamples()) },
    { file: 'docs/reference/cli.md', text: cliPage(commandLine) },
    { file: 'docs/reference/metrics.md', text: metricsPage() },
    { file: 'docs/reference/query-library.md', text: libraryPage(sets) },
    {
      file: 'docs/reference/costs.md',
      text: costsPage(await readCosts(), sets.map(({ name }) => name).sort()),
    },
    { file: 'docs/reference/locks.md', text: locksPage(await readLocks(), queries) },
    { file: 'deploy/completion/mysql-query-exporter.bash', text: bashCompletion(commandLine) },
    { file: 'deploy/completion/_mysql-query-exporter', text: zshCompletion(commandLine) },
    { file: 'deploy/man/mysql-query-exporter.1', text: manPage(commandLine) },
  ];
}

async function targetExamples(): Promise<readonly ExampleSource[]> {
  return [
    ...examplesOf(await read('docs/guides/targets.md'), '../guides/targets.md'),
    { title: 'targets.yml', link: '../../targets.yml', yaml: await read('targets.yml') },
  ];
}

/** Those of the guide come first, then the shipped files in the order of their names. */
async function queryExamples(): Promise<readonly ExampleSource[]> {
  const files = (await readdir(new URL('queries/', ROOT))).sort();
  const shipped = files.map(async (file) => ({
    title: file,
    link: `../../queries/${file}`,
    yaml: await read(`queries/${file}`),
  }));
  return [
    ...examplesOf(await read('docs/guides/query-sets.md'), '../guides/query-sets.md'),
    ...(await Promise.all(shipped)),
  ];
}

const read = (file: string): Promise<string> => readFile(new URL(file, ROOT), 'utf8');
