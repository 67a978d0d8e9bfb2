/**
 * `probe NAME --query SET/QUERY`: one query's rows as a table, and the samples they became.
 */

import { Deadline } from '../../deadline.ts';
import { ProbeRegistry } from '../../exposition/probe-registry.ts';
import type { Config, Target } from '../../model/config.ts';
import { settingsOfQuery, settingsOfSet } from '../../model/query-settings.ts';
import type { Catalog } from '../../probe/catalog.ts';
import type { QueryOutcome } from '../../probe/query/outcome.ts';
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
  if (found === undefined) return notPlanned(asked, { target, config, known });
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

interface Missing {
  readonly target: Target;
  readonly config: Config;
  /** Those that are planned. */
  readonly known: readonly { readonly path: string }[];
}

/** Of a query that is switched off, or of none. */
function notPlanned({ format, query }: QueryOfTarget, { config, known, target }: Missing): number {
  const why = whySwitchedOff(query, target, config);
  if (why === undefined)
    return refuseName(format, { what: 'query', name: query, known: known.map(({ path }) => path) });
  reportAtStart(format, { level: 'info', sentence: `skipped: ${why}` });
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

/** Why a query that is there is no part of the plan; undefined when there is none of that name. */
function whySwitchedOff(path: string, { name, queries }: Target, { querySets }: Config): string | undefined {
  for (const set of querySets.values())
    for (const query of set.queries) {
      if (`${set.name}/${query.name}` !== path) continue;
      if (settingsOfQuery(settingsOfSet(queries, set.name), query.name)?.enabled === false)
        return `enabled: false in the queries of ${name} switches the query off`;
      return `only_if: the parameter "${query.onlyIf}" is false for ${name}, which switches the query off`;
    }
  return undefined;
}
