/** A checked configuration, which most commands begin with. */
import { type ConfigFiles, type LoadResult, loadConfig } from '../config/load.ts';
import type { Config } from '../model/config.ts';
import type { LogFormat, LogLevel } from '../telemetry/logger.ts';
import { reportDiagnostics } from './start-up-report.ts';

/** Options that every command takes which works with a configuration. */
export interface ConfigOptions {
  readonly files: ConfigFiles;
  readonly maxQueries: number;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

export type Loaded = LoadResult & { readonly ok: true };

/** Loads the configuration; undefined when it has errors, all of which are then on standard error. */
export async function readConfig(
  options: Pick<ConfigOptions, 'files' | 'logFormat'>,
): Promise<Config | undefined> {
  return (await readConfigAtStart(options))?.config;
}

/** As {@link readConfig}, with what the configuration was read from. */
export async function readConfigAtStart({
  files,
  logFormat,
}: Pick<ConfigOptions, 'files' | 'logFormat'>): Promise<Loaded | undefined> {
  const loaded = await loadConfig(files, process.env);
  reportDiagnostics(logFormat, loaded.ok ? loaded.warnings : loaded.diagnostics);
  return loaded.ok ? loaded : undefined;
}
