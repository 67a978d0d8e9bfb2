/** What is wrong in the operator's files, and where: the unit in which the loader reports. */

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly message: string;
}

/** `targets.yml:12:5: error: message`, the form that editors and CI systems know. */
export function formatDiagnostic({ file, line, column, severity, message }: Diagnostic): string {
  return `${file}:${line}:${column}: ${severity}: ${message}`;
}

/** In reading order, each once: an alias or a shared default may lead to the same place twice. */
export function sortDiagnostics(findings: readonly Diagnostic[]): Diagnostic[] {
  const unique = new Map(findings.map((finding) => [formatDiagnostic(finding), finding]));
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
