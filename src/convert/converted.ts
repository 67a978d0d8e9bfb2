/**
 * Input and output of a conversion, whatever the format.
 *
 * An error means that the input is wrong and that there is no output; a warning names a part without a counterpart.
 */
import type { DiagnosticList } from '../diagnostics/diagnostics.ts';

export interface SourceText {
  readonly file: string;
  readonly text: string;
}

export interface ConvertedFile {
  /** The path below the folder of targets.yml, with slashes. */
  readonly name: string;
  readonly text: string;
}

export type Converter = (sources: readonly SourceText[], found: DiagnosticList) => readonly ConvertedFile[];
