/**
 * What goes into a conversion and what comes out of it, whatever the format.
 *
 * Findings tell the rest: an error means that the input is wrong and nothing comes out, a warning names what has
 * no counterpart here.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';

export interface SourceText {
  readonly file: string;
  readonly text: string;
}

export interface ConvertedFile {
  /** Below the folder of targets.yml, with slashes. */
  readonly name: string;
  readonly text: string;
}

export type Converter = (sources: readonly SourceText[], findings: Diagnostic[]) => readonly ConvertedFile[];
