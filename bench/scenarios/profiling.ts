/**
 * `--profile`: the exporter under the load of the comparison with Node's profiler on; nothing is compared.
 */
import { copyFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../experiment.ts';
import { loadOf, startOurs } from '../exporter.ts';
import { exporterContender, measurePhase } from '../phases.ts';
import { summarise } from '../profile.ts';
import { renderProfile } from '../report.ts';
import { buildForProfile } from '../run.ts';

/** The summary as text; the profile itself goes to `file`. */
export async function profileExporter(bench: Bench, file: string): Promise<string> {
  const { concurrency, sets, targets } = bench.options;
  await buildForProfile(bench);
  const ours = await startOurs(bench, { targets, sets, profiled: true });
  const contender = exporterContender(
    'exporter',
    ours.child.pid,
    loadOf(ours, bench.options, 1),
    concurrency,
  );
  await contender.warmUp();
  bench.say('profiling');
  const started = performance.now();
  const phase = await measurePhase(bench, contender);
  await ours.stop();
  const window = performance.now() - started;
  const written = join(bench.folder, await profileIn(bench.folder));
  await copyFile(written, file);
  return renderProfile(summarise(await readFile(written, 'utf8'), window), phase);
}

async function profileIn(folder: string): Promise<string> {
  const name = (await readdir(folder)).find((entry) => entry.endsWith('.cpuprofile'));
  if (name === undefined) throw new Error('the exporter left no profile');
  return name;
}
