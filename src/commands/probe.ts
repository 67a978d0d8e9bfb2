/**
 * `probe NAME`: one probe from the command line, as Prometheus would get it, or one query of it.
 */
import { Deadline } from '../deadline.ts';
import { createLogger } from '../telemetry/logger.ts';
import { pluralize, printable } from './printable.ts';
import { probeQuery } from './probe-query.ts';
import { assemble, type ConfigOptions, readConfig } from './program.ts';
import { refuseName } from './unknown-name.ts';

export interface ProbeOptions extends ConfigOptions {
  /** Exactly these sets; the target's own when empty. */
  readonly querySets: readonly string[];
  /** `SET/QUERY`: only this one, with its rows. */
  readonly query: string | undefined;
}

/** Prints the metrics on standard output, a line per query on standard error; returns the exit code. */
export async function probe(name: string, options: ProbeOptions): Promise<number> {
  const config = await readConfig(options.files);
  if (config === undefined) return 1;
  // What the log would say stands in the lines below.
  const log = createLogger({ level: 'error', format: options.logFormat });
  const program = assemble(config, log, options.maxQueries);
  const { current, pools, prober } = program;
  const { catalog } = current();
  if (options.query !== undefined) {
    const code = await probeQuery(name, options.query, config, program);
    await pools.close();
    return code;
  }
  const target = catalog.targets.get(name);
  if (target === undefined) return refuseName('target', name, catalog.targets.keys());
  const unknown = options.querySets.find((set) => !catalog.hasQuerySet(set));
  if (unknown !== undefined) return refuseName('query set', unknown, catalog.querySetNames);
  using until = Deadline.after(target.scrapeTimeoutMs);
  const { registry, snapshot } = await prober.probe(catalog.plan(target, options.querySets), until);
  process.stdout.write(registry.render().text);
  for (const [{ query }, outcome] of snapshot.outcomes) {
    const why = outcome.ok ? outcome.skipped : outcome;
    const result =
      why === undefined ? 'ok' : `${outcome.ok ? 'skipped, ' : ''}${why.reason}: ${printable(why.detail)}`;
    const ms = (outcome.seconds * 1000).toFixed(1);
    process.stderr.write(
      `${query.set}/${query.name}  ${ms} ms  ${pluralize(outcome.rows, 'row')}  ${result}\n`,
    );
  }
  if (snapshot.down !== undefined) {
    process.stderr.write(
      `target ${name} is down: ${snapshot.down.reason}: ${printable(snapshot.down.detail)}\n`,
    );
  }
  await pools.close();
  return snapshot.down === undefined && [...snapshot.outcomes.values()].every(({ ok }) => ok) ? 0 : 1;
}
