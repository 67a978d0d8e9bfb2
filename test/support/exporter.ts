/**
 * The exporter as users run it: a process of its own, with a configuration in a folder of its own.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Files by name, written beside each other; the first is the configuration. */
export type Files = Readonly<Record<string, string>>;

/** What comes before the arguments on a command line. */
export type Program = readonly string[];

/** The built program where test/run.ts has built it; the sources where a test file runs by itself. */
export const PROGRAM: Program = [
  process.execPath,
  ...(process.env['TEST_PROGRAM'] === undefined
    ? ['--import', import.meta.resolve('tsx'), fileURLToPath(new URL('../../src/cli.ts', import.meta.url))]
    : [process.env['TEST_PROGRAM']]),
];

interface Start {
  readonly program?: Program;
  readonly openFiles?: number;
  readonly meanwhile?: (pid: number) => Promise<void>;
}

export class Exporter implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #stderr: () => string;

  private constructor(url: string, child: ChildProcess, folder: string, stderr: () => string) {
    this.url = url;
    this.#child = child;
    this.#folder = folder;
    this.#stderr = stderr;
  }

  /** Starts `serve` on a free port and waits until it listens. */
  static start(files: Files, ...flags: readonly string[]): Promise<Exporter> {
    return Exporter.#start(files, flags);
  }

  /** As `start`, with a limit of open files. */
  static startWithin(openFiles: number, files: Files, ...flags: readonly string[]): Promise<Exporter> {
    return Exporter.#start(files, flags, { openFiles });
  }

  /** As `start`, of another program. */
  static startProgram(program: Program, files: Files, ...flags: readonly string[]): Promise<Exporter> {
    return Exporter.#start(files, flags, { program });
  }

  /** As `start`, and does something with the process while it starts. */
  static startAnd(files: Files, meanwhile: (pid: number) => Promise<void>): Promise<Exporter> {
    return Exporter.#start(files, [], { meanwhile });
  }

  /** Replaces files of its configuration, each in one step. */
  async write(files: Files): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.#folder, name);
      await writeFile(`${path}~`, text);
      await rename(`${path}~`, path);
    }
  }

  static async #start(
    files: Files,
    flags: readonly string[],
    { meanwhile, openFiles, program = PROGRAM }: Start = {},
  ): Promise<Exporter> {
    const folder = await write(files);
    const args = ['serve', '--web.listen-address', '127.0.0.1:0', ...flags];
    const child = run([...program, ...args], folder, openFiles);
    const stderr = collect(child.stderr);
    const port = await new Promise<string>((resolve, reject) => {
      child.stderr?.on('data', () => {
        const port = /(?:msg=listening .*port=|"msg":"listening".*"port":)(\d+)/.exec(stderr())?.[1];
        if (port !== undefined) resolve(port);
      });
      child.once('exit', () => reject(new Error(`the exporter did not start:\n${stderr()}`)));
      meanwhile?.(child.pid ?? 0).catch(reject);
    });
    return new Exporter(`http://127.0.0.1:${port}`, child, folder, stderr);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it has logged so far. */
  get log(): string {
    return this.#stderr();
  }

  /** Closes our end of its log: each line of it fails to be written from now on. */
  closeLog(): void {
    this.#child.stderr?.destroy();
  }

  async get(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(this.url + path, init);
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  /** A probe with the scrape timeout that Prometheus would announce. */
  probe(target: string, timeoutSeconds = 10, query = ''): Promise<Answer> {
    const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': String(timeoutSeconds) };
    return this.get(`/probe?target=${encodeURIComponent(target)}${query}`, { headers });
  }

  /** Waits until no connection is being opened: the end of one is told to whoever waits for it by then. */
  async untilConnected(): Promise<void> {
    await eventually(async () => {
      const { text } = await this.get('/metrics');
      assert.match(text, /^query_exporter_connections\{state="opening"\} 0$/m);
    });
  }

  async openDescriptors(): Promise<number> {
    return (await readdir(`/proc/${this.pid}/fd`)).length;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves with the exit code; at once when it has ended already. */
  async exited(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
    return this.#child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal('SIGTERM');
    await this.exited();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Runs one command to its end. */
export function runCommand(files: Files, ...args: readonly string[]): Promise<Finished> {
  return runProgram(PROGRAM, files, ...args);
}

/** As `runCommand`, with another program. */
export async function runProgram(
  program: Program,
  files: Files,
  ...args: readonly string[]
): Promise<Finished> {
  const folder = await write(files);
  const child = run([...program, ...args], folder);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const [code] = (await once(child, 'close')) as [number | null];
  await rm(folder, { recursive: true, force: true });
  return { code, stdout: stdout(), stderr: stderr() };
}

function run(command: readonly string[], folder: string, openFiles?: number): ChildProcess {
  const [program = '', ...rest] =
    openFiles === undefined
      ? command
      : ['/bin/sh', '-c', `ulimit -n ${openFiles} && exec "$@"`, 'sh', ...command];
  return spawn(program, rest, {
    cwd: folder,
    // Without what the machine says about logs: the log tells when the exporter listens.
    env: { ...process.env, LOG_LEVEL: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function write(files: Files): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'exporter-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}
