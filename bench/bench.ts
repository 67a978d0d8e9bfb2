/**
 * `npm run bench`: what does a probe cost, compared with mysqld_exporter and with mysql2 alone?
 *
 * Ratios of one run on one machine are the claim; times are context. See docs/performance.md.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTermination, removeFolder, runToEnd, tail, temporaryFolder } from '../harness/children.ts';
import type { DatabaseServer } from '../harness/server-process.ts';
import type { Experiment, Outcome } from './experiment.ts';
import { CONNECTIONS_PER_TARGET } from './exporter.ts';
import { HELP, type Options, readOptions, UsageError } from './options.ts';
import { render, renderMarkdown, reportOf } from './report.ts';
import { comparison } from './scenarios/comparison.ts';
import { guardedPort } from './scenarios/guarded-port.ts';
import { largeAnswer } from './scenarios/large-answer.ts';
import { memory } from './scenarios/memory.ts';
import { profileExporter } from './scenarios/profiling.ts';
import { rhythm } from './scenarios/rhythm.ts';
import { scale } from './scenarios/scale.ts';
import { smallSet } from './scenarios/small-set.ts';
import { startUp } from './scenarios/start-up.ts';
import { startDatabase } from './server.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const EXPERIMENTS: readonly Experiment[] = [
  comparison,
  smallSet,
  guardedPort,
  startUp,
  memory,
  largeAnswer,
  rhythm,
  scale,
];

/** A run that is not over by then hangs. */
const MOST_MS = 3_600_000;

const say = (line: string) => void process.stderr.write(`${line}\n`);
const folder = temporaryFolder('bench');
let server: DatabaseServer | undefined;
let stopping = false;

async function bench(options: Options): Promise<void> {
  setTimeout(() => void end(new Error(`not done in ${MOST_MS / 1000} s`)), MOST_MS).unref();
  const wanted = EXPERIMENTS.filter(({ lines }) => lines.some((line) => options.lines.includes(line)));
  const experiments = options.profile === undefined ? wanted : [];
  const connections = Math.max(
    options.targets * CONNECTIONS_PER_TARGET + 50,
    ...experiments.map((experiment) => experiment.connections(options)),
  );
  say('building the exporter');
  await runToEnd({ command: 'npm', args: ['--prefix', ROOT, 'run', 'build'] }, 'npm run build');
  say(`starting ${options.server}`);
  server = await startDatabase(options.server, connections);
  const run = { options, server, folder, say };
  if (options.profile !== undefined) {
    process.stdout.write(`\n${await profileExporter(run, options.profile)}`);
    return;
  }
  const outcomes: Record<string, Outcome> = {};
  for (const experiment of experiments) {
    say(`-- ${experiment.name}`);
    outcomes[experiment.name] = await experiment.run(run);
  }
  const report = reportOf(run, outcomes);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 1)}\n`);
  process.stdout.write(`\n${options.markdown ? renderMarkdown(report) : render(report)}`);
}

async function stop(): Promise<void> {
  await server?.stop();
  removeFolder(folder);
}

/** Ends with a message; not when we are being stopped, for then everything fails. */
async function end(cause: unknown): Promise<void> {
  if (stopping) return;
  say(`bench: ${cause instanceof Error ? cause.message : String(cause)}`);
  say(await tail(join(folder, 'exporter.log'), 3));
  await stop();
  process.exit(1);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) return void process.stdout.write(HELP);
  onTermination(async () => {
    stopping = true;
    await stop();
    return 130;
  });
  await bench(options);
  await stop();
  process.exit(0);
}

try {
  await main();
} catch (cause) {
  if (cause instanceof UsageError) {
    process.stderr.write(`${cause.message}\n\n${HELP}`);
    process.exit(2);
  }
  await end(cause);
}
