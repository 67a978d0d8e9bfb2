/**
 * How a query is asked: for which servers, and within which limits. Its statement is read in statement-source.ts.
 */

import { FLAVOURS, type Flavour, type QueryDefinition, type Requirement } from '../../model/query-set.ts';
import type { Report } from '../check/zod-issues.ts';
import { only } from '../only.ts';
import { readGrants } from './grants.ts';
import { joinRequirements, readRequirement } from './requirement.ts';
import type { RequirementKeys } from './requirement-schema.ts';
import { DEFAULT_MAX_ROWS, DEFAULT_MAX_SERIES, type QueryKeys } from './schema.ts';
import { readStatements, type StatementScope } from './statement-source.ts';

export interface ExecutionScope extends StatementScope {
  /** What the set requires of a server. */
  readonly setRequires: RequirementKeys | undefined;
  readonly warn: Report;
}

type ExecutionKeys = Omit<QueryKeys, 'metrics' | 'description' | 'key_value' | 'columns'>;
type Execution = Omit<QueryDefinition, 'name' | 'description' | 'metrics' | 'pivot'>;

/** The part of a query that says how it is asked. */
export function readExecution(keys: Partial<ExecutionKeys>, scope: ExecutionScope): Execution {
  const { path, report, setRequires, warn } = scope;
  const statements = readStatements(keys, scope);
  const reportRequires: Report = (sub, message) => report([...path, 'requires', ...sub], message);
  const requires = joinRequirements(
    readRequirement(setRequires, () => {}), // reported once, for the set
    readRequirement(keys.requires, reportRequires),
    reportRequires,
  );
  const asked = FLAVOURS.filter(
    (flavour) =>
      isFor(flavour, requires) && (statements.variants?.some(({ when }) => isFor(flavour, when)) ?? true),
  );
  return {
    ...statements,
    timeoutMs: keys.timeout,
    grants: readGrants(
      keys.grants,
      asked,
      (sub, message) => report([...path, 'grants', ...sub], message),
      (sub, message) => warn([...path, 'grants', ...sub], message),
    ),
    maxRows: keys.max_rows ?? DEFAULT_MAX_ROWS,
    maxSeries: keys.max_series ?? DEFAULT_MAX_SERIES,
    ...only({
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
