/**
 * Child processes of the lab and the tests, and the temporary folders they work in.
 *
 * None of them outlives us: an orderly end stops them one by one, the end of our process kills what is left,
 * and should we be killed ourselves the kernel kills them. They have process groups of their own, so Ctrl-C
 * in a terminal reaches us alone and we decide the order.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Standard output and standard error are appended to this file. */
  readonly log: string;
  /** A file that the program reads as its standard input; empty when left out. */
  readonly input?: string;
}

export interface Child {
  readonly pid: number;
  /** How it ended: `exit 1`, `SIGKILL`. Undefined while it runs. */
  readonly ended: () => string | undefined;
  /** Resolves with how it ended. A child alone does not keep our process alive, untilExit() does. */
  readonly exited: Promise<string>;
  readonly untilExit: () => Promise<string>;
  readonly signal: (signal: NodeJS.Signals) => void;
}

const running = new Set<ChildProcess>();
const folders = new Set<string>();
let tied = false;

export async function startChild({ command, args, env, log, input }: Command): Promise<Child> {
  tieToOurEnd();
  const output = openSync(log, 'a');
  const source = input === undefined ? 'ignore' : openSync(input, 'r');
  const [program = command, ...rest] = [...endingWithParent(), command, ...args];
  const child = spawn(program, rest, { detached: true, env, stdio: [source, output, output] });
  closeSync(output);
  if (source !== 'ignore') closeSync(source);
  running.add(child);
  let ended: string | undefined;
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (status, signal) => {
      running.delete(child);
      ended = signal ?? `exit ${status}`;
      resolve(ended);
    });
  });
  // Rejects with ENOENT and the like when there is nothing to run.
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  child.unref();
  return {
    pid: child.pid as number, // known from `spawn` on
    ended: () => ended,
    exited,
    untilExit: async () => {
      if (ended === undefined) child.ref();
      return await exited;
    },
    signal: (signal) => void child.kill(signal),
  };
}

/** Runs a program that ends by itself; an Error with the end of its output when it fails. */
export async function runToEnd(command: Omit<Command, 'log'>, purpose: string): Promise<void> {
  const folder = temporaryFolder('run');
  const log = join(folder, 'output.log');
  try {
    const ended = await (await startChild({ ...command, log })).untilExit();
    if (ended !== 'exit 0') throw new Error(`${purpose} failed (${ended}):\n${await tail(log)}`);
  } finally {
    removeFolder(folder);
  }
}

/** SIGTERM, and SIGKILL for what has not ended after `patienceMs`. */
export async function stopChild(child: Child, patienceMs = 10_000): Promise<void> {
  if (child.ended() !== undefined) return;
  child.signal('SIGCONT'); // a paused process would not notice the SIGTERM
  child.signal('SIGTERM');
  const timer = setTimeout(() => child.signal('SIGKILL'), patienceMs);
  await child.untilExit();
  clearTimeout(timer);
}

/**
 * Gone when our process ends; removeFolder() does it earlier.
 *
 * @param name what it is for, or the path that its own begins with
 */
export function temporaryFolder(name: string): string {
  tieToOurEnd();
  // Short: a server puts its Unix socket there, whose path may have 107 bytes.
  const folder = mkdtempSync(isAbsolute(name) ? name : join(tmpdir(), `mqe-${name}-`));
  folders.add(folder);
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  folders.delete(folder);
}

export interface Readiness {
  readonly isReady: () => Promise<boolean>;
  /** What it is as long as it is not, such as `port 80 was closed`. */
  readonly otherwise: string;
  readonly mostMs: number;
  readonly pollMs: number;
}

/** Resolves when the child is ready. An Error carries the end of its log. */
export async function untilReady(
  child: Child,
  log: string,
  { isReady, mostMs, otherwise, pollMs }: Readiness,
): Promise<void> {
  const giveUp = performance.now() + mostMs;
  while (!(await isReady())) {
    const ended = child.ended();
    if (ended !== undefined) throw new Error(`ended (${ended}) while starting; its log:\n${await tail(log)}`);
    if (performance.now() > giveUp)
      throw new Error(`${otherwise} for ${mostMs} ms; the log:\n${await tail(log)}`);
    await Promise.race([delay(pollMs), child.exited]);
  }
}

/** The last lines of a child's log, for the message that says why it did not start. */
export async function tail(log: string, lines = 15): Promise<string> {
  const text = await readFile(log, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}

/**
 * What has to be done before our process ends on a signal. Whoever calls this is the entry point: a library
 * that listens to signals would take the decision from its user.
 */
export function onTermination(stop: () => Promise<number>): void {
  let stopping = false;
  const end = () => {
    if (stopping) return; // a second Ctrl-C does not leave servers behind
    stopping = true;
    void stop().then((status) => process.exit(status));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  // `npm run` passes a SIGTERM to its shell, which dies of it and passes it to nobody.
  const parent = process.ppid;
  const isOrphan = () => process.ppid !== parent;
  if (process.env['npm_lifecycle_event'] !== undefined)
    setInterval(() => isOrphan() && end(), ORPHAN_POLL_MS).unref();
}

const ORPHAN_POLL_MS = 500;

function tieToOurEnd(): void {
  if (tied) return;
  tied = true;
  process.once('exit', () => {
    for (const child of running) child.kill('SIGKILL');
    for (const folder of folders) removeFolder(folder);
  });
}

/** Linux only: the kernel kills the child when its parent is gone, also by SIGKILL. Elsewhere one does without. */
function endingWithParent(): readonly string[] {
  const setpriv = '/usr/bin/setpriv';
  return existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', '--'] : [];
}
