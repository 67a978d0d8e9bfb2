/**
 * A text that must not be seen: prints as `<secret>` wherever it is turned into text, JSON or a log line.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';

const MASK = '<secret>';
/** Nothing can be told from a digest by who does not have the key, which no two processes share. */
const KEY = randomBytes(32);
const DIGEST = Symbol('digest');

export class Secret {
  readonly #text: string;
  /** What makes two secrets differ for who compares objects by their properties, as isDeepStrictEqual does. */
  readonly [DIGEST]: string;

  constructor(text: string) {
    this.#text = text;
    this[DIGEST] = createHmac('sha256', KEY).update(text).digest('base64');
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
