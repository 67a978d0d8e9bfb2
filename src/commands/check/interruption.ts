/** Ctrl-C, or a service manager that asks for the end: told once; the second one ends the process at once. */

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type EndingSignal = keyof typeof EXIT_CODES;

export class Interruption implements Disposable {
  readonly #onCome: () => void;
  readonly #come: Promise<void>;
  #resolve: () => void = () => {};
  #signal: EndingSignal | undefined;

  /** Listens from now on. */
  constructor(onCome: () => void) {
    this.#onCome = onCome;
    this.#come = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, this.#listener);
  }

  /** Undefined as long as none has come. */
  get signal(): EndingSignal | undefined {
    return this.#signal;
  }

  /** As shells know it: 128 and the number of the signal. */
  get exitCode(): number {
    return this.#signal === undefined ? 0 : EXIT_CODES[this.#signal];
  }

  /** What is done after it has come. */
  async whenCome(): Promise<void> {
    await this.#come;
  }

  [Symbol.dispose](): void {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, this.#listener);
  }

  readonly #listener = (signal: NodeJS.Signals): void => {
    this[Symbol.dispose]();
    this.#signal = signal === 'SIGINT' ? signal : 'SIGTERM';
    this.#onCome();
    this.#resolve();
  };
}
