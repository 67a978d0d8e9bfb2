/**
 * How long the exporter takes from its start until it is ready: a thousand targets, each with the whole library.
 */
import { get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { stopChild } from '../../harness/children.ts';
import { loadConfig } from '../../src/config/load.ts';
import { isError } from '../../src/diagnostics/diagnostic.ts';
import type { Bench, Experiment, Outcome } from '../experiment.ts';
import { startWith, writeTargets } from '../exporter.ts';
import { FIGURE_HEADINGS, figure, figureRow } from '../numbers.ts';
import { cpuSeconds, residentMiB } from '../process-usage.ts';

const TARGETS = 1_000;
const STARTS = 5;
const POLL_MS = 10;
const MOST_MS = 60_000;

export const startUp: Experiment = { name: 'start', lines: ['start'], connections: () => 50, run };

interface Start {
  readonly seconds: number;
  readonly cpu: number;
  readonly rssMiB: number;
}

async function run(bench: Bench): Promise<Outcome> {
  const sets = await wholeLibrary(bench);
  const config = await writeTargets(bench, { targets: TARGETS, sets });
  const starts: Start[] = [];
  for (let i = 1; i <= (bench.options.quick ? 1 : STARTS); i++) {
    bench.say(`start ${i}`);
    starts.push(await start(bench, config));
  }
  const row = (name: string, key: keyof Start, digits: number) =>
    figureRow(
      name,
      starts.map((one) => one[key]),
      digits,
    );
  return {
    figures: { start: figure(starts.map(({ seconds }) => seconds)) },
    tables: [
      {
        title: `start with ${TARGETS} targets and ${sets.length} query sets each`,
        rows: [
          FIGURE_HEADINGS,
          row('seconds until ready', 'seconds', 2),
          row('CPU seconds until ready', 'cpu', 2),
          row('RSS MiB', 'rssMiB', 0),
        ],
      },
    ],
    details: { sets, starts },
  };
}

/** All query sets that are shipped. */
async function wholeLibrary(bench: Bench): Promise<readonly string[]> {
  const loaded = await loadConfig(
    await writeTargets(bench, { targets: 1, sets: bench.options.sets }),
    process.env,
  );
  if (loaded.ok) return [...loaded.config.querySets.keys()];
  const errors = loaded.diagnostics.filter(isError);
  throw new Error(`the configuration is refused: ${errors[0]?.message}`);
}

async function start(bench: Bench, config: string): Promise<Start> {
  const started = performance.now();
  const { child, url } = await startWith(bench, config);
  while (!(await isReady(`${url}/-/ready`))) {
    const ended = child.ended();
    if (ended !== undefined) throw new Error(`the exporter ended (${ended}) while starting`);
    if (performance.now() - started > MOST_MS) throw new Error(`not ready in ${MOST_MS} ms`);
    await delay(POLL_MS);
  }
  const seconds = (performance.now() - started) / 1000;
  const used = { cpu: await cpuSeconds(child.pid), rssMiB: await residentMiB(child.pid) };
  await stopChild(child);
  return { seconds, ...used };
}

function isReady(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { timeout: 1_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on('error', () => resolve(false)); // not listening yet
  });
}
