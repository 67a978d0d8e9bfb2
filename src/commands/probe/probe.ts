/**
 * `probe NAME`: one probe from the command line, as Prometheus would get it, or one query of it.
 */
import { type Command, Option } from 'commander';
import { Deadline } from '../../deadline.ts';
import { failureOf, type QueryOutcome } from '../../probe/query/outcome.ts';
import { traceText } from '../../probe/trace-text.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { addConfigOptions, type ConfigFlags, configOptions } from '../options/config-options.ts';
import { collect } from '../options/values.ts';
import { pluralize, reasonText, writeText } from '../printable.ts';
import { assemble, type Program } from '../program.ts';
import { type ConfigOptions, readConfig } from '../read-config.ts';
import { reportAtStart } from '../start-up-report.ts';
import { refuseName } from '../unknown-name.ts';
import { probeQuery } from './probe-query.ts';

interface ProbeFlags extends ConfigFlags {
  readonly querySet: readonly string[];
  readonly query: string | undefined;
  readonly debug?: true;
}

interface ProbeOptions extends ConfigOptions {
  /** Exactly these sets; the target's own when empty. */
  readonly querySets: readonly string[];
  /** `SET/QUERY`: only this one, with its rows. */
  readonly query: string | undefined;
  /** What the probe does, and when. */
  readonly debug: boolean;
}

/** Adds the command. */
export function addProbe(program: Command): void {
  addConfigOptions(program.command('probe'))
    .description('probe one target once and print what Prometheus would get')
    .argument('<name>', 'name of the target')
    .option('--query-set <name>', 'exactly this query set; may be repeated', collect, [])
    .addOption(
      new Option('--query <set/query>', 'only this query: its rows and samples').conflicts('querySet'),
    )
    .addOption(
      new Option('--debug', 'also print what the probe does, and when, as debug=true of /probe').conflicts(
        'query',
      ),
    )
    .action(async (name: string, flags: ProbeFlags, command: Command) => {
      const { debug = false, query, querySet: querySets } = flags;
      process.exitCode = await probe(name, { ...configOptions(command, flags), querySets, query, debug });
    });
}

/** Prints the metrics on standard output, a line per query on standard error; returns the exit code. */
async function probe(name: string, options: ProbeOptions): Promise<number> {
  const config = await readConfig(options);
  if (config === undefined) return 1;
  // What the log would say stands in the lines that are printed.
  const log = createLogger({ level: 'error', format: options.logFormat });
  const program = assemble(config, log, options.maxQueries);
  const code =
    options.query === undefined
      ? await probeTarget(name, options, program)
      : await probeQuery({ name, query: options.query, format: options.logFormat }, program);
  await program.pools.close();
  return code;
}

async function probeTarget(
  name: string,
  { debug, logFormat, querySets }: ProbeOptions,
  { current, prober }: Program,
): Promise<number> {
  const { catalog } = current();
  const target = catalog.find(name);
  if (target === undefined)
    return refuseName(logFormat, { what: 'target', name, known: catalog.targets.keys() });
  const unknown = querySets.find((set) => !catalog.hasQuerySet(set));
  if (unknown !== undefined)
    return refuseName(logFormat, { what: 'query set', name: unknown, known: catalog.querySetNames });
  using until = Deadline.after(target.scrapeTimeoutMs);
  const plan = catalog.plan(target, querySets);
  const traced = debug ? await prober.probeTraced(plan, until) : undefined;
  const { registry, snapshot } = traced ?? (await prober.probe(plan, until));
  writeText(traced === undefined ? registry.render().text : traceText(plan, traced, target.scrapeTimeoutMs));
  for (const [{ query }, outcome] of snapshot.outcomes)
    reportAtStart(logFormat, {
      level: failureOf(outcome) === undefined ? 'info' : 'error',
      sentence: `${query.set}/${query.name}  ${outcomeText(outcome)}`,
    });
  if (snapshot.down !== undefined) {
    const sentence = `target ${name} is down: ${reasonText(snapshot.down)}`;
    reportAtStart(logFormat, { level: 'error', sentence });
  }
  return snapshot.down === undefined &&
    [...snapshot.outcomes.values()].every((outcome) => failureOf(outcome) === undefined)
    ? 0
    : 1;
}

function outcomeText(outcome: QueryOutcome): string {
  const { skipped, without = [] } = outcome.ok ? outcome : {};
  const why = skipped ?? failureOf(outcome);
  const state = skipped !== undefined ? 'skipped, ' : without.length > 0 ? 'partial, ' : '';
  const result = why === undefined ? 'ok' : `${state}${reasonText(why)}`;
  return `${(outcome.seconds * 1000).toFixed(1)} ms  ${pluralize(outcome.rows, 'row')}  ${result}`;
}
