/**
 * Bytes changed at random, in ways that are likely to matter to a reader of lengths and markers. The same seed gives the
 * same changes.
 */

export type Mutation = (bytes: Buffer, random: () => number) => Buffer;

export const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    for (let n = 1 + random() * 4; n >= 1; n--) copy[Math.floor(random() * copy.length)] = random() * 256;
    return copy;
  },
  (bytes, random) => bytes.subarray(0, random() * bytes.length),
  (bytes, random) => Buffer.concat([bytes, noise(random)]),
  (bytes, random) => {
    const at = Math.floor(random() * bytes.length);
    return Buffer.concat([bytes.subarray(0, at), noise(random), bytes.subarray(at)]);
  },
  (bytes, random) => {
    const at = Math.floor(random() * bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random() * 8)]);
  },
  (bytes) => Buffer.concat([bytes, bytes]),
  (bytes, random) => {
    const copy = Buffer.from(bytes); // bytes that mean lengths: NULL, 2, 3 and 8 bytes more, an error
    copy[Math.floor(random() * copy.length)] = 0xfb + random() * 5;
    return copy;
  },
  (_, random) => noise(random),
  () => Buffer.alloc(0),
];

export function noise(random: () => number): Buffer {
  return Buffer.from(Array.from({ length: 1 + random() * 40 }, () => random() * 256));
}

/** mulberry32: the same numbers for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The bytes with one of the changes. */
export function mutate(bytes: Buffer, random: () => number): Buffer {
  return MUTATIONS[Math.floor(random() * MUTATIONS.length)]?.(bytes, random) ?? bytes;
}
