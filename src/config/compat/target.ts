/**
 * A target made from the DSN in a file of query-exporter or query-exporter-simple. Other settings have built-in values.
 */
import type { Target } from '../../model/config.ts';
import { parseDsn } from '../dsn/dsn.ts';
import type { Dsn } from '../dsn/dsn-fields.ts';
import { resolveTarget } from '../targets-file/precedence.ts';
import type { Located } from '../yaml/located.ts';
import { textOf } from './fields.ts';

/**
 * The content of the DSN; undefined, and reported, when it is missing or wrong. No part of it is ever repeated.
 *
 * @param owner the part that must have it
 */
export function readDsn(owner: Located, field: Located | undefined): Dsn | undefined {
  const text = textOf(field);
  if (text === '') owner.diagnostics.error('there is no dsn: add dsn: user:password@tcp(host:3306)/');
  if (!text || field === undefined) return undefined;
  const dsn = parseDsn(text);
  if (!dsn.ok) {
    field.diagnostics.error(`dsn: ${dsn.message}`, 'value');
    return undefined;
  }
  for (const warning of dsn.value.warnings) field.diagnostics.warn(`dsn: ${warning}`, 'value');
  return dsn.value;
}

/** The target with the query sets that ask it. */
export function targetOf(name: string, dsn: Dsn, groups: readonly string[], querySets: string[]): Target {
  const { target } = resolveTarget({
    name,
    address: dsn.address,
    // Without a user go-sql-driver logs in as the anonymous one.
    dsn: dsn.user === undefined ? { ...dsn, user: '', password: '' } : dsn,
    own: { query_sets: querySets },
    groupNames: groups,
    groups: [],
    defaults: {},
    authModules: new Map(),
    loadedSets: new Set(querySets),
  });
  return target;
}
