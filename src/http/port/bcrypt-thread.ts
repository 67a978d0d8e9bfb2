/**
 * bcrypt on a thread of its own: a check takes a fifth of a second, for which no probe may wait.
 *
 * The thread is there while it is used: it begins with the first check and ends half a minute after the last.
 */
import { Worker } from 'node:worker_threads';

/** A text and no file of its own: where TypeScript runs as it is, a thread of Node.js 20 still reads JavaScript alone. */
const CODE = `
const { parentPort, workerData } = require('node:worker_threads');
import(workerData).then(({ compareSync }) => {
  const isRight = ({ password, hash }) => {
    try {
      return compareSync(password, hash);
    } catch {
      return false; // a hash that is none
    }
  };
  parentPort.on('message', (guess) => parentPort.postMessage(isRight(guess)));
});`;
const IDLE_MS = 30_000;

export class BcryptThread {
  readonly #failed: (error: Error) => void;
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;

  /** @param failed told why there is no thread; nobody can log in then */
  constructor(failed: (error: Error) => void) {
    this.#failed = failed;
  }

  /** Whether it is the password of the hash; undefined when the thread fails. One call at a time. */
  async compare(password: string, hash: string): Promise<boolean | undefined> {
    clearTimeout(this.#idle);
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const isRight = await new Promise<boolean | undefined>((resolve) => {
      const settle = (answer: boolean | undefined) => {
        worker.off('message', settle).off('exit', fail).unref();
        resolve(answer);
      };
      const fail = () => settle(undefined);
      worker.on('message', settle).on('exit', fail).postMessage({ password, hash });
      worker.ref();
    });
    this.#idle = setTimeout(() => this.close(), IDLE_MS).unref();
    return isRight;
  }

  close(): void {
    clearTimeout(this.#idle);
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  #start(): Worker {
    const worker = new Worker(CODE, {
      eval: true,
      workerData: import.meta.resolve('bcryptjs'),
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 32 },
    });
    worker.on('error', this.#failed); // then it exits
    return worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
  }
}
