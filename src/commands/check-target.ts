/**
 * `check --target NAME`: each query of the target is run once, as a probe runs it, and told what became of it.
 */

import { Deadline } from '../deadline.ts';
import { Grants } from '../grants/held.ts';
import { grantsOfSet, grantsOnVersion } from '../grants/needed.ts';
import { missingPrivilege } from '../grants/refused.ts';
import { grantStatements, grantText } from '../grants/statements.ts';
import type { Config, Target } from '../model/config.ts';
import type { Grant } from '../model/query-set.ts';
import { parseVersion, type ServerVersion } from '../mysql/connect/session.ts';
import type { PlannedQuery } from '../probe/catalog.ts';
import type { QueryOutcome } from '../probe/outcome.ts';
import { createLogger } from '../telemetry/logger.ts';
import { pluralize, printable } from './printable.ts';
import { assemble, type ConfigOptions } from './program.ts';
import { accountSet } from './query-capture.ts';
import { refuseName } from './unknown-name.ts';

/** What one query came to. */
interface Verdict {
  readonly word: 'would run' | 'skipped' | 'incomplete' | 'failed';
  readonly lines: readonly string[];
}

/** Prints a line per query on standard output; returns the exit code. */
export async function checkTarget(name: string, config: Config, options: ConfigOptions): Promise<number> {
  // What the log would say stands in the lines below.
  const log = createLogger({ level: 'error', format: options.logFormat });
  const { current, pools, prober } = assemble(config, log, options.maxQueries);
  const { catalog } = current();
  const target = catalog.targets.get(name);
  if (target === undefined) return refuseName('target', name, catalog.targets.keys());
  const plan = catalog.plan(target);
  const asked = accountSet(target.queryTimeoutMs);
  using until = Deadline.after(target.scrapeTimeoutMs);
  const { snapshot } = await prober.probe({ ...plan, sets: [...plan.sets, asked.set] }, until);
  await pools.close();
  if (snapshot.down !== undefined) {
    const { reason, detail } = snapshot.down;
    process.stdout.write(`target ${name} is down: ${reason}: ${printable(detail)}\n`);
    return 1;
  }
  const grants = new Grants(asked.grants());
  const version = parseVersion(asked.version() ?? '');
  const verdicts = plan.sets
    .flatMap((set) => set.queries)
    .map((planned) => {
      const outcome = snapshot.outcomes.get(planned);
      return { planned, verdict: judge(outcome, neededFor(planned, config, target, version), grants) };
    });
  const width = Math.max(...verdicts.map(({ planned }) => nameOf(planned).length));
  for (const { planned, verdict } of verdicts) {
    const [first, ...more] = verdict.lines;
    process.stdout.write(`${nameOf(planned).padEnd(width)}  ${verdict.word.padEnd(10)}  ${first}\n`);
    for (const line of more) process.stdout.write(`${' '.repeat(width + 14)}${line}\n`);
  }
  const number = (word: Verdict['word']) => verdicts.filter(({ verdict }) => verdict.word === word).length;
  const words = (['would run', 'skipped', 'incomplete', 'failed'] as const).map(
    (word) => `${number(word)} ${word}`,
  );
  process.stdout.write(`target ${name}: ${words.join(', ')}\n`);
  return number('incomplete') + number('failed') === 0 ? 0 : 1;
}

const nameOf = ({ query }: PlannedQuery): string => `${query.set}/${query.name}`;

function neededFor(
  { query }: PlannedQuery,
  { querySets }: Config,
  target: Target,
  version: ServerVersion,
): readonly Grant[] {
  const set = querySets.get(query.set);
  const definition = set?.queries.find(({ name }) => name === query.name);
  if (set === undefined || definition === undefined) return [];
  const one = { params: set.params, queries: [definition] };
  return grantsOnVersion(grantsOfSet(one, version.flavour, target.params?.[query.set]), version);
}

function judge(outcome: QueryOutcome | undefined, needed: readonly Grant[], grants: Grants): Verdict {
  if (outcome === undefined) return { word: 'failed', lines: ['was not run'] };
  if (outcome.ok && outcome.skipped !== undefined) {
    return { word: 'skipped', lines: [`${outcome.skipped.reason}: ${printable(outcome.skipped.detail)}`] };
  }
  const ms = `${(outcome.seconds * 1000).toFixed(1)} ms`;
  // Without an answer to SHOW GRANTS nothing is known to be missing.
  const { account } = grants;
  // Who may not read a table is refused; so of a query that ran those matter that show less to whoever lacks them.
  const missing = needed.filter((one) => !grants.has(one) && !(outcome.ok && one.table !== '*'));
  const declared =
    account === undefined || missing.length === 0
      ? []
      : [
          `the account lacks ${missing.map(grantText).join(', ')}, which the query needs: ` +
            grantStatements(missing, account).join(' '),
        ];
  if (!outcome.ok) {
    const refused = missingPrivilege(outcome);
    const needs =
      declared.length === 0 && refused !== undefined ? [`the account lacks ${refused}`] : declared;
    return {
      word: 'failed',
      lines: [`${outcome.reason}: ${printable(outcome.detail)}  (${ms})`, ...needs.map(printable)],
    };
  }
  const { count: samples, duplicates } = outcome.samples;
  const dropped = duplicates === 0 ? '' : `, ${duplicates} duplicate series dropped`;
  const did = `${pluralize(outcome.rows, 'row')}, ${pluralize(samples, 'sample')}${dropped}, ${ms}`;
  return declared.length === 0
    ? { word: 'would run', lines: [did] }
    : { word: 'incomplete', lines: [did, ...declared.map(printable)] };
}
