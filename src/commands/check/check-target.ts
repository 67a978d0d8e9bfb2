/**
 * `check --target NAME`: each query of the target is run once, as a probe runs it, and told what became of it.
 */

import { Deadline } from '../../deadline.ts';
import { Grants } from '../../grants/held.ts';
import { grantsOfSet, grantsOnVersion } from '../../grants/needed.ts';
import type { Config, Target } from '../../model/config.ts';
import type { Grant } from '../../model/query-set.ts';
import { parseVersion, type ServerVersion } from '../../mysql/connect/server-version.ts';
import type { PlannedQuery } from '../../probe/catalog.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { reasonText, writeLine } from '../printable.ts';
import { assemble, type ConfigOptions } from '../program.ts';
import { accountSet } from '../query-capture.ts';
import { refuseName } from '../unknown-name.ts';
import { judge, VERDICTS, type Verdict } from './verdict.ts';

/** Prints a line per query on standard output; returns the exit code. */
export async function checkTarget(name: string, config: Config, options: ConfigOptions): Promise<number> {
  // What the log would say stands in the lines that are printed.
  const log = createLogger({ level: 'error', format: options.logFormat });
  const { current, pools, prober } = assemble(config, log, options.maxQueries);
  const { catalog } = current();
  const target = catalog.find(name);
  if (target === undefined) return refuseName('target', name, catalog.targets.keys());
  const plan = catalog.plan(target);
  const account = accountSet(target.queryTimeoutMs);
  using until = Deadline.after(target.scrapeTimeoutMs);
  const { snapshot } = await prober.probe({ ...plan, sets: [...plan.sets, account.set] }, until);
  await pools.close();
  if (snapshot.down !== undefined) {
    writeLine(`target ${name} is down: ${reasonText(snapshot.down)}`);
    return 1;
  }
  const grants = new Grants(account.grants(), account.activeRole());
  const version = parseVersion(account.version() ?? '');
  const judged = plan.sets
    .flatMap(({ queries }) => queries)
    .map((planned) => ({
      query: `${planned.query.set}/${planned.query.name}`,
      verdict: judge(snapshot.outcomes.get(planned), neededFor(planned, config, target, version), grants),
    }));
  return print(name, judged);
}

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

interface Judged {
  readonly query: string;
  readonly verdict: Verdict;
}

function print(target: string, judged: readonly Judged[]): number {
  const width = Math.max(...judged.map(({ query }) => query.length));
  for (const { query, verdict } of judged) {
    const [first, ...more] = verdict.lines;
    writeLine(`${query.padEnd(width)}  ${verdict.word.padEnd(10)}  ${first}`);
    for (const line of more) writeLine(`${' '.repeat(width + 14)}${line}`);
  }
  const number = (word: Verdict['word']) => judged.filter(({ verdict }) => verdict.word === word).length;
  const words = VERDICTS.map((word) => `${number(word)} ${word}`);
  writeLine(`target ${target}: ${words.join(', ')}`);
  return number('incomplete') + number('failed') === 0 ? 0 : 1;
}
