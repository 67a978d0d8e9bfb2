/**
 * `npm run bench`: what does a probe cost, compared with mysqld_exporter and with mysql2 alone?
 *
 * Ratios of one run on one machine are the claim; times are context. See docs/performance.md.
 */
import { writeFile } from 'node:fs/promises';
import type { Experiment, Outcome } from './experiment.ts';
import { CONNECTIONS_PER_TARGET } from './exporter.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { render, renderMarkdown, reportOf } from './report.ts';
import { buildExporter, type Run, runProgram } from './run.ts';
import { comparison } from './scenarios/comparison.ts';
import { firstProbes } from './scenarios/first-probes.ts';
import { guardedPort } from './scenarios/guarded-port.ts';
import { largeAnswer } from './scenarios/large-answer.ts';
import { manyQueries } from './scenarios/many-queries.ts';
import { memory } from './scenarios/memory.ts';
import { ownCores } from './scenarios/own-cores.ts';
import { profileExporter } from './scenarios/profiling.ts';
import { rhythm } from './scenarios/rhythm.ts';
import { scale } from './scenarios/scale.ts';
import { smallSet } from './scenarios/small-set.ts';
import { startUp } from './scenarios/start-up.ts';
import { startDatabase } from './server.ts';

const EXPERIMENTS: readonly Experiment[] = [
  comparison,
  ownCores,
  smallSet,
  manyQueries,
  guardedPort,
  firstProbes,
  startUp,
  memory,
  largeAnswer,
  rhythm,
  scale,
];

async function measure(options: Options, { atEnd, folder, say }: Run): Promise<string> {
  const wanted = EXPERIMENTS.filter(({ lines }) => lines.some((line) => options.lines.includes(line)));
  const experiments = options.profile === undefined ? wanted : [];
  const connections = Math.max(
    options.targets * CONNECTIONS_PER_TARGET + 50,
    ...experiments.map((experiment) => experiment.connections(options)),
  );
  await buildExporter({ say });
  say(`starting ${options.server}`);
  const server = await startDatabase(options.server, connections);
  atEnd(() => server.stop());
  const run = { options, server, folder, say };
  if (options.profile !== undefined) return await profileExporter(run, options.profile);
  const outcomes: Record<string, Outcome> = {};
  for (const experiment of experiments) {
    say(`-- ${experiment.name}`);
    outcomes[experiment.name] = await experiment.run(run);
  }
  const report = reportOf(run, outcomes);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 1)}\n`);
  return options.markdown ? renderMarkdown(report) : render(report);
}

await runProgram({ name: 'bench', help: HELP, read: readOptions, measure });
