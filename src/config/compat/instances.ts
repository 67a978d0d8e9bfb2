/**
 * The database file of query-exporter: groups of instances, each with a type and a DSN.
 *
 * An instance may stand in several groups. With one DSN it is one target of ours; names that mean different
 * servers in different groups become targets called `group/name`.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/suggest.ts';
import { reporter } from '../check/zod-issues.ts';
import type { Dsn } from '../dsn/dsn-fields.ts';
import type { YamlSource } from '../yaml/source.ts';
import { fieldsOf, type Located, type Notes, namesOf, textOf } from './fields.ts';
import { readDsn } from './target.ts';

export interface Instance {
  /** The value of the label `instance`. */
  readonly name: string;
  /** The name of its target. */
  readonly target: string;
  readonly dsn: Dsn;
}

export type Groups = ReadonlyMap<string, readonly Instance[]>;

/** Known to query-exporter, which could open the first of them only. */
const OTHER_TYPES = ['postgres', 'mssql', 'sqlite'];

/** All groups; instances that were reported are missing. */
export function readGroups(source: YamlSource, findings: Diagnostic[]): Groups {
  findings.push(...source.findings);
  const notes: Notes = {
    report: reporter(source, findings),
    warn: reporter(source, findings, 'warning'),
  };
  const root = { value: source.value, path: [] };
  const groups = new Map<string, Instance[]>();
  const dsns = new Map<string, Dsn[]>();
  for (const [group, at] of source.value === undefined ? [] : namesOf(root, notes)) {
    const entries = namesOf(at, notes);
    const instances = entries.flatMap(([name, body]) => {
      const dsn = readInstance(body, notes);
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

function readInstance(at: Located, notes: Notes): Dsn | undefined {
  const fields = fieldsOf(at, ['type', 'dsn'], notes);
  if (fields === undefined) return undefined;
  const type = textOf(fields.type, notes);
  if (type === '') notes.report(at.path, 'there is no type: add type: mysql');
  else if (type !== undefined && type.toLowerCase() !== 'mysql') {
    notes.report(fields.type?.path ?? at.path, wrongType(type), 'value');
    return undefined; // whatever its DSN is, it is none of ours
  }
  return readDsn(at, fields.dsn, notes);
}

function wrongType(type: string): string {
  const known = OTHER_TYPES.find((other) => other === type.toLowerCase());
  if (known !== undefined)
    return `the type ${known} is not supported, only mysql is (MySQL and MariaDB): remove this instance`;
  const found = JSON.stringify(type.slice(0, 60));
  return `unknown type ${found}: only mysql is supported${didYouMean(type, ['mysql'])}`;
}
