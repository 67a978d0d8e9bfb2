/**
 * Starts the application (application.ts) as a process of its own and has it work.
 */
import { startWorker } from '../worker.ts';

/** The first message. The database must be there, and empty. */
export interface ApplicationJob {
  readonly port: number;
  readonly account: { readonly user: string; readonly password: string };
  readonly database: string;
  readonly connections: number;
}

/** Every message after that. */
export interface ApplicationTask {
  readonly ms: number;
  /** The same seed, the same transactions: as far as the time goes. */
  readonly seed: number;
}

export interface Worked {
  readonly seconds: number;
  /** Milliseconds of each transaction. */
  readonly latencies: readonly number[];
}

export interface Application {
  /** An Error when a transaction fails. */
  readonly run: (task: ApplicationTask) => Promise<Worked>;
  readonly stop: () => void;
}

/** With its tables made, and its connections open. */
export async function startApplication(job: ApplicationJob): Promise<Application> {
  const script = new URL('./application.ts', import.meta.url);
  const worker = await startWorker<ApplicationJob | ApplicationTask, Worked>(script, 'the application');
  await worker.ask(job);
  return { run: worker.ask, stop: worker.stop };
}
