/**
 * `probe NAME --query SET/QUERY`: one query's rows as a table, and the samples they became.
 */

import { Deadline } from '../deadline.ts';
import { ProbeRegistry } from '../exposition/probe-registry.ts';
import type { Config } from '../model/config.ts';
import { printable } from './printable.ts';
import type { Program } from './program.ts';
import { keepingRows, onlyQuery } from './query-capture.ts';
import { textTable } from './text-table.ts';
import { refuseName } from './unknown-name.ts';

/** Prints both on standard output, why there are none on standard error; returns the exit code. */
export async function probeQuery(
  name: string,
  query: string,
  config: Config,
  program: Program,
): Promise<number> {
  const { prober } = program;
  const { catalog } = program.current();
  const target = catalog.targets.get(name);
  if (target === undefined) return refuseName('target', name, catalog.targets.keys());
  const known = catalog
    .plan(target, catalog.querySetNames)
    .sets.flatMap((set) =>
      set.queries.map((planned) => ({ set, planned, path: `${set.name}/${planned.query.name}` })),
    );
  const found = known.find(({ path }) => path === query);
  const off = found === undefined ? switchedOff(query, config) : undefined;
  if (off !== undefined) {
    process.stderr.write(
      `skipped: only_if: the parameter "${off}" is false for ${name}, which switches the query off\n`,
    );
    return 0;
  }
  if (found === undefined)
    return refuseName(
      'query',
      query,
      known.map(({ path }) => path),
    );
  const { planned, rows } = keepingRows(found.planned);
  using until = Deadline.after(target.scrapeTimeoutMs);
  const plan = onlyQuery(catalog.plan(target, [found.set.name]), found.set, planned);
  const { snapshot } = await prober.probe(plan, until);
  const result = rows();
  if (result !== undefined) process.stdout.write(`${textTable(result.columns, result.rows)}\n`);
  const outcome = snapshot.outcomes.get(planned);
  if (outcome?.ok && outcome.skipped !== undefined) {
    process.stderr.write(`skipped: ${outcome.skipped.reason}: ${printable(outcome.skipped.detail)}\n`);
    return 0;
  }
  if (outcome?.ok) {
    const registry = new ProbeRegistry();
    registry.add(outcome.samples);
    process.stdout.write(registry.render().text);
    return 0;
  }
  const { reason, detail } = snapshot.down ?? outcome ?? { reason: 'canceled', detail: 'was not run' };
  const subject = snapshot.down === undefined ? `${query} failed` : `target ${name} is down`;
  process.stderr.write(`${subject}: ${reason}: ${printable(detail)}\n`);
  return 1;
}

/** The parameter that a query waits for which is there and no part of the plan. */
function switchedOff(path: string, { querySets }: Config): string | undefined {
  const queries = [...querySets.values()].flatMap((set) =>
    set.queries.map((query) => ({ path: `${set.name}/${query.name}`, onlyIf: query.onlyIf })),
  );
  return queries.find((query) => query.path === path)?.onlyIf;
}
