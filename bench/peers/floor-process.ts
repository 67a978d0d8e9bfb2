/**
 * Starts the floor (floor.ts) as a process of its own and has it work through its rounds.
 */
import type { Bench } from '../experiment.ts';
import { ACCOUNT, addressOf } from '../server.ts';
import { startWorker } from '../worker.ts';

/** The first message. */
export interface FloorJob {
  /** One connection each, or one after another each. */
  readonly hosts: readonly string[];
  readonly port: number;
  readonly account: { readonly user: string; readonly password: string };
  readonly tls: boolean;
  readonly statements: readonly string[];
  /** Rounds under way at once. */
  readonly concurrency: number;
  /** `kept`: connections are opened once. `anew`: each round connects and says goodbye. */
  readonly connections: 'kept' | 'anew';
}

/** Every message after that: rounds over the hosts until both are reached, and at most `mostMs`. */
export interface FloorTask {
  readonly ms: number;
  readonly rounds: number;
  readonly mostMs: number;
}

export interface FloorResult {
  readonly seconds: number;
  /** Milliseconds of each round. */
  readonly latencies: readonly number[];
}

export interface Floor {
  readonly pid: number;
  /** An Error when a statement fails or the time is over. */
  readonly run: (task: FloorTask) => Promise<FloorResult>;
  readonly stop: () => void;
}

/** The floor of a run: as the account of its server, at the addresses of its targets. */
export async function startFloor(
  { options, server }: Bench,
  statements: readonly string[],
  connections: FloorJob['connections'],
): Promise<Floor> {
  const { concurrency, targets, tls } = options;
  const script = new URL('./floor.ts', import.meta.url);
  const worker = await startWorker<FloorJob | FloorTask, FloorResult>(script, 'mysql2 alone');
  await worker.ask({
    ...{ concurrency, connections, statements, tls },
    hosts: Array.from({ length: targets }, (_, i) => addressOf(i)),
    account: ACCOUNT,
    port: server.port,
  });
  return { pid: worker.pid, run: worker.ask, stop: worker.stop };
}
