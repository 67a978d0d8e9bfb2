/**
 * Where a target is: what its `dsn` or `address` says, or its name.
 */
import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import { nearestName } from '../../diagnostics/suggest.ts';
import { isGiven, type Salvaged } from '../check/salvage.ts';
import { parseAddress, parseNamedAddress } from '../dsn/address.ts';
import { parseDsn } from '../dsn/dsn.ts';
import type { TargetSources } from './precedence.ts';
import { type TargetKeys, targetSchema } from './schema.ts';

export type Where = Pick<TargetSources, 'address' | 'dsn'>;

/** From exactly one of `dsn` and `address`, or without both from the name; undefined, and reported, otherwise. */
export function readWhere(
  name: string,
  salvaged: Salvaged<TargetKeys>,
  diagnostics: Diagnostics,
): Where | undefined {
  const { faulty, value } = salvaged;
  const hasDsn = isGiven(salvaged, 'dsn');
  const hasAddress = isGiven(salvaged, 'address');
  if (hasDsn && hasAddress)
    diagnostics.at('address').error(`the target "${name}" has both dsn and address: keep one of them`);
  // A misspelt key has been reported as such.
  const isMisspelt = [...faulty].some((key) =>
    ['dsn', 'address'].includes(nearestName(key, Object.keys(targetSchema.shape)) ?? ''),
  );
  const ofName = hasDsn || hasAddress || isMisspelt ? undefined : readName(name, diagnostics);
  const ofDsn = value.dsn === undefined ? undefined : readDsn(value.dsn, diagnostics.at('dsn'));
  const ofAddress =
    value.address === undefined ? undefined : readAddress(value.address, diagnostics.at('address'));
  return ofName ?? ofDsn ?? ofAddress;
}

function readName(name: string, diagnostics: Diagnostics): Where | undefined {
  const named = parseNamedAddress(name);
  if (named.ok) return { address: named.value, dsn: undefined };
  diagnostics.error(withoutAddress(name, named.message));
  return undefined;
}

function readDsn(text: string, diagnostics: Diagnostics): Where | undefined {
  const dsn = parseDsn(text);
  if (!dsn.ok) {
    diagnostics.error(`dsn: ${dsn.message}`, 'value');
    return undefined;
  }
  for (const warning of dsn.value.warnings) diagnostics.warn(`dsn: ${warning}`, 'value');
  return { address: dsn.value.address, dsn: dsn.value };
}

function readAddress(text: string, diagnostics: Diagnostics): Where | undefined {
  const address = parseAddress(text);
  if (address.ok) return { address: address.value, dsn: undefined };
  diagnostics.error(`address: ${address.message}`, 'value');
  return undefined;
}

/** What to do about a target that does not say where it is; what may be a misplaced DSN is not repeated. */
function withoutAddress(name: string, problem: string): string {
  if (name.includes('@'))
    return 'the name of this target looks like a DSN: give it a name, and this as its dsn';
  const missing = `the target "${name}" has neither dsn nor address`;
  return name.includes(':')
    ? `${missing}, and its name is none: ${problem}`
    : `${missing}: add one, such as address: "10.0.0.11:3306"`;
}
