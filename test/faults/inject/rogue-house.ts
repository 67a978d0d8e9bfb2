/**
 * Where the rogue servers are kept while the suite runs: a process of theirs, started and asked from here.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Addresses, Question, Report } from './rogue-process.ts';
import { ROGUES, type Rogue } from './rogues.ts';

export interface RogueHouse {
  readonly rogues: readonly (Rogue & { readonly address: string })[];
  /** Of the server that invents status variables. */
  readonly inventor: string;
  /** What the rogues were told so far, in their order. */
  report(): Promise<Report>;
  /** Ends all of them; rejects when one did not play its script. */
  close(): Promise<void>;
}

const PROCESS = fileURLToPath(new URL('rogue-process.ts', import.meta.url));

export async function openRogueHouse(): Promise<RogueHouse> {
  const child = fork(PROCESS, { execArgv: ['--import', import.meta.resolve('tsx')] });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const { inventor, rogues } = (await told(child)) as Addresses;
  return {
    rogues: ROGUES.map((rogue, i) => ({ ...rogue, address: addressAt(rogues[i] ?? 0) })),
    inventor: addressAt(inventor),
    async report() {
      const answer = told(child);
      child.send('what was told' satisfies Question);
      return (await answer) as Report;
    },
    async close() {
      if (child.connected) child.send('close' satisfies Question);
      const code = await exited;
      if (code !== 0) throw new Error(`the rogue servers ended with ${code}`);
    },
  };
}

const addressAt = (port: number) => `127.0.0.1:${port}`;

/** The next thing that it tells; rejects when it ends before. */
async function told(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController();
  const exit = once(child, 'exit', { signal: ended.signal }).then(([code]) => {
    throw new Error(`the rogue servers ended with ${code}`);
  });
  const message = once(child, 'message', { signal: ended.signal });
  try {
    const [what] = await Promise.race([message, exit]);
    return what;
  } finally {
    ended.abort();
    await Promise.allSettled([message, exit]);
  }
}
