/**
 * Passwords that programs print: run when one is needed, kept for some time, never told.
 *
 * A program is run once at a time for all who log in with its password, few at once in all, and goes on when nobody
 * waits for it any more: a slow one has its password ready for the next connection.
 */
import pLimit from 'p-limit';
import type { Deadline } from '../../deadline.ts';
import { passwordText } from '../../model/password-text.ts';
import { failure, type MysqlFailure } from '../failure.ts';
import { errorLine } from './error-line.ts';
import { type ProgramRun, runProgram } from './run-program.ts';

/** A program with its arguments, all filled in. */
export interface FilledCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** How long its password is used for new connections. */
  readonly ttlMs: number;
  /** What was filled in, and is no secret. */
  readonly open: readonly string[];
}

export interface CommandPassword {
  readonly ok: true;
  readonly password: string;
  /** Whether it was printed so lately that another run would print none that works better. */
  readonly isFresh: boolean;
}

const LIMITS = { ms: 10_000, bytes: 64 << 10 };
const AT_ONCE = 4;
const FRESH_MS = 5_000;
/** A program that has failed is left alone for so long: hundreds of targets may share it. */
const PAUSE_MS = 30_000;

interface Kept {
  readonly result: { readonly ok: true; readonly password: string } | MysqlFailure;
  /** On the clock of `performance.now()`, as all times here. */
  readonly since: number;
  readonly until: number;
  isRefused: boolean;
}

interface Run {
  readonly kept: Promise<Kept>;
  hasBegun: boolean;
}

export class CommandPasswords {
  readonly #kept = new Map<string, Kept>();
  readonly #running = new Map<string, Run>();
  readonly #slots = pLimit(AT_ONCE);

  /** The password, kept or of a new run; waits no longer than until then. Never rejects. */
  async read(command: FilledCommand, until: Deadline): Promise<CommandPassword | MysqlFailure> {
    const known = this.#kept.get(commandKey(command));
    const kept = known !== undefined && isGood(known) ? known : await this.#wait(command, until);
    if ('reason' in kept) return kept;
    const { result, since, until: end } = kept;
    if (result.ok) return { ...result, isFresh: performance.now() - since < FRESH_MS };
    const seconds = Math.max(1, Math.ceil((end - performance.now()) / 1000));
    return kept === known ? { ...result, detail: `${result.detail}; next try in ${seconds} s` } : result;
  }

  /** The server has refused it: the next read, unless it follows at once, runs the program again. */
  noteRefused(command: FilledCommand, password: string): void {
    const kept = this.#kept.get(commandKey(command));
    if (kept?.result.ok && kept.result.password === password) kept.isRefused = true;
  }

  #wait(command: FilledCommand, until: Deadline): Promise<Kept | MysqlFailure> {
    const run = this.#run(command);
    return new Promise((resolve) => {
      const off = until.onEnd(() => resolve(tooLate(command, run)));
      void run.kept.then((kept) => {
        off();
        resolve(kept);
      });
    });
  }

  #run(command: FilledCommand): Run {
    const key = commandKey(command);
    const before = this.#running.get(key);
    if (before !== undefined) return before;
    const kept = this.#slots(async () => {
      run.hasBegun = true;
      const since = performance.now();
      const result = passwordOf(command, await runProgram(command.program, command.args, LIMITS));
      const now = performance.now();
      this.#forgetOld(now);
      const entry = { result, since, until: result.ok ? since + command.ttlMs : now + PAUSE_MS };
      return { ...entry, isRefused: false };
    }).then((entry) => {
      this.#running.delete(key);
      this.#kept.set(key, entry);
      return entry;
    });
    const run: Run = { kept, hasBegun: false };
    this.#running.set(key, run);
    return run;
  }

  /** Users that rotate would leave their passwords behind. */
  #forgetOld(now: number): void {
    for (const [key, { until }] of this.#kept) if (until <= now) this.#kept.delete(key);
  }
}

/** Equal for logins that share a run. */
export const commandKey = ({ args, program, ttlMs }: FilledCommand): string =>
  JSON.stringify([program, args, ttlMs]);

function isGood({ isRefused, since, until }: Kept): boolean {
  const now = performance.now();
  return now < until && !(isRefused && now - since >= FRESH_MS);
}

function passwordOf(command: FilledCommand, run: ProgramRun): Kept['result'] {
  if (!run.ok) {
    const line = errorLine(run, command.open, process.env);
    return failed(command, line === '' ? run.detail : `${run.detail}: ${line}`);
  }
  const found = passwordText(run.output);
  if (!found.ok) return failed(command, `printed a text that ${found.detail}`);
  const password = found.text.trim();
  if (password === '') return failed(command, 'printed nothing: it must print the password');
  return /\p{Cc}/u.test(password)
    ? failed(command, 'printed several lines or control characters: it must print the password alone')
    : { ok: true, password };
}

function tooLate(command: FilledCommand, { hasBegun }: Run): MysqlFailure {
  return failed(
    command,
    hasBegun
      ? 'has not printed the password in time: it goes on, and its password is used by the next connection ' +
          '(connect_timeout counts its time too)'
      : `waits for others: ${AT_ONCE} run at a time`,
  );
}

/** Arguments may hold secrets, so the program alone is named. */
const failed = ({ program }: FilledCommand, detail: string): MysqlFailure =>
  failure('credentials', `password_command: ${program} ${detail}`);
