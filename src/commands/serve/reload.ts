/**
 * Reloads of the configuration: one after the other, and never at the cost of the one in use.
 *
 * Who asks while one is under way is answered by the next one, which begins after all of them have asked.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadResult } from '../../config/load.ts';
import { type Diagnostic, formatDiagnostic, isError } from '../../diagnostics/diagnostic.ts';
import { haveChanged, type Input } from '../../diagnostics/input.ts';
import type { ReloadAnswer } from '../../http/route.ts';
import type { Config } from '../../model/config.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { changesOf } from './config-changes.ts';

export interface ReloaderOptions {
  readonly load: () => Promise<LoadResult>;
  /** Has the web file read again, which takes itself over and logs its mistakes; what is wrong with it. */
  readonly reloadWeb: () => Promise<readonly Diagnostic[]>;
  /** The configuration in use. */
  readonly current: () => Config;
  /** Puts another into use. */
  readonly swap: (config: Config) => void;
  /** Called when there is none to put into use. */
  readonly noteRefused: () => void;
  readonly log: Logger;
  /** What the configuration in use was read from. */
  readonly inputs: readonly Input[];
}

/** Who asked, in the log. */
export type ReloadTrigger = 'SIGHUP' | 'http' | 'files';

export class Reloader {
  readonly #options: ReloaderOptions;
  #inputs: readonly Input[];
  #underWay: Promise<ReloadAnswer> | undefined;
  #next: Promise<ReloadAnswer> | undefined;
  /** On the clock of `performance.now()`: whoever asks all the time leaves half of it to the probes. */
  #notBefore = 0;
  readonly #end = new AbortController();

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#inputs = options.inputs;
  }

  /** Loads the configuration anew. Never rejects: what is wrong is in the answer and in the log. */
  reload(trigger: ReloadTrigger): Promise<ReloadAnswer> {
    if (this.#underWay === undefined) return this.#begin(trigger);
    this.#next ??= this.#underWay.then(() => this.#begin(trigger));
    return this.#next;
  }

  /** Looks every `ms` whether a file of the configuration has another content than when it was read. */
  async watch(ms: number): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      await sleep(ms, undefined, { ref: false, signal }).catch(() => {});
      if (!signal.aborted && (await haveChanged(this.#inputs))) await this.reload('files');
    }
  }

  /** Lets no further reload begin. */
  end(): void {
    this.#end.abort();
  }

  #begin(trigger: ReloadTrigger): Promise<ReloadAnswer> {
    this.#next = undefined;
    const answer = this.#inTurn(trigger);
    this.#underWay = answer;
    return answer;
  }

  async #inTurn(trigger: ReloadTrigger): Promise<ReloadAnswer> {
    const wait = this.#notBefore - performance.now();
    if (wait > 0) await sleep(wait);
    const startedAt = performance.now();
    const answer = await this.#run(trigger);
    const endedAt = performance.now();
    this.#notBefore = endedAt + (endedAt - startedAt);
    if (this.#next === undefined) this.#underWay = undefined;
    return answer;
  }

  async #run(trigger: ReloadTrigger): Promise<ReloadAnswer> {
    if (this.#end.signal.aborted) return { ok: false, lines: ['the exporter is stopping'] };
    try {
      return await this.#load(trigger);
    } catch (error) {
      this.#options.noteRefused();
      this.#options.log.error('internal error', {
        err: error instanceof Error ? error.stack : String(error),
      });
      return { ok: false, lines: ['internal error; the log of the exporter tells more'] };
    }
  }

  async #load(trigger: ReloadTrigger): Promise<ReloadAnswer> {
    const { current, load, log, noteRefused, reloadWeb, swap } = this.#options;
    const ofWeb = await reloadWeb();
    const loaded = await load();
    this.#inputs = loaded.inputs;
    const ofConfig = loaded.ok ? loaded.warnings : loaded.diagnostics;
    for (const { column, file, line, message, severity } of ofConfig)
      log[severity === 'error' ? 'error' : 'warn'](message, { file, line, column });
    if (!loaded.ok || ofWeb.some(isError)) {
      noteRefused();
      log.error('configuration not reloaded, the one before it stays in use', { trigger });
      return { ok: false, lines: [...ofWeb, ...ofConfig].map(formatDiagnostic) };
    }
    const changes = changesOf(current(), loaded.config);
    swap(loaded.config);
    log.info('configuration reloaded', { trigger, targets: loaded.config.targets.size, ...changes });
    return { ok: true, lines: ['reloaded'] };
  }
}
