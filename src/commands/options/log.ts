/**
 * The options of the log, and `LOG_LEVEL` of the environment, where query-exporter had the level.
 */
import { type Command, Option } from 'commander';
import { hintFor } from '../../diagnostics/suggest.ts';
import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from '../../telemetry/logger.ts';
import { reportAtStart } from '../start-up-report.ts';

export interface LogFlags {
  readonly 'log.level': LogLevel | undefined;
  readonly 'log.format': LogFormat;
}

/** Adds the options. */
export function addLog(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--log.level <level>',
        'least important lines to log (default: $LOG_LEVEL, else "info")',
      ).choices(LOG_LEVELS),
    )
    .addOption(new Option('--log.format <format>', 'form of the log').choices(LOG_FORMATS).default('logfmt'));
}

const DEFAULT_LEVEL: LogLevel = 'info';

/** The level for a program whose flags say none. Another program's idea of a level is no reason not to start. */
export function logLevelOf({ LOG_LEVEL: written = '' }: NodeJS.ProcessEnv, format: LogFormat): LogLevel {
  const level = LOG_LEVELS.find((known) => known === written.toLowerCase());
  if (level === undefined && written !== '')
    reportAtStart(format, {
      level: 'warn',
      sentence:
        `LOG_LEVEL is ${JSON.stringify(written.slice(0, 60))}, which is no log level, ignored` +
        hintFor(written, LOG_LEVELS, 'levels'),
    });
  return level ?? DEFAULT_LEVEL;
}
