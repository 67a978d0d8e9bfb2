/**
 * The database file of query-exporter: groups of instances, each with a type and a DSN.
 *
 * An instance may stand in several groups. With one DSN it is one target of ours; names that mean different
 * servers in different groups become targets called `group/name`.
 */
import { isDeepStrictEqual } from 'node:util';
import { didYouMean } from '../../diagnostics/suggest.ts';
import type { Dsn } from '../dsn/dsn-fields.ts';
import type { Located } from '../yaml/located.ts';
import { fieldsOf, namesOf, textOf } from './fields.ts';
import { readServer, SERVER_KEYS } from './target.ts';

export interface Instance {
  /** The value of the label `instance`. */
  readonly name: string;
  /** The name of its target. */
  readonly target: string;
  readonly dsn: Dsn;
}

export type Groups = ReadonlyMap<string, readonly Instance[]>;

/** Types that query-exporter knew; of these it could open only the first. */
const OTHER_TYPES = ['postgres', 'mssql', 'sqlite'];

/** All groups of a file; instances that were reported are missing. None of a file that is not valid YAML. */
export function readGroups(root: Located | undefined): Groups {
  const groups = new Map<string, Instance[]>();
  const dsns = new Map<string, Dsn[]>();
  for (const [group, at] of namesOf(root)) {
    const instances = namesOf(at).flatMap(([name, body]) => {
      const dsn = readInstance(body);
      return dsn === undefined ? [] : [{ name, target: name, dsn }];
    });
    groups.set(group, instances);
    for (const { name, dsn } of instances) dsns.set(name, [...(dsns.get(name) ?? []), dsn]);
  }
  const isOneServer = (name: string) =>
    (dsns.get(name) ?? []).every((dsn, _, [first]) => isDeepStrictEqual(dsn, first));
  return new Map(
    [...groups].map(([group, instances]) => [
      group,
      instances.map((instance) =>
        isOneServer(instance.name) ? instance : { ...instance, target: `${group}/${instance.name}` },
      ),
    ]),
  );
}

function readInstance(at: Located): Dsn | undefined {
  const fields = fieldsOf(at, ['type', ...SERVER_KEYS]);
  if (fields === undefined) return undefined;
  const type = textOf(fields.type);
  if (type === '') at.diagnostics.error('there is no type: add type: mysql');
  else if (type !== undefined && type.toLowerCase() !== 'mysql') {
    (fields.type ?? at).diagnostics.error(wrongType(type), 'value');
    return undefined; // its DSN is for another kind of server
  }
  return readServer(at, fields);
}

function wrongType(type: string): string {
  const known = OTHER_TYPES.find((other) => other === type.toLowerCase());
  if (known !== undefined)
    return `the type ${known} is not supported, only mysql is (MySQL and MariaDB): remove this instance`;
  const found = JSON.stringify(type.slice(0, 60));
  return `unknown type ${found}: only mysql is supported${didYouMean(type, ['mysql'])}`;
}
