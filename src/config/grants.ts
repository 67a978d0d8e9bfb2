/**
 * `grants` of query files in their normal form: the privileges that a query needs, by flavour of the server.
 *
 * What the servers take: https://dev.mysql.com/doc/refman/9.7/en/privileges-provided.html,
 * https://mariadb.com/kb/en/grant/
 */

import { didYouMean } from '../diagnostics/suggest.ts';
import {
  FLAVOURS,
  type Flavour,
  type Grant,
  type ParamValue,
  type QueryDefinition,
  type QuerySetDefinition,
} from '../model/query-set.ts';
import { settingOf } from './params.ts';
import type { GrantKeys } from './query-file-schema.ts';
import type { Report } from './zod-findings.ts';

/** The only ones that can be granted on a schema or table. */
const LOCAL = ['SELECT', 'SHOW VIEW', 'EXECUTE', 'EVENT', 'TRIGGER', 'LOCK TABLES', 'REFERENCES'];

/** What reading can need; servers have more, and plugins of MySQL add theirs. */
const KNOWN: Readonly<Record<Flavour | 'both', readonly string[]>> = {
  both: [
    ...LOCAL,
    ...['PROCESS', 'REPLICATION CLIENT', 'REPLICATION SLAVE', 'SHOW DATABASES', 'FILE', 'RELOAD', 'SUPER'],
  ],
  mysql: [
    ...['SHOW_ROUTINE', 'SENSITIVE_VARIABLES_OBSERVER', 'BACKUP_ADMIN', 'BINLOG_ADMIN', 'CONNECTION_ADMIN'],
    ...['GROUP_REPLICATION_ADMIN', 'REPLICATION_SLAVE_ADMIN', 'SYSTEM_VARIABLES_ADMIN', 'FLUSH_STATUS'],
    ...['INNODB_REDO_LOG_ARCHIVE', 'CLONE_ADMIN', 'AUDIT_ADMIN', 'ROLE_ADMIN', 'XA_RECOVER_ADMIN'],
  ],
  mariadb: [
    ...['BINLOG MONITOR', 'SLAVE MONITOR', 'REPLICA MONITOR', 'REPLICATION MASTER ADMIN', 'BINLOG ADMIN'],
    ...['REPLICATION SLAVE ADMIN', 'REPLICATION REPLICA ADMIN', 'BINLOG REPLAY', 'CONNECTION ADMIN'],
    ...['READ_ONLY ADMIN', 'FEDERATED ADMIN', 'SET USER', 'DELETE HISTORY', 'REPLICATION REPLICA'],
  ],
};

const SERVERS: Readonly<Record<Flavour, string>> = { mysql: 'MySQL', mariadb: 'MariaDB' };

/** MariaDB before 10.5 has the older privilege in place of the newer. */
const BEFORE_10_5: ReadonlyMap<string, string> = new Map([
  ['BINLOG MONITOR', 'REPLICATION CLIENT'],
  ['SLAVE MONITOR', 'REPLICATION CLIENT'],
  ['REPLICA MONITOR', 'REPLICATION CLIENT'],
  ['REPLICATION MASTER ADMIN', 'REPLICATION SLAVE'],
]);

/**
 * The privileges by flavour.
 *
 * @param asked on which flavours the query is asked at all
 */
export function readGrants(
  keys: GrantKeys | undefined,
  asked: readonly Flavour[],
  report: Report,
  warn: Report,
): QueryDefinition['grants'] {
  const needed: Record<Flavour, readonly Grant[]> = { mysql: [], mariadb: [] };
  if (Array.isArray(keys)) {
    const grants = keys.map((text, i) => readGrant(text, [i], asked, report, warn));
    for (const flavour of asked) needed[flavour] = grants;
  } else if (keys !== undefined) {
    for (const flavour of FLAVOURS)
      needed[flavour] = (keys[flavour] ?? []).map((text, i) =>
        readGrant(text, [flavour, i], [flavour], report, warn),
      );
  }
  return needed;
}

function readGrant(
  text: string,
  path: readonly (string | number)[],
  flavours: readonly Flavour[],
  report: Report,
  warn: Report,
): Grant {
  const [privilege = '', place = '*.*'] = text.split(' ON ');
  const [schema = '*', table = '*'] = place.split('.');
  if (schema === 'information_schema')
    report(
      path,
      'nothing can be granted on information_schema: name what its table depends on, such as PROCESS',
    );
  else if (schema !== '*' && isKnown(privilege) && !LOCAL.includes(privilege))
    report(path, `${privilege} is for the whole server: write it without ON ${place}`);
  for (const flavour of flavours) {
    const known = [...KNOWN.both, ...KNOWN[flavour]];
    if (known.includes(privilege)) continue;
    const other = FLAVOURS.find((one) => one !== flavour && KNOWN[one].includes(privilege));
    warn(
      path,
      other === undefined
        ? `the privilege "${privilege}" is not known${didYouMean(privilege, known)}`
        : `${SERVERS[flavour]} has no privilege ${privilege}: write grants as {mysql: [...], mariadb: [...]}`,
    );
    break;
  }
  return { privilege, schema, table };
}

const isKnown = (privilege: string): boolean =>
  Object.values(KNOWN).some((privileges) => privileges.includes(privilege));

/**
 * What the queries of a set need on a flavour, each once; parameters as given, else as they are by default.
 *
 * A query that they switch off needs nothing.
 */
export function grantsOfSet(
  { params = {}, queries }: Pick<QuerySetDefinition, 'params' | 'queries'>,
  flavour: Flavour,
  values: Readonly<Record<string, ParamValue>> = {},
): readonly Grant[] {
  const fill = (part: string) =>
    part.startsWith(':') ? String(settingOf(part.slice(1), params, values)) : part;
  const asked = queries.filter(
    ({ onlyIf }) => onlyIf === undefined || settingOf(onlyIf, params, values) === true,
  );
  const needed = asked.flatMap(({ grants }) => grants[flavour]);
  return uniqueGrants(
    needed.map(({ privilege, schema, table }) => ({ privilege, schema: fill(schema), table: fill(table) })),
  );
}

/** By the names of that version. */
export function grantsOnVersion(
  grants: readonly Grant[],
  { flavour, major, minor }: { readonly flavour: Flavour; readonly major: number; readonly minor: number },
): readonly Grant[] {
  if (flavour !== 'mariadb' || major > 10 || (major === 10 && minor >= 5)) return grants;
  return uniqueGrants(
    grants.map((grant) => ({ ...grant, privilege: BEFORE_10_5.get(grant.privilege) ?? grant.privilege })),
  );
}

/** Each once, in an order of its own, and none that a wider one of them includes. */
export function uniqueGrants(grants: readonly Grant[]): readonly Grant[] {
  const unique = [...new Map(grants.map((grant) => [keyOf(grant), grant])).values()];
  const isWithin = (a: Grant, b: Grant) =>
    a !== b &&
    a.privilege === b.privilege &&
    (b.schema === '*' || (b.schema === a.schema && (b.table === '*' || b.table === a.table)));
  return unique
    .filter((grant) => !unique.some((other) => isWithin(grant, other)))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

const keyOf = ({ privilege, schema, table }: Grant): string => JSON.stringify([schema, table, privilege]);
