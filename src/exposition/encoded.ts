/**
 * An answer as bytes, plain or compressed.
 */
import { promisify } from 'node:util';
import { constants, deflateRawSync, gzip, gzipSync } from 'node:zlib';
import { BitWriter, SLACK_BYTES } from './gzip/bit-writer.ts';
import { feedAll } from './gzip/crc32.ts';
import { maxBytes } from './gzip/layout-bits.ts';
import { BEGIN, type Sorted, sortOut, writeBits } from './gzip/layout-gzip.ts';
import { maxLength, textOf, write } from './layout-text.ts';
import type { Filled } from './samples.ts';
import { together } from './small-layouts.ts';

/** An answer in the text format. */
export interface Encoded {
  /** The lines of all families that are not among the layouts. */
  readonly text: Buffer;
  readonly filled: readonly Filled[];
  /** Series that two queries had in common. */
  readonly duplicates: number;
}

/** How long the text is without the values of layouts. */
export const leastBytes = ({ filled, text }: Encoded): number =>
  filled.reduce((sum, { layout }) => sum + textOf(layout).length, text.length);

/** The whole text. */
export function plainBytes({ filled, text }: Encoded): Buffer {
  if (filled.length === 0) return text;
  const out = room(filled.reduce((sum, one) => sum + maxLength(one), text.length));
  out.set(text);
  let at = text.length;
  for (const one of filled) at = write(one, out, at);
  return Buffer.from(out.subarray(0, at));
}

/** Level 6 makes metrics no smaller, and takes three times as long. */
const LEVEL = { level: 1 };
/** Blocks that others may follow: the last one is no final one, and ends with a byte. */
const OPEN_END = { ...LEVEL, finishFlush: constants.Z_SYNC_FLUSH };
/**
 * Below this the main thread compresses about as fast as it hands the work to another, which costs twice the CPU in
 * all: 64 KB take 0.13 ms here, and 0.07 ms of the main thread and as much again elsewhere by way of the pool
 * (Node 20.20).
 */
const MIN_OFF_THREAD = 64 * 1024;

const compress = promisify(gzip);

/** The whole text, compressed; layouts are compressed already but for their values. */
export function gzipBytes(encoded: Encoded): Buffer | Promise<Buffer> {
  const { apart, layouts } = together(encoded.filled);
  const { known, unknown } = sortOut(layouts);
  const text = plainBytes({ ...encoded, filled: [...apart, ...unknown] });
  if (text.length >= MIN_OFF_THREAD) return compress(plainBytes(encoded), LEVEL);
  return known.length === 0 ? gzipSync(text, LEVEL) : joined(text, known);
}

/** https://www.rfc-editor.org/rfc/rfc1952#section-2.3: deflate, no name, no time, any system. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
const TRAILER_BYTES = 8;
/** The last block, with the fixed code and nothing but its end: https://www.rfc-editor.org/rfc/rfc1951#section-3.2.3 */
const LAST_BLOCK = { bits: 0b011, count: 10 };

function joined(text: Buffer, known: Sorted['known']): Buffer {
  const before = text.length === 0 ? NOTHING : deflateRawSync(text, OPEN_END);
  const most = known.reduce((sum, { bits }) => sum + maxBytes(bits), 0);
  const start = HEADER.length + before.length;
  const out = room(start + most + 2 + TRAILER_BYTES + SLACK_BYTES);
  out.set(HEADER);
  out.set(before, HEADER.length);
  const bits = new BitWriter(out, start);
  const progress = { crc: feedAll(BEGIN.crc, text), length: text.length };
  for (const one of known) writeBits(one, bits, progress);
  bits.put(LAST_BLOCK.bits, LAST_BLOCK.count);
  const end = bits.end();
  out.writeInt32LE(~progress.crc, end);
  out.writeUInt32LE(progress.length, end + 4);
  return Buffer.from(out.subarray(0, end + TRAILER_BYTES));
}

const NOTHING = Buffer.alloc(0);

let scratch = Buffer.allocUnsafeSlow(1 << 16);
/** A larger one is not kept. */
const MAX_SCRATCH = 1 << 22;

/** A place to write in before the length is known; good until the next one is asked for. */
function room(bytes: number): Buffer {
  if (bytes <= scratch.length) return scratch;
  if (bytes > MAX_SCRATCH) return Buffer.allocUnsafeSlow(bytes);
  scratch = Buffer.allocUnsafeSlow(bytes * 2);
  return scratch;
}
