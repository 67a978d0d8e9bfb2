/**
 * Starts the floor (floor.ts) as a process of its own and has it work through its rounds.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

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

export type FloorAnswer =
  | { readonly ok: true; readonly result: FloorResult }
  | { readonly ok: false; readonly message: string };

export interface Floor {
  readonly pid: number;
  /** An Error when a statement fails or the time is over. */
  readonly run: (task: FloorTask) => Promise<FloorResult>;
  readonly stop: () => void;
}

export async function startFloor(job: FloorJob): Promise<Floor> {
  const script = fileURLToPath(new URL('./floor.ts', import.meta.url));
  // Detached: Ctrl-C reaches us alone. The channel between us is what ends it should we be gone.
  const child = fork(script, { execArgv: ['--import', 'tsx'], detached: true });
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  await talk(child, job);
  return {
    pid: child.pid ?? 0, // known from `spawn` on
    run: (task) => talk(child, task),
    stop: () => {
      if (child.connected) child.disconnect();
    },
  };
}

function talk(child: ChildProcess, message: FloorJob | FloorTask): Promise<FloorResult> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('the process of the floor has ended'));
    child.once('exit', onExit);
    child.once('message', (answer: FloorAnswer) => {
      child.off('exit', onExit);
      if (answer.ok) resolve(answer.result);
      else reject(new Error(`mysql2 alone: ${answer.message}`));
    });
    child.send({ ...message });
  });
}
