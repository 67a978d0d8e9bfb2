/**
 * `check --target NAME`, `check --all-targets`: each query of a target is run once, as a probe runs it, and told what
 * became of it.
 *
 * Of many targets some are asked at a time, and their connections closed before the next ones: what is kept of a target
 * is a line or two for each of its queries.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { Deadline } from '../../deadline.ts';
import { Grants } from '../../grants/held.ts';
import type { Config, Target } from '../../model/config.ts';
import { parseVersion } from '../../mysql/connect/server-version.ts';
import { privilegesFor } from '../../probe/account-rights.ts';
import type { Catalog } from '../../probe/catalog.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { assemble, type Program } from '../program.ts';
import { accountSet } from '../query-capture.ts';
import type { ConfigOptions } from '../read-config.ts';
import { reportAtStart } from '../start-up-report.ts';
import { refuseName } from '../unknown-name.ts';
import { Interruption } from './interruption.ts';
import { type JudgedTarget, printJudged } from './judged-target.ts';
import { judge } from './verdict.ts';

/** Every enabled target, or one by its name, which may be one that a pattern matches. */
export type AskedTargets = 'all' | { readonly target: string };

interface TargetOptions extends Pick<ConfigOptions, 'maxQueries' | 'logFormat'> {
  readonly format: 'text' | 'json';
}

const MOST_AT_ONCE = 20;
/** For goodbyes after an interruption. */
const CLOSE_MS = 2_000;

/** Prints what became of the queries on standard output; returns the exit code. */
export async function checkTargets(
  asked: AskedTargets,
  config: Config,
  { format, logFormat, maxQueries }: TargetOptions,
): Promise<number> {
  // What the log would say stands in the lines that are printed.
  const program = assemble(config, createLogger({ level: 'error', format: logFormat }), maxQueries);
  const { catalog } = program.current();
  const targets = targetsOf(asked, catalog);
  if (targets === undefined) {
    const name = asked === 'all' ? '' : asked.target;
    return refuseName(logFormat, { what: 'target', name, known: catalog.targets.keys() });
  }
  using interruption = new Interruption(() => program.prober.cancelAll());
  const judged = await judgeTargets(targets, { program, interruption, maxQueries });
  await Promise.race([program.pools.close(), interruption.whenCome().then(() => sleep(CLOSE_MS))]);
  const code = printJudged(judged, asked === 'all' && format === 'text' ? 'table' : format);
  if (interruption.signal === undefined) return code;
  const sentence = `${interruption.signal}: ${judged.length} of ${targets.length} targets were asked`;
  reportAtStart(logFormat, { level: 'error', sentence });
  // A connection that is being opened would keep the process for as long as that takes.
  return process.exit(interruption.exitCode);
}

/** Undefined when there is none of that name. */
function targetsOf(asked: AskedTargets, catalog: Catalog): readonly Target[] | undefined {
  if (asked === 'all') return [...catalog.targets.values()].filter(({ enabled }) => enabled);
  const target = catalog.find(asked.target);
  return target && [target];
}

interface Work {
  readonly program: Program;
  readonly interruption: Interruption;
  readonly maxQueries: number;
}

/** In the order of the targets; after an interruption those that were answered before it. */
async function judgeTargets(
  targets: readonly Target[],
  { interruption, maxQueries, program }: Work,
): Promise<readonly JudgedTarget[]> {
  const slots = pLimit(atOnce(targets, maxQueries));
  const judgeOne = async (target: Target): Promise<readonly JudgedTarget[]> => {
    if (interruption.signal !== undefined) return [];
    const judged = await judgeTarget(target, program);
    program.prober.forget(new Set([target.name]));
    return interruption.signal === undefined ? [judged] : [];
  };
  return (await Promise.all(targets.map((target) => slots(() => judgeOne(target))))).flat();
}

/** So many that none of them waits for statements of the others until its time is over. */
function atOnce(targets: readonly Target[], maxQueries: number): number {
  const most = targets.reduce((max, { maxConnections }) => Math.max(max, maxConnections), 1);
  return Math.min(MOST_AT_ONCE, Math.max(1, Math.floor(maxQueries / most)));
}

async function judgeTarget(target: Target, { current, prober }: Program): Promise<JudgedTarget> {
  const { name, queryTimeoutMs, scrapeTimeoutMs } = target;
  const plan = current().catalog.plan(target);
  const account = accountSet(queryTimeoutMs);
  const startedAt = performance.now();
  using until = Deadline.after(scrapeTimeoutMs);
  const { snapshot } = await prober.probe({ ...plan, sets: [...plan.sets, account.set] }, until);
  const ms = performance.now() - startedAt;
  if (snapshot.down !== undefined) return { name, down: snapshot.down, ms, queries: [] };
  const grants = new Grants(account.grants(), account.activeRole());
  const version = parseVersion(account.version() ?? '');
  const queries = plan.sets
    .flatMap((set) => set.queries)
    .map((planned) => ({
      query: `${planned.query.set}/${planned.query.name}`,
      verdict: judge(snapshot.outcomes.get(planned), privilegesFor(planned.query, version), grants),
    }));
  return { name, down: undefined, ms, queries };
}
