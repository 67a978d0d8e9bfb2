/**
 * Bits one behind another, the least significant first, as deflate packs them.
 */

/** So many bytes behind the last one may be overwritten. */
export const SLACK_BYTES = 4;

export class BitWriter {
  readonly #view: DataView;
  /** Where the next four bytes go. */
  #at: number;
  /** Fewer than 32 bits that are not written yet. */
  #left = 0;
  #count = 0;

  /** @param start the byte to begin with */
  constructor(bytes: Uint8Array, start: number) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
  }

  /** How many there are, those of the bytes before the start included. */
  get bits(): number {
    return this.#at * 8 + this.#count;
  }

  /** At most 32 bits; those above are 0. */
  put(bits: number, count: number): void {
    const before = this.#count;
    const after = before + count;
    this.#left |= bits << before;
    if (after < 32) {
      this.#count = after;
      return;
    }
    this.#view.setInt32(this.#at, this.#left, true);
    this.#at += 4;
    this.#left = before === 0 ? 0 : bits >>> (32 - before);
    this.#count = after - 32;
  }

  /** Bits of others; the words have one more than those bits need. */
  copy(words: Int32Array, from: number, to: number): void {
    const view = this.#view;
    const shift = from & 31;
    const count = this.#count;
    let left = this.#left;
    let at = this.#at;
    let word = from >>> 5;
    let current = words[word]!;
    // Shifts of 32 do nothing, so the whole words are shifted in two steps.
    for (let rest = (to - from) >>> 5; rest > 0; rest--, at += 4) {
      const next = words[++word]!;
      const bits = (current >>> shift) | ((next << 1) << (31 - shift));
      view.setInt32(at, left | (bits << count), true);
      left = (bits >>> 1) >>> (31 - count);
      current = next;
    }
    this.#left = left;
    this.#at = at;
    const rest = (to - from) & 31;
    if (rest === 0) return;
    const bits = (current >>> shift) | ((words[word + 1]! << 1) << (31 - shift));
    this.put(bits & ~(-1 << rest), rest);
  }

  /** Fills the last byte up; the byte behind it. */
  end(): number {
    this.#view.setInt32(this.#at, this.#left, true);
    return this.#at + ((this.#count + 7) >>> 3);
  }
}
