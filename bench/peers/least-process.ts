/**
 * Starts the least that an exporter does (least.ts) as a process of its own: one of those who are compared.
 */
import type { Bench } from '../experiment.ts';
import { type Load, probeOnce } from '../load.ts';
import { type Contender, exporterContender } from '../phases.ts';
import { ACCOUNT, addressOf } from '../server.ts';
import { startWorker } from '../worker.ts';

const LEAST = 'bytes alone';

/** The only message. */
export interface LeastJob {
  /** One connection each. */
  readonly hosts: readonly string[];
  readonly port: number;
  readonly account: { readonly user: string; readonly password: string };
  /** All in one write. */
  readonly statements: readonly string[];
  /** What it answers to every request, in base64. */
  readonly body: string;
  readonly gzip: boolean;
}

/** It listens. */
export interface LeastResult {
  readonly port: number;
}

export interface Least {
  readonly contender: Contender;
  readonly stop: () => void;
}

/** @param ours an answer of which is what it answers */
export async function startLeast(
  { options, server }: Bench,
  ours: Load,
  statements: readonly string[],
): Promise<Least> {
  const { concurrency, gzip, targets } = options;
  const hosts = Array.from({ length: targets }, (_, i) => addressOf(i));
  const body = (await probeOnce(ours)).toString('base64');
  const script = new URL('./least.ts', import.meta.url);
  const worker = await startWorker<LeastJob, LeastResult>(script, LEAST);
  const { port } = await worker.ask({ hosts, port: server.port, account: ACCOUNT, statements, body, gzip });
  const load: Load = { ...ours, url: `http://127.0.0.1:${port}/probe?target=`, targets: hosts };
  return { contender: exporterContender(LEAST, worker.pid, load, concurrency), stop: worker.stop };
}
