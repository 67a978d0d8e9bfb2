/**
 * A target made from the DSN in a file of query-exporter or query-exporter-simple. Other settings have built-in values.
 */
import type { Target } from '../../model/config.ts';
import { parseDsn } from '../dsn/dsn.ts';
import type { Dsn } from '../dsn/dsn-fields.ts';
import { resolveTarget } from '../targets-file/precedence.ts';
import type { Located } from '../yaml/located.ts';
import { type Fields, textOf } from './fields.ts';

/** Where a server is and who logs in. Early versions of query-exporter had the login beside a DSN without one. */
export const SERVER_KEYS = ['dsn', 'user', 'pass'] as const;
type ServerFields = Fields<(typeof SERVER_KEYS)[number]>;

/**
 * The content of the DSN, with the login beside it; undefined, and reported, when it is missing or wrong. No part of it
 * is ever repeated.
 *
 * @param owner the part that must have it
 */
export function readServer(owner: Located, fields: ServerFields): Dsn | undefined {
  const dsn = readDsn(owner, fields.dsn);
  const user = textOf(fields.user);
  const password = textOf(fields.pass);
  if (user === undefined || password === undefined) return undefined;
  if (user === '' && password === '') return dsn;
  const { diagnostics } = fields.user ?? fields.pass ?? owner;
  if (user === '') {
    diagnostics.error('pass: there is no user beside it: add user');
    return undefined;
  }
  if (dsn?.user === undefined) return dsn && { ...dsn, user, password };
  if (dsn.user === user && dsn.password === password) return dsn;
  diagnostics.error('the dsn has a user of its own: remove it there, or remove user and pass');
  return undefined;
}

function readDsn(owner: Located, field: Located | undefined): Dsn | undefined {
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
    pattern: undefined,
    exposesLabels: false,
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
