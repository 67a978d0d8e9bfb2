/** The pages of docs/reference that are made, and the files that they are written to. */
import { readdir, readFile } from 'node:fs/promises';
import { createCommandLine } from '../../src/commands/command-line.ts';
import { loadShippedSets } from '../../src/config/load.ts';
import { cliPage } from './cli-page.ts';
import { type ExampleSource, examplesOf } from './examples.ts';
import { libraryPage } from './library-page.ts';
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
  return [
    { file: 'docs/reference/targets.md', text: targetsPage(await targetExamples()) },
    { file: 'docs/reference/query-file.md', text: queryFilePage(await queryExamples()) },
    { file: 'docs/reference/cli.md', text: cliPage(await createCommandLine()) },
    { file: 'docs/reference/metrics.md', text: metricsPage() },
    { file: 'docs/reference/query-library.md', text: libraryPage(sets) },
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
