/**
 * What is wrong before there is a log: a sentence for people, or a line as the log will have them where that is JSON, so that
 * what collects the log can read all of it.
 */
import { type Diagnostic, formatDiagnostic } from '../diagnostics/diagnostic.ts';
import { createLogger, type LogFields, type LogFormat, type LogLevel } from '../telemetry/logger.ts';
import { complain } from './printable.ts';

export interface Report {
  readonly level: Exclude<LogLevel, 'debug'>;
  readonly sentence: string;
  /** What a program wants to know of it, in JSON only. */
  readonly fields?: LogFields;
  /** The sentence for people, where the fields are part of it. */
  readonly line?: string;
}

/** Writes it to standard error. */
export function reportAtStart(format: LogFormat, { fields, level, sentence, line = sentence }: Report): void {
  if (format === 'json') createLogger({ level: 'info', format })[level](sentence, fields);
  else complain(line);
}

/** Writes what was found in files to standard error. */
export function reportDiagnostics(format: LogFormat, diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics) {
    const { column, file, line, message: sentence, severity } = diagnostic;
    const level = severity === 'error' ? 'error' : 'warn';
    const fields = { file, line, column };
    reportAtStart(format, { level, sentence, fields, line: formatDiagnostic(diagnostic) });
  }
}

/** Whether a command line asks for JSON, be it otherwise wrong. */
export function asksForJson(args: readonly string[]): boolean {
  const at = args.findLastIndex((arg) => arg === '--log.format' || arg.startsWith('--log.format='));
  return at >= 0 && (args[at] === '--log.format=json' || args[at + 1] === 'json');
}
