/** What was found in files, on standard output: for people, or for machines. */
import { type Diagnostic, formatDiagnostic, isError } from '../../diagnostics/diagnostic.ts';
import { pluralize, writeLine, writeText } from '../printable.ts';
import type { JudgedFile } from './check-file.ts';

/** A line for each finding, one for each file, and one for all files where there are several. */
export function printFindings(judged: readonly JudgedFile[]): void {
  for (const { diagnostics, name, things } of judged) {
    for (const diagnostic of diagnostics) writeLine(formatDiagnostic(diagnostic));
    const parts = diagnostics.some(isError) ? [] : things;
    writeLine(`${name}: ${[...parts, ...numbers(diagnostics)].join(', ')}`);
  }
  if (judged.length > 1) writeLine(`${judged.length} files: ${numbers(findingsIn(judged)).join(', ')}`);
}

/** One array, whatever the number of files. */
export function printFindingsAsJson(judged: readonly JudgedFile[]): void {
  writeText(`${JSON.stringify(findingsIn(judged), undefined, 2)}\n`);
}

/** Each once: a query file may be named, and be one of a configuration that is named too. */
export function findingsIn(judged: readonly JudgedFile[]): readonly Diagnostic[] {
  const all = judged.flatMap(({ diagnostics }) => diagnostics);
  return [...new Map(all.map((diagnostic) => [formatDiagnostic(diagnostic), diagnostic])).values()];
}

function numbers(diagnostics: readonly Diagnostic[]): readonly string[] {
  const errors = diagnostics.filter(isError).length;
  return [pluralize(errors, 'error'), pluralize(diagnostics.length - errors, 'warning')];
}
