/**
 * `LOG_LEVEL` of the environment, where query-exporter had it.
 */
import { hintFor } from '../diagnostics/suggest.ts';
import { LOG_LEVELS, type LogLevel } from '../telemetry/logger.ts';

const DEFAULT_LEVEL: LogLevel = 'info';

/** The level for a program whose flags say none. Another program's idea of a level is no reason not to start. */
export function logLevelOf({ LOG_LEVEL: written = '' }: NodeJS.ProcessEnv): LogLevel {
  const level = LOG_LEVELS.find((known) => known === written.toLowerCase());
  if (level === undefined && written !== '')
    process.stderr.write(
      `LOG_LEVEL is ${JSON.stringify(written.slice(0, 60))}, which is no log level, ignored` +
        `${hintFor(written, LOG_LEVELS, 'levels')}\n`,
    );
  return level ?? DEFAULT_LEVEL;
}
