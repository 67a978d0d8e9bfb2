/**
 * `probe NAME --query SET/QUERY`: one query's rows as a table, and the samples they became.
 */

import { Deadline } from '../../deadline.ts';
import { ProbeRegistry } from '../../exposition/probe-registry.ts';
import type { Config, Target } from '../../model/config.ts';
import type { Catalog } from '../../probe/catalog.ts';
import type { QueryOutcome } from '../../probe/outcome.ts';
import type { LogFormat } from '../../telemetry/logger.ts';
import { reasonText, writeText } from '../printable.ts';
import type { Program } from '../program.ts';
import { keepingRows, onlyQuery } from '../query-capture.ts';
import { reportAtStart } from '../start-up-report.ts';
import { textTable } from '../text-table.ts';
import { refuseName } from '../unknown-name.ts';

interface QueryOfTarget {
  /** Of the target. */
  readonly name: string;
  /** `SET/QUERY`. */
  readonly query: string;
  /** Of what is said on standard error. */
  readonly format: LogFormat;
}

/** Prints both on standard output, why there are none on standard error; returns the exit code. */
export async function probeQuery(asked: QueryOfTarget, { current, prober }: Program): Promise<number> {
  const { format, name, query } = asked;
  const { catalog, config } = current();
  const target = catalog.find(name);
  if (target === undefined)
    return refuseName(format, { what: 'target', name, known: catalog.targets.keys() });
  const known = queriesOf(catalog, target);
  const found = known.find(({ path }) => path === query);
  if (found === undefined) return notPlanned(asked, config, known);
  const { planned, rows } = keepingRows(found.planned);
  using until = Deadline.after(target.scrapeTimeoutMs);
  const plan = onlyQuery(catalog.plan(target, [found.set.name]), found.set, planned);
  const { snapshot } = await prober.probe(plan, until);
  const result = rows();
  if (result !== undefined) writeText(`${textTable(result.columns, result.rows)}\n`);
  const outcome = snapshot.outcomes.get(planned);
  if (outcome?.ok) return printSamples(format, outcome);
  const why = snapshot.down ?? outcome ?? { reason: 'canceled', detail: 'was not run' };
  const subject = snapshot.down === undefined ? `${query} failed` : `target ${name} is down`;
  reportAtStart(format, { level: 'error', sentence: `${subject}: ${reasonText(why)}` });
  return 1;
}

/** What the target may be asked, whether its sets have it or not. */
function queriesOf(catalog: Catalog, target: Target) {
  return catalog
    .plan(target, catalog.querySetNames)
    .sets.flatMap((set) =>
      set.queries.map((planned) => ({ set, planned, path: `${set.name}/${planned.query.name}` })),
    );
}

/** Of a query that is switched off, or of none. */
function notPlanned(
  { format, name, query }: QueryOfTarget,
  config: Config,
  planned: readonly { readonly path: string }[],
): number {
  const off = switchedOff(query, config);
  if (off === undefined)
    return refuseName(format, { what: 'query', name: query, known: planned.map(({ path }) => path) });
  const why = `the parameter "${off}" is false for ${name}, which switches the query off`;
  reportAtStart(format, { level: 'info', sentence: `skipped: only_if: ${why}` });
  return 0;
}

function printSamples(
  format: LogFormat,
  { samples, skipped, without = [] }: QueryOutcome & { readonly ok: true },
): number {
  if (skipped !== undefined) {
    reportAtStart(format, { level: 'info', sentence: `skipped: ${reasonText(skipped)}` });
    return 0;
  }
  const registry = new ProbeRegistry();
  registry.add(samples);
  writeText(registry.render().text);
  for (const { failure, family } of without)
    reportAtStart(format, { level: 'error', sentence: `${family} failed: ${reasonText(failure)}` });
  return without.length === 0 ? 0 : 1;
}

/** The parameter that a query waits for which is there and no part of the plan. */
function switchedOff(path: string, { querySets }: Config): string | undefined {
  const queries = [...querySets.values()].flatMap((set) =>
    set.queries.map((query) => ({ path: `${set.name}/${query.name}`, onlyIf: query.onlyIf })),
  );
  return queries.find((query) => query.path === path)?.onlyIf;
}
