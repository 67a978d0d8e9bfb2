/**
 * Targets asked what they are, and a query tried on one of them: as a probe runs it, with its limits, in a read-only session.
 */
import pLimit from 'p-limit';
import { Deadline } from '../../deadline.ts';
import { Grants } from '../../grants/held.ts';
import type { Target } from '../../model/config.ts';
import type { Failure } from '../../model/reason.ts';
import { parseVersion } from '../../mysql/connect/server-version.ts';
import { privilegesFor } from '../../probe/account-rights.ts';
import type { QueryOutcome } from '../../probe/query/outcome.ts';
import { judge, type Verdict } from '../check/verdict.ts';
import type { Program } from '../program.ts';
import { accountSet, askRows, onlyQuery } from '../query-capture.ts';
import { explainOf, planRows } from './plan-rows.ts';
import type { KnownTarget } from './spread.ts';

export interface LearnedTarget extends KnownTarget {
  readonly target: Target;
  /** As the server says it. */
  readonly said: string;
  readonly grants: Grants;
}

export interface Learned {
  readonly known: readonly LearnedTarget[];
  readonly down: readonly { readonly name: string; readonly why: Failure }[];
}

export interface Trial extends LearnedTarget {
  readonly verdict: Verdict;
  /** Undefined when there was no answer, or nothing to ask. */
  readonly answer: Extract<QueryOutcome, { readonly ok: true }> | undefined;
  readonly seconds: number | undefined;
  /** What the optimizer expects to read; undefined where it does not say. */
  readonly planRows: number | undefined;
}

const MOST_AT_ONCE = 20;

/** Asks each target what it is and what the account may do: three small statements. */
export async function learnTargets(
  targets: readonly Target[],
  { current, prober }: Program,
): Promise<Learned> {
  const slots = pLimit(MOST_AT_ONCE);
  const learnOne = async (target: Target): Promise<LearnedTarget | Learned['down'][number]> => {
    const account = accountSet(target.queryTimeoutMs);
    using until = Deadline.after(target.scrapeTimeoutMs);
    const plan = current().catalog.plan(target);
    const { snapshot } = await prober.probe(
      { ...plan, key: `${plan.key} account`, sets: [account.set] },
      until,
    );
    prober.forget(new Set([target.name])); // connections of hundreds are not kept open
    const { name } = target;
    if (snapshot.down !== undefined) return { name, why: snapshot.down };
    const said = account.version() ?? '';
    return {
      name,
      target,
      said,
      version: parseVersion(said),
      grants: new Grants(account.grants(), account.activeRole()),
    };
  };
  const all = await Promise.all(targets.map((target) => slots(() => learnOne(target))));
  return {
    known: all.flatMap((one) => ('target' in one ? [one] : [])),
    down: all.flatMap((one) => ('why' in one ? [one] : [])),
  };
}

/** Runs the query once, then asks for its plan. */
export async function tryQuery(
  path: string,
  on: LearnedTarget,
  { current, prober }: Program,
): Promise<Trial> {
  const { grants, target, version } = on;
  const [setName = ''] = path.split('/');
  const plan = current().catalog.plan(target, [setName]);
  const [set] = plan.sets;
  const planned = set?.queries.find(({ query }) => `${query.set}/${query.name}` === path);
  const nothing = { answer: undefined, seconds: undefined, planRows: undefined };
  if (set === undefined || planned === undefined) {
    const lines = ['a parameter or enabled: false switches it off'];
    return { ...on, ...nothing, verdict: { word: 'skipped', reason: undefined, lines } };
  }
  using until = Deadline.after(target.scrapeTimeoutMs);
  const { snapshot } = await prober.probe(onlyQuery(plan, set, planned), until);
  const outcome = snapshot.outcomes.get(planned);
  const verdict = judge(outcome, privilegesFor(planned.query, version), grants);
  if (outcome === undefined || !outcome.ok || outcome.skipped !== undefined)
    return { ...on, ...nothing, verdict, seconds: outcome?.ok === false ? outcome.seconds : undefined };
  const explain = explainOf(outcome.sql ?? '');
  if (explain === undefined)
    return { ...on, verdict, answer: outcome, seconds: outcome.seconds, planRows: undefined };
  const asked = askRows('explain', explain, planned.timeoutMs);
  using untilExplained = Deadline.after(target.scrapeTimeoutMs);
  await prober.probe(onlyQuery(plan, set, asked.planned), untilExplained);
  const rows = asked.rows();
  return { ...on, verdict, answer: outcome, seconds: outcome.seconds, planRows: rows && planRows(rows) };
}
