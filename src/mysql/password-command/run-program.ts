/**
 * One run of a program, within limits of time and output: no shell, and nothing of it is left behind when it is killed.
 *
 * Knows nothing of passwords; what the program prints is given to the caller and goes nowhere else.
 */
import { type ChildProcess, spawn } from 'node:child_process';

export interface RunLimits {
  readonly ms: number;
  /** Of standard output. */
  readonly bytes: number;
}

export type ProgramRun = { readonly ok: true; readonly output: Buffer } | FailedRun;

export interface FailedRun {
  readonly ok: false;
  /** Goes on after the name of the program. */
  readonly detail: string;
  /** The beginning of what it wrote to standard error. */
  readonly said: string;
  readonly output: Buffer;
}

/** Of standard error is read and dropped what comes after so many bytes. */
const MAX_SAID = 4096;

/** Killed when we end: a group of its own does not get the signals of our terminal. */
const running = new Set<ChildProcess>();
let isWatchingExit = false;

/** Runs a program with our environment and without input; it is killed, with all that it has started, at a limit. */
export function runProgram(program: string, args: readonly string[], limits: RunLimits): Promise<ProgramRun> {
  return new Promise((resolve) => {
    const child = start(program, args);
    if (typeof child === 'string') return resolve(failedRun(child));
    running.add(child);
    const output: Buffer[] = [];
    const said: Buffer[] = [];
    const settle = (detail: string | undefined) => {
      clearTimeout(timer);
      running.delete(child);
      // What has left the group may hold the pipes open for ever.
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve(
        detail === undefined
          ? { ok: true, output: Buffer.concat(output) }
          : failedRun(detail, Buffer.concat(said).toString('utf8'), Buffer.concat(output)),
      );
    };
    const stop = (detail: string) => {
      kill(child);
      settle(detail);
    };
    const timer = setTimeout(
      () => stop(`has not ended after ${limits.ms / 1000} s, or has left a process behind, and was killed`),
      limits.ms,
    );
    child.once('error', (error) => settle(whyNotStarted(error)));
    child.once('close', (status, signal) => settle(whyFailed(status, signal)));
    collect(child.stdout, output, limits.bytes, () =>
      stop(`printed more than ${limits.bytes / 1024} KiB and was killed: it must print the password alone`),
    );
    collect(child.stderr, said, MAX_SAID, () => {});
  });
}

const failedRun = (detail: string, said = '', output: Buffer = Buffer.alloc(0)): FailedRun => ({
  ok: false,
  detail,
  said,
  output,
});

/** The process, or why there is none. */
function start(program: string, args: readonly string[]): ChildProcess | string {
  if (!isWatchingExit)
    process.on('exit', () => {
      for (const child of running) kill(child);
    });
  isWatchingExit = true;
  try {
    // A group of its own, so that what it has started is killed with it.
    return spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], shell: false });
  } catch (error) {
    return whyNotStarted(error);
  }
}

function collect(stream: ChildProcess['stdout'], into: Buffer[], most: number, onMore: () => void): void {
  let size = 0;
  stream?.on('data', (chunk: Buffer) => {
    const room = most - size;
    size += chunk.length;
    if (room > 0) into.push(chunk.subarray(0, room));
    if (size > most) onMore();
  });
}

function kill({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}

const STARTS: Readonly<Record<string, string>> = {
  ENOENT: 'was not found, or what its first line names: install it, or write its absolute path',
  EACCES: 'may not be executed by the user of the exporter: chmod +x it',
  ENOEXEC: 'is no program: a script begins with #! and its interpreter',
};

function whyNotStarted(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return STARTS[code] ?? `could not be started (${code})`;
}

function whyFailed(status: number | null, signal: NodeJS.Signals | null): string | undefined {
  if (signal !== null) return `was ended by ${signal}`;
  return status === 0 ? undefined : `failed with exit code ${status}`;
}
