/**
 * Where lines of the log go. What becomes of them there neither ends nor stops the exporter: a full disk, a reader that
 * is gone, a reader that does not read.
 */
import type { Writable } from 'node:stream';

/** Most that waits for a reader. A thousand targets that fail at once are a fifth of it. */
const MAX_QUEUED = 1 << 20;

export class LogOutput {
  readonly #stream: Writable;
  #lost = 0;
  #onLost: (lines: number) => void = () => {};

  constructor(stream: Writable) {
    this.#stream = stream.on('error', () => {}); // told to each write
  }

  /** Writes a line, or loses it: never throws, never waits. */
  readonly write = (line: string): void => {
    if (this.#stream.writableLength + line.length > MAX_QUEUED) this.#lose();
    else
      this.#stream.write(line, (error) => {
        if (error instanceof Error) this.#lose();
      });
  };

  /** Tells how many lines are lost: at once those so far, then each. */
  onLost(listener: (lines: number) => void): void {
    this.#onLost = listener;
    if (this.#lost > 0) listener(this.#lost);
  }

  #lose(): void {
    this.#lost++;
    this.#onLost(1);
  }
}
