/**
 * A text that must not be seen: prints as `<secret>` wherever it is turned into text, JSON or a log line.
 */
import { inspect } from 'node:util';

const MASK = '<secret>';

export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself, for the one place that sends it to a server. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
