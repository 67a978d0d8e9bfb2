/**
 * `npm run bench`: what does a probe cost, compared with mysql2 alone asking the same statements?
 *
 * Ratios of one run on one machine are the claim; times are context. See docs/performance.md.
 */
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTermination, stopChild, tail } from '../lab/children.ts';
import { HELP, type Options, readOptions, UsageError } from './options.ts';
import { exporterPhase, measurePairs, warmUp } from './phases.ts';
import { summarise } from './profile.ts';
import { render, renderProfile, reportOf } from './report.ts';
import { startWorld, type World } from './world.ts';

const say = (line: string) => void process.stderr.write(`${line}\n`);

/** Everything outside the phases, which know their own ends: building, starting, warming up. */
const PREPARATION_MS = 300_000;
/** A phase, and how long the floor may take after it, in units of `--seconds`. */
const MOST_OF_A_PAIR = 10;

let world: World | undefined;
let stopping = false;

async function bench(options: Options): Promise<number> {
  const most = PREPARATION_MS + (options.pairs + 1) * options.seconds * MOST_OF_A_PAIR * 1000;
  setTimeout(() => void end(new Error(`not done in ${most / 1000} s`)), most).unref();
  world = await startWorld(options, say);
  say(`probing ${options.targets} targets for the first time`);
  await warmUp(world, options);
  const text = options.profile === undefined ? await compare(world, options) : await profile(world, options);
  process.stdout.write(`\n${text}`);
  return 0;
}

async function compare(measured: World, options: Options): Promise<string> {
  const report = reportOf(options, measured, await measurePairs(measured, options, say));
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
  return render(report);
}

async function profile(measured: World, options: Options): Promise<string> {
  say('profiling');
  const started = performance.now();
  const phase = await exporterPhase(measured, options, options.concurrency);
  await stopChild(measured.exporter.child);
  const window = performance.now() - started;
  const file = join(measured.folder, await profileIn(measured.folder));
  if (options.profile !== undefined) await copyFile(file, options.profile);
  return renderProfile(summarise(await readFile(file, 'utf8'), window), phase);
}

async function profileIn(folder: string): Promise<string> {
  const name = (await readdir(folder)).find((entry) => entry.endsWith('.cpuprofile'));
  if (name === undefined) throw new Error('the exporter left no profile');
  return name;
}

/** Ends with a message; not when we are being stopped, for then everything fails. */
async function end(cause: unknown): Promise<void> {
  if (stopping) return;
  say(`bench: ${cause instanceof Error ? cause.message : String(cause)}`);
  if (world !== undefined) say(await tail(world.exporter.log, 3));
  await world?.stop();
  process.exit(1);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) return void process.stdout.write(HELP);
  onTermination(async () => {
    stopping = true;
    await world?.stop();
    return 130;
  });
  const status = await bench(options);
  await world?.stop();
  process.exit(status);
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
