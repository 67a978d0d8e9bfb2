/**
 * The settings of a web file as they are now: the files are looked at again while the port is used, at most once in a
 * second, and taken over when their content is another one and good. A mistake changes nothing and is logged once.
 */
import { type Diagnostic, isError } from '../../diagnostics/diagnostic.ts';
import type { WebSettings } from '../../model/web.ts';
import type { Logger } from '../../telemetry/logger.ts';

/** The files once read. */
export interface WebReading {
  /** Undefined only together with an error. */
  readonly settings: WebSettings | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Where they are read from; neither call rejects. */
export interface WebSource<Reading extends WebReading = WebReading> {
  read(): Promise<Reading>;
  hasChanged(since: Reading): Promise<boolean>;
}

/** For how long a look holds, in milliseconds. */
const FRESH_MS = 1_000;
/** How long a request waits for a look; a file system that hangs stops nobody. */
const PATIENCE_MS = 1_000;

export interface LiveWebOptions {
  readonly log: Logger;
  /** For how long a look at the files holds; a second when left out. */
  readonly freshMs?: number;
}

export class LiveWeb<Reading extends WebReading = WebReading> {
  readonly #source: WebSource<Reading>;
  readonly #log: Logger;
  readonly #freshMs: number;
  /** Of the start: what these say of TLS, HTTP/2 and the rate limit holds until the end. */
  readonly #first: WebSettings;
  #current: WebSettings;
  #reading: Reading;
  #lookedAt = performance.now();
  #looking: Promise<void> | undefined;
  #warned = '';

  /** @param reading the first, which has settings */
  constructor(
    source: WebSource<Reading>,
    reading: Reading & { readonly settings: WebSettings },
    { freshMs = FRESH_MS, log }: LiveWebOptions,
  ) {
    this.#source = source;
    this.#freshMs = freshMs;
    this.#reading = reading;
    this.#first = reading.settings;
    this.#current = reading.settings;
    this.#log = log;
  }

  get current(): WebSettings {
    return this.#current;
  }

  /** Undefined when `current` is fresh, as nearly always; else what to wait for. Never rejects. */
  refresh(): Promise<unknown> | undefined {
    if (performance.now() - this.#lookedAt < this.#freshMs) return undefined;
    const looking = this.#look();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS);
      void looking.then(() => {
        clearTimeout(timer);
        resolve(undefined);
      });
    });
  }

  /** Looks now; what is wrong with the files as they are. */
  async reload(): Promise<readonly Diagnostic[]> {
    await this.#looking; // it may have begun before the files were written
    await this.#look();
    return this.#reading.diagnostics;
  }

  #look(): Promise<void> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#lookedAt = performance.now();
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookOnce(): Promise<void> {
    if (!(await this.#source.hasChanged(this.#reading))) return;
    const reading = await this.#source.read();
    this.#reading = reading;
    const { settings } = reading;
    if (settings === undefined) this.#refuse(reading.diagnostics.filter(isError));
    else this.#adopt(settings);
  }

  #refuse(errors: readonly Diagnostic[]): void {
    for (const { column, file, line, message } of errors)
      this.#log.error('web file not taken over, the last good one holds', {
        file,
        line,
        column,
        err: message,
      });
  }

  #adopt(settings: WebSettings): void {
    const first = this.#first;
    const fixed = FIXED.filter((name) => READ[name](settings) !== READ[name](first)).join(', ');
    if (fixed !== '' && fixed !== this.#warned)
      this.#log.warn('this change of the web file needs a restart', { changed: fixed });
    this.#warned = fixed;
    const isTls = first.tls !== undefined;
    this.#current = {
      tls: isTls ? (settings.tls ?? this.#current.tls) : undefined,
      http2: first.http2,
      rateLimit: first.rateLimit,
      headers: settings.headers,
      users: settings.users,
    };
    this.#log.info('web file taken over', { tls: isTls, users: settings.users.size });
  }
}

const FIXED = ['tls', 'http2', 'rate_limit'] as const;

/** What cannot change while the port is open, in a form that can be compared. */
const READ: Readonly<Record<(typeof FIXED)[number], (settings: WebSettings) => string>> = {
  tls: ({ tls }) => String(tls !== undefined),
  http2: ({ http2, tls }) => String(http2 && tls !== undefined),
  rate_limit: ({ rateLimit }) => `${rateLimit?.intervalMs}/${rateLimit?.burst}`,
};
