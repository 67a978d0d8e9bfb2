/**
 * What one query came to on a server, and which privileges its account lacks for it.
 */
import type { Grants } from '../../grants/held.ts';
import { missingPrivilege } from '../../grants/refused.ts';
import { grantStatements, grantText } from '../../grants/statements.ts';
import type { Grant } from '../../model/query-set.ts';
import type { Reason, SkipReason } from '../../model/reason.ts';
import { failureOf, type QueryOutcome } from '../../probe/query/outcome.ts';
import { visible } from '../../visible-text.ts';
import { pluralize, reasonText } from '../printable.ts';

export const VERDICTS = ['would run', 'skipped', 'incomplete', 'failed'] as const;

export interface Verdict {
  readonly word: (typeof VERDICTS)[number];
  /** Why it is not all that it could be; `privilege` for a part that the server shows to an account. */
  readonly reason: Reason | SkipReason | 'privilege' | undefined;
  /** One at least. */
  readonly lines: readonly string[];
}

/**
 * The verdict on a query.
 *
 * @param outcome undefined when the query was not run
 * @param needed what the query declares to need
 * @param held what the account has
 */
export function judge(outcome: QueryOutcome | undefined, needed: readonly Grant[], held: Grants): Verdict {
  if (outcome === undefined) return { word: 'failed', reason: 'canceled', lines: ['was not run'] };
  if (outcome.ok && outcome.skipped !== undefined)
    return { word: 'skipped', reason: outcome.skipped.reason, lines: [reasonText(outcome.skipped)] };
  const ms = `${(outcome.seconds * 1000).toFixed(1)} ms`;
  const lack = lackOf(outcome, needed, held);
  const lacks = lack === undefined ? [] : [`the account lacks ${lack}`, ...adviceOn(held)].map(visible);
  if (!outcome.ok) {
    const { reason } = outcome;
    return { word: 'failed', reason, lines: [`${reasonText(outcome)}  (${ms})`, ...lacks] };
  }
  const { count: samples, duplicates } = outcome.samples;
  const dropped = duplicates === 0 ? '' : `, ${duplicates} duplicate series dropped`;
  const did = `${pluralize(outcome.rows, 'row')}, ${pluralize(samples, 'sample')}${dropped}, ${ms}`;
  const without = (outcome.without ?? []).map(({ failure, family }) => `${family}: ${reasonText(failure)}`);
  const seen = needed.flatMap((grant) => seenOnly(grant, held)).map(visible);
  const reason = lack === undefined ? failureOf(outcome)?.reason : 'privilege';
  const word = reason === undefined ? 'would run' : 'incomplete';
  return { word, reason, lines: [did, ...without, ...seen, ...lacks] };
}

/** What is no mistake and still has to be known: the numbers are of a part of the server. */
function seenOnly(grant: Grant, held: Grants): readonly string[] {
  const places = held.chosenPlaces(grant);
  return places.length === 0
    ? []
    : [`sees only what is in ${places.join(', ')}: the account has ${grant.privilege} nowhere else`];
}

/** Roles give nothing until they are active, and no error says that there are some. */
function adviceOn({ activations }: Grants): readonly string[] {
  return activations.length === 0
    ? []
    : [`the account has roles that are not active; if one of them holds it: ${activations.join(' ')}`];
}

/** What the query declares and the account does not have; else what the server asked for when it refused. */
function lackOf(outcome: QueryOutcome, needed: readonly Grant[], held: Grants): string | undefined {
  // Without an answer to SHOW GRANTS nothing is known to be missing.
  const { account } = held;
  // A table that may not be read fails its query. So of a query that ran only those matter without which it sees less.
  const missing = needed.filter((grant) => !held.has(grant) && !(outcome.ok && grant.table !== '*'));
  if (account !== undefined && missing.length > 0)
    return `${missing.map(grantText).join(', ')}, which the query needs: ${grantStatements(missing, account).join(' ')}`;
  return outcome.ok ? undefined : missingPrivilege(outcome);
}
