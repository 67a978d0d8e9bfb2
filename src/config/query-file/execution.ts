/**
 * How a query is asked: for which servers, and within which limits. Its statement is read in statement-source.ts.
 */

import { FLAVOURS, type Flavour, type QueryDefinition, type Requirement } from '../../model/query-set.ts';
import { withoutUndefined } from '../check/maps.ts';
import { readGrants } from './grants.ts';
import { joinRequirements, readRequirement } from './requirement.ts';
import type { RequirementKeys } from './requirement-schema.ts';
import { DEFAULT_MAX_ROWS, DEFAULT_MAX_SERIES, type QueryKeys } from './schema.ts';
import { readStatements, type StatementScope } from './statement-source.ts';

export interface ExecutionScope extends StatementScope {
  /** What the set requires of a server. */
  readonly setRequires: RequirementKeys | undefined;
}

type ExecutionKeys = Omit<QueryKeys, 'metrics' | 'description' | 'key_value' | 'columns'>;
type Execution = Omit<QueryDefinition, 'name' | 'description' | 'metrics' | 'pivot'>;

/** The part of a query that says how it is asked. */
export function readExecution(keys: Partial<ExecutionKeys>, scope: ExecutionScope): Execution {
  const { diagnostics, setRequires } = scope;
  const statements = readStatements(keys, scope);
  const atRequires = diagnostics.at('requires');
  const requires = joinRequirements(
    readRequirement(setRequires, diagnostics.silent()), // reported once, for the set
    readRequirement(keys.requires, atRequires),
    atRequires,
  );
  const asked = FLAVOURS.filter(
    (flavour) =>
      isFor(flavour, requires) && (statements.variants?.some(({ when }) => isFor(flavour, when)) ?? true),
  );
  return {
    ...statements,
    timeoutMs: keys.timeout,
    grants: readGrants(keys.grants, asked, diagnostics.at('grants')),
    maxRows: keys.max_rows ?? DEFAULT_MAX_ROWS,
    maxSeries: keys.max_series ?? DEFAULT_MAX_SERIES,
    ...withoutUndefined({
      allowCall: keys.allow_call,
      requires,
      ignoreErrors: keys.ignore_errors,
      minIntervalMs: keys.min_interval,
      onEmpty: keys.on_empty,
      onlyIf: keys.only_if,
    }),
  };
}

const isFor = (flavour: Flavour, when: Requirement | undefined): boolean =>
  when?.flavour === undefined || when.flavour === flavour;
