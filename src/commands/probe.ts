/**
 * `probe NAME`: one probe from the command line, as Prometheus would get it.
 */
import { nearestName } from '../config/suggest.ts';
import { Deadline } from '../mysql/deadline.ts';
import { createLogger } from '../telemetry/logger.ts';
import { assemble, type ConfigOptions, readConfig } from './program.ts';

export interface ProbeOptions extends ConfigOptions {
  /** Exactly these sets; the target's own when empty. */
  readonly querySets: readonly string[];
}

/** Prints the metrics on standard output, a line per query on standard error; returns the exit code. */
export async function probe(name: string, options: ProbeOptions): Promise<number> {
  const config = await readConfig(options.configFile);
  if (config === undefined) return 1;
  // What the log would say stands in the lines below.
  const log = createLogger({ level: 'error', format: options.logFormat });
  const { catalog, pools, prober } = assemble(config, log, options.maxQueries);
  const target = catalog.targets.get(name);
  if (target === undefined) return refuse('target', name, catalog.targets.keys());
  const unknown = options.querySets.find((set) => !catalog.hasQuerySet(set));
  if (unknown !== undefined) return refuse('query set', unknown, catalog.querySetNames);
  using until = Deadline.after(target.scrapeTimeoutMs);
  const { registry, snapshot } = await prober.probe(catalog.plan(target, options.querySets), until);
  process.stdout.write(registry.render().text);
  for (const [{ query }, outcome] of snapshot.outcomes) {
    const result = outcome.ok ? 'ok' : `${outcome.reason}: ${outcome.detail}`;
    const ms = (outcome.seconds * 1000).toFixed(1);
    process.stderr.write(`${query.set}/${query.name}  ${ms} ms  ${outcome.rows} rows  ${result}\n`);
  }
  if (snapshot.down !== undefined) {
    process.stderr.write(`target ${name} is down: ${snapshot.down.reason}: ${snapshot.down.detail}\n`);
  }
  await pools.close();
  return snapshot.down === undefined && [...snapshot.outcomes.values()].every(({ ok }) => ok) ? 0 : 1;
}

function refuse(what: string, name: string, known: Iterable<string>): number {
  const near = nearestName(name, known);
  process.stderr.write(`unknown ${what} "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}\n`);
  return 1;
}
