/**
 * A target out of the DSN in an ancestor's file; whatever the DSN does not say is built in.
 */
import type { Target } from '../../model/config.ts';
import { parseDsn } from '../dsn/dsn.ts';
import type { Dsn } from '../dsn/dsn-fields.ts';
import { resolveTarget } from '../targets-file/precedence.ts';
import { type Located, type Notes, textOf } from './fields.ts';

/** What the DSN says; undefined, and reported, when it is missing or wrong. Nothing of it is ever repeated. */
export function readDsn(at: Located, field: Located | undefined, notes: Notes): Dsn | undefined {
  const text = textOf(field, notes);
  if (text === '') notes.report(at.path, 'there is no dsn: add dsn: user:password@tcp(host:3306)/');
  if (!text || field === undefined) return undefined;
  const dsn = parseDsn(text);
  if (!dsn.ok) {
    notes.report(field.path, `dsn: ${dsn.message}`, 'value');
    return undefined;
  }
  for (const warning of dsn.value.warnings) notes.warn(field.path, `dsn: ${warning}`, 'value');
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
