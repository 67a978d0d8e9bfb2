/**
 * What the comparison is asked to do, from its command line.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { COLLECTORS } from './collectors.ts';
import { ALL_SERVERS, SERVERS, type ServerName } from './servers.ts';

export interface Options {
  readonly collectors: readonly string[];
  readonly servers: readonly ServerName[];
  readonly rounds: number;
  readonly details: boolean;
  readonly serve: boolean;
  readonly queryFiles: readonly string[] | undefined;
  readonly flags: readonly string[];
  /** By set and name, as in targets.yml. */
  readonly params: unknown;
  readonly json: string | undefined;
  readonly save: string | undefined;
}

export const HELP = `Usage: npm run parity -- [OPTIONS]

Runs mysqld_exporter with all its collectors and ours with the query sets of the same names on the same servers,
MySQL and MariaDB, a primary and a replica of each, and a node of Galera, and compares what they say. Status 1
when something is missing or different.

  --collectors A,B  only these
  --servers A,B     only these: mysql-primary, mysql-replica, mariadb-primary, mariadb-replica, mariadb-galera; or
                    others: mariadb-10.5-primary, mariadb-10.5-replica, mariadb-11.8-primary, mariadb-11.8-replica
  --servers all     all of these
  --details         list everything that is missing or different, also what is allowed
  --rounds N        ask this often; what differs every time counts (3)
  --query-files A,B our query files; the shipped ones when left out
  --flag=--NAME     one more flag for mysqld_exporter, may be repeated: --flag=--collect.mysql.user.privileges
  --params JSON     parameters of our sets, as in targets.yml: '{"mysql.user": {"privileges": true}}'
  --json FILE       write the results there
  --save DIR        write the answers of both exporters there, those of mysqld_exporter also by collector
  --serve           compare nothing: say where all of them are and keep them until Ctrl-C
  --help            this text
`;

/** A wrong command line; the message is for the user. */
export class UsageError extends Error {}

/** Reads the arguments; undefined when help is wanted. */
export function readOptions(args: readonly string[]): Options | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  if (!/^[1-9]\d?$/.test(values.rounds)) throw new UsageError('--rounds takes a whole number from 1 to 99');
  return {
    collectors: chosen('collectors', values.collectors, COLLECTORS),
    servers: values.servers === 'all' ? ALL_SERVERS : chosen('servers', values.servers, ALL_SERVERS, SERVERS),
    rounds: Number(values.rounds),
    details: values.details,
    serve: values.serve,
    queryFiles: values['query-files']?.split(',').map((file) => resolve(file)),
    flags: values.flag,
    params: parseParams(values.params),
    json: values.json,
    save: values.save,
  };
}

function parse(args: readonly string[]) {
  const off = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        collectors: { type: 'string' },
        servers: { type: 'string' },
        rounds: { type: 'string', default: '3' },
        details: off,
        serve: off,
        'query-files': { type: 'string' },
        flag: { type: 'string', multiple: true, default: [] },
        params: { type: 'string', default: '{}' },
        json: { type: 'string' },
        save: { type: 'string' },
        help: off,
      },
    }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause));
  }
}

/** What is in it is for the exporter to judge. */
function parseParams(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError('--params takes JSON');
  }
}

/** In the order of `known`; `otherwise` when none is named. */
function chosen<Name extends string>(
  option: string,
  given: string | undefined,
  known: readonly Name[],
  otherwise = known,
): readonly Name[] {
  if (given === undefined) return otherwise;
  const names = given.split(',');
  const unknown = names.find((name) => !known.some((one) => one === name));
  if (unknown !== undefined) throw new UsageError(`--${option}: unknown ${JSON.stringify(unknown)}`);
  return known.filter((name) => names.includes(name));
}
