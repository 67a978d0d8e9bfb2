/** A part of a file with its diagnostics: the input of readers that walk down the file themselves. */
import type { DiagnosticList, Diagnostics } from '../../diagnostics/diagnostics.ts';
import type { YamlSource } from './source.ts';

export interface Located {
  readonly value: unknown;
  readonly diagnostics: Diagnostics;
}

/** The whole of a file; undefined when it cannot be understood as YAML. What breaks YAML's rules is reported. */
export function contentOf(source: YamlSource, found: DiagnosticList): Located | undefined {
  const { problems, value } = source;
  found.add(...problems);
  return value === undefined ? undefined : { value, diagnostics: found.in(source) };
}
