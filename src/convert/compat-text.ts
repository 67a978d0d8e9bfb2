/**
 * What the files of query-exporter and query-exporter-simple have in common when they become files of ours.
 */
import { type Fields, textOf } from '../config/compat/fields.ts';
import type { SERVER_KEYS } from '../config/compat/target.ts';
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

type ServerFields = Fields<(typeof SERVER_KEYS)[number]>;

/** Where a server is and who logs in, as a target says it. */
export function serverEntries({ dsn, pass, user }: ServerFields): readonly Entry[] {
  const name = textOf(user);
  const password = textOf(pass);
  return [
    { key: 'dsn', value: dsnText(dsn, !name) },
    { key: 'user', value: name ? withoutVariables(name) : undefined },
    { key: 'password', value: password ? withoutVariables(password) : undefined },
  ];
}

/** With a user: without one query-exporter logged in as the anonymous user, and our reader demands one. */
function dsnText(at: Located | undefined, needsUser: boolean): string {
  const text = textOf(at) ?? '';
  const scheme = /^(?:mysql|mariadb):\/\//i.exec(text)?.[0] ?? '';
  const rest = text.slice(scheme.length);
  const end = scheme === '' ? rest.lastIndexOf('/') : rest.search(/[/?]/);
  const hasUser = rest.slice(0, end < 0 ? undefined : end).includes('@');
  return withoutVariables(hasUser || !needsUser ? text : `${scheme}@${rest}`);
}

/** Whether an @ stands behind a colon. */
function hasPassword(dsn: string): boolean {
  const colon = dsn.indexOf(':');
  return colon >= 0 && dsn.includes('@', colon);
}

/** Warns when a login has a password. */
export function checkPasswords(servers: readonly ServerFields[], diagnostics: Diagnostics): void {
  if (servers.some(({ dsn }) => hasPassword(textOf(dsn) ?? '')))
    diagnostics.warn(`dsn: its password ${PLAIN_PASSWORD}`);
  if (servers.some(({ pass }) => textOf(pass))) diagnostics.warn(`pass: ${PLAIN_PASSWORD}`);
}
