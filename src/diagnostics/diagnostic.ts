/** What is wrong in the operator's files, and where: the unit in which the loader reports. */

/** Line and column, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A position in a file. */
export interface Place extends Position {
  readonly file: string;
}

export interface Diagnostic extends Place {
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

/** `targets.yml:12:5: error: message`, the form that editors and CI systems know. */
export function formatDiagnostic({ file, line, column, severity, message }: Diagnostic): string {
  return `${file}:${line}:${column}: ${severity}: ${message}`;
}

export const isError = ({ severity }: Diagnostic): boolean => severity === 'error';

/** In reading order, each once: an alias or a shared default may lead to the same place twice. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const unique = new Map(diagnostics.map((diagnostic) => [formatDiagnostic(diagnostic), diagnostic]));
  return [...unique.values()].sort(
    (a, b) =>
      compare(a.file, b.file) ||
      a.line - b.line ||
      a.column - b.column ||
      compare(a.severity, b.severity) ||
      compare(a.message, b.message),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
