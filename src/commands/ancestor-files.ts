/**
 * The flags of our ancestors that name files, which stand in their users' unit files.
 */
import type { ConfigFiles } from '../config/load.ts';

export interface AncestorFlags {
  readonly config: string | undefined;
  readonly configDatabase: string | undefined;
  readonly configMetrics: string | undefined;
}

export type AncestorFiles =
  /** Undefined when none of the flags is given. */
  | { readonly ok: true; readonly files: ConfigFiles | undefined }
  | { readonly ok: false; readonly sentence: string };

/** The files that the flags name together. */
export function ancestorFiles({ config, configDatabase, configMetrics }: AncestorFlags): AncestorFiles {
  if (config !== undefined) return { ok: true, files: { kind: 'simple', file: config } };
  if (configDatabase === undefined && configMetrics === undefined) return { ok: true, files: undefined };
  if (configDatabase === undefined) return incomplete('metrics', 'database');
  if (configMetrics === undefined) return incomplete('database', 'metrics');
  return { ok: true, files: { kind: 'query_exporter', databases: configDatabase, metrics: configMetrics } };
}

function incomplete(given: string, missing: string): AncestorFiles {
  const sentence = `--config-${given} needs --config-${missing} too: query-exporter has two files`;
  return { ok: false, sentence };
}
