/**
 * Which files are the configuration: ours, or by the flags of query-exporter and query-exporter-simple,
 * which stand in the unit files of their users.
 */
import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { PART_FILES, type Part } from '../../config/compat/pair.ts';
import type { ConfigFiles } from '../../config/load.ts';

/** Named as commander does: by the whole flag where it has a dot. */
export interface ConfigFileFlags {
  readonly 'config.file': string | undefined;
  readonly config: string | undefined;
  readonly configDatabase: string | undefined;
  readonly configMetrics: string | undefined;
}

const NAMES = ['config.file', 'config', 'configDatabase', 'configMetrics'] as const;

/** Adds the options that name the files. */
export function addConfigFiles(command: Command): Command {
  return command
    .option('--config.file <file>', 'the targets, or a file of an ancestor (default: "targets.yml")')
    .addOption(
      new Option('--config <file>', 'the file of query-exporter-simple').conflicts(
        NAMES.filter((name) => name !== 'config'),
      ),
    )
    .option('--config-database <file>', "query-exporter's instances")
    .option('--config-metrics <file>', "query-exporter's queries");
}

/** Whether any file was named; else there is the default. */
export function isConfigNamed(flags: ConfigFileFlags): boolean {
  return NAMES.some((name) => flags[name] !== undefined);
}

export type NamedFiles =
  | { readonly ok: true; readonly files: ConfigFiles }
  | { readonly ok: false; readonly sentence: string };

const DEFAULT_FILE = 'targets.yml';

/** The files that the flags name together. */
export function configFiles(flags: ConfigFileFlags): NamedFiles {
  const { 'config.file': file, config, configDatabase: databases, configMetrics: metrics } = flags;
  const given = [file, config, databases, metrics].filter((name) => name !== undefined).length;
  if (config !== undefined)
    return given > 1
      ? refused('--config names the one file of query-exporter-simple: leave the others out')
      : named({ kind: 'simple', file: config });
  if (databases !== undefined && metrics !== undefined)
    return file === undefined
      ? named({ kind: 'query_exporter', databases, metrics })
      : refused(
          `--config-database and --config-metrics name both files of query-exporter: leave ${file} out`,
        );
  if (databases !== undefined) return withOther('database', databases, file);
  if (metrics !== undefined) return withOther('metrics', metrics, file);
  return named(file ?? DEFAULT_FILE);
}

/** One of query-exporter's two files; the other is `--config.file`, or the one that it had by default. */
function withOther(part: Part, name: string, file: string | undefined): NamedFiles {
  if (file !== undefined) return named({ kind: 'pair', file, named: { part, file: name } });
  const other = part === 'database' ? 'metrics' : 'database';
  const byDefault = PART_FILES[other];
  if (!existsSync(byDefault))
    return refused(
      `--config-${part} needs --config-${other} too: query-exporter has two files, and there is no ${byDefault} here`,
    );
  return part === 'database'
    ? named({ kind: 'query_exporter', databases: name, metrics: byDefault })
    : named({ kind: 'query_exporter', databases: byDefault, metrics: name });
}

/** Their names for people. */
export function filesText(files: ConfigFiles): string {
  if (typeof files === 'string') return files;
  if (files.kind === 'simple') return files.file;
  return files.kind === 'pair'
    ? `${files.file}, ${files.named.file}`
    : `${files.databases}, ${files.metrics}`;
}

const named = (files: ConfigFiles): NamedFiles => ({ ok: true, files });
const refused = (sentence: string): NamedFiles => ({ ok: false, sentence });
