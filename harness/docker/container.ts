/**
 * One container of a Docker engine: it is started, looked at and removed with all that it has written.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { docker, dockerLines, type Usage, usageOf } from './engine.ts';

const POLL_MS = 200;

/** As the engine has it; `none` without a health check. */
export type Health = 'none' | 'starting' | 'healthy' | 'unhealthy';

export interface State {
  readonly Running: boolean;
  readonly ExitCode: number;
  readonly OOMKilled: boolean;
  readonly Health?: { readonly Status: Health; readonly Log: readonly { readonly Output: string }[] | null };
}

export interface Start {
  readonly image: string;
  /** Of `docker run`. */
  readonly options?: readonly string[];
  /** Of the program in it. */
  readonly args?: readonly string[];
}

export class Container implements AsyncDisposable {
  readonly id: string;

  private constructor(id: string) {
    this.id = id;
  }

  /** Does not wait for anything but the start of its process. */
  static async start({ image, options = [], args = [] }: Start): Promise<Container> {
    const [id = ''] = await dockerLines('run', '--detach', ...options, image, ...args);
    return new Container(id);
  }

  async state(): Promise<State> {
    const [state = ''] = await dockerLines('inspect', '--format', '{{json .State}}', this.id);
    return JSON.parse(state) as State;
  }

  async health(): Promise<Health> {
    return (await this.state()).Health?.Status ?? 'none';
  }

  /** Resolves with the seconds it took to become healthy; an Error says what its checks and its log said instead. */
  async untilHealthy(mostMs: number): Promise<number> {
    const began = performance.now();
    for (;;) {
      const { Running, Health: health, ExitCode } = await this.state();
      const seconds = (performance.now() - began) / 1000;
      if (health?.Status === 'healthy') return seconds;
      if (!Running || seconds * 1000 > mostMs) {
        const last = health?.Log?.at(-1)?.Output ?? 'no check yet';
        const how = Running ? `is ${health?.Status} after ${mostMs} ms` : `ended with ${ExitCode}`;
        throw new Error(`the container ${how}: ${last}\n${await this.log()}`);
      }
      await delay(POLL_MS);
    }
  }

  /** Where a published port is, as `127.0.0.1:32768`. */
  async address(port: number): Promise<string> {
    const [address] = await dockerLines('port', this.id, String(port));
    if (address === undefined) throw new Error(`port ${port} is not published`);
    return address;
  }

  /** Both of its outputs. */
  async log(): Promise<string> {
    const { stderr, stdout } = await docker(['logs', this.id]);
    return stdout + stderr;
  }

  async usage(): Promise<Usage> {
    return await usageOf(this.id);
  }

  async exec(...command: readonly string[]): Promise<string> {
    return (await docker(['exec', this.id, ...command])).stdout;
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    await docker(['kill', '--signal', signal, this.id]);
  }

  /** As `docker stop`; the seconds that it took, and the exit code. */
  async stop(): Promise<{ readonly seconds: number; readonly code: number }> {
    const began = performance.now();
    await docker(['stop', this.id]);
    return { seconds: (performance.now() - began) / 1000, code: (await this.state()).ExitCode };
  }

  /** It, and the volumes without a name that it has. */
  async [Symbol.asyncDispose](): Promise<void> {
    await docker(['rm', '--force', '--volumes', this.id]);
  }
}
