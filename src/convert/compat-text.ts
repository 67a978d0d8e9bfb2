/**
 * What the files of query-exporter and query-exporter-simple have in common when they become files of ours.
 */
import { textOf } from '../config/compat/fields.ts';
import type { Located } from '../config/yaml/located.ts';
import { readLeniently, type YamlSource } from '../config/yaml/source.ts';
import type { Diagnostics } from '../diagnostics/diagnostics.ts';
import type { MetricDefinition } from '../model/metric.ts';
import { DEFAULT_NAMESPACE, type QueryDefinition } from '../model/query-set.ts';
import type { SourceText } from './converted.ts';
import type { QueryText } from './query-set-text.ts';
import { PLAIN_PASSWORD, withoutVariables } from './targets-text.ts';
import type { Entry } from './yaml-text.ts';

export const read = ({ file, text }: SourceText): YamlSource => readLeniently(file, text);

export function queryOf(
  { name, sql, timeoutMs }: QueryDefinition,
  comment?: string,
): Omit<QueryText, 'metrics'> {
  return { name, comment, sql, timeoutMs };
}

export function metricOf({ family, help, labels, type, value }: MetricDefinition, comment?: string) {
  const name = family.slice(DEFAULT_NAMESPACE.length + 1);
  const columns = labels === 'all' ? [] : labels.map(({ column }) => column);
  const entries: readonly Entry[] = [
    { key: 'type', value: type },
    // Our reader demands one.
    { key: 'description', value: help || name },
    { key: 'labels', value: columns.length > 0 ? { list: columns } : undefined },
    { key: 'value', value: value.kind === 'column' ? value.column : undefined },
  ];
  return { name, comment, entries };
}

/** With a user: without one query-exporter logged in as the anonymous user, and our reader demands one. */
export function dsnText(at: Located | undefined): string {
  const text = textOf(at) ?? '';
  const scheme = /^(?:mysql|mariadb):\/\//i.exec(text)?.[0] ?? '';
  const rest = text.slice(scheme.length);
  const end = scheme === '' ? rest.lastIndexOf('/') : rest.search(/[/?]/);
  const hasUser = rest.slice(0, end < 0 ? undefined : end).includes('@');
  return withoutVariables(hasUser ? text : `${scheme}@${rest}`);
}

/** Warns when a DSN has a password. */
export function checkPasswords(dsns: readonly string[], diagnostics: Diagnostics): void {
  if (dsns.some((dsn) => /:.*@/s.test(dsn))) diagnostics.warn(`dsn: its password ${PLAIN_PASSWORD}`);
}
