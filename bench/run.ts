/**
 * A benchmark as a program: from its command line to its end, whatever that is, with nothing left behind.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTermination, removeFolder, runToEnd, tail, temporaryFolder } from '../harness/children.ts';
import { UsageError } from './options.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A run that is not over by then hangs. */
const MOST_MS = 3_600_000;

export interface Run {
  /** Gone at its end. */
  readonly folder: string;
  readonly say: (line: string) => void;
  /** Called at the end, the last one first. */
  readonly atEnd: (stop: () => Promise<void>) => void;
}

export interface Program<Options> {
  readonly name: string;
  readonly help: string;
  /** Undefined when help is wanted. */
  readonly read: (args: readonly string[]) => Options | undefined;
  /** What is to be printed. */
  readonly measure: (options: Options, run: Run) => Promise<string>;
}

/** Ends the process. */
export async function runProgram<Options>({ help, measure, name, read }: Program<Options>): Promise<never> {
  const options = readOrExit(help, read);
  const folder = temporaryFolder('bench');
  const stops: (() => Promise<void>)[] = [];
  let stopping = false;
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const stop = async () => {
    for (const one of stops.toReversed()) await one();
    removeFolder(folder);
  };
  /** Ends with a message; not when we are being stopped, for then everything fails. */
  const end = async (cause: unknown) => {
    if (stopping) return;
    say(`${name}: ${cause instanceof Error ? cause.message : String(cause)}`);
    say(await tail(join(folder, 'exporter.log'), 3));
    await stop();
    process.exit(1);
  };
  onTermination(async () => {
    stopping = true;
    await stop();
    return 130;
  });
  setTimeout(() => void end(new Error(`not done in ${MOST_MS / 1000} s`)), MOST_MS).unref();
  try {
    const text = await measure(options, { folder, say, atEnd: (one) => void stops.push(one) });
    process.stdout.write(`\n${text}`);
    await stop();
    process.exit(0);
  } catch (cause) {
    await end(cause);
  }
  return await new Promise(() => {}); // being stopped
}

function readOrExit<Options>(help: string, read: Program<Options>['read']): Options {
  try {
    const options = read(process.argv.slice(2));
    if (options !== undefined) return options;
    process.stdout.write(help);
    process.exit(0);
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    process.stderr.write(`${cause.message}\n\n${help}`);
    process.exit(2);
  }
}

/** With a file for each part of the program, by which a profile tells what took the time. */
export async function buildForProfile({ say }: Pick<Run, 'say'>): Promise<void> {
  say('building the exporter file by file');
  await build('build:modules');
}

async function build(script: 'build' | 'build:modules'): Promise<void> {
  await runToEnd({ command: 'npm', args: ['--prefix', ROOT, 'run', script] }, `npm run ${script}`);
}

export async function buildExporter({ say }: Pick<Run, 'say'>): Promise<void> {
  say('building the exporter');
  await build('build');
}
