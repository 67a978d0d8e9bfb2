import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { CRC_START, feed, feedAll, feedKnown } from '../../../../src/exposition/gzip/crc32.ts';

/** As zlib writes it behind what it compresses. */
const crcOf = (bytes: Uint8Array) => gzipSync(bytes).readInt32LE(gzipSync(bytes).length - 8);

/** Also longer than what is fed in one go. */
const part = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc
    .record({ byte: fc.nat(255), length: fc.nat(5_000) })
    .map(({ byte, length }) => Buffer.alloc(length, byte)),
);

test('the same as of zlib, byte by byte and in one go', () => {
  fc.assert(
    fc.property(part, (bytes) => {
      assert.equal(~feedAll(CRC_START, bytes), crcOf(bytes));
      assert.equal(~bytes.reduce(feed, CRC_START), crcOf(bytes));
    }),
  );
});

test('the same as of zlib when pieces of a known text stand between others', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(part, part)), (pairs) => {
      let crc = CRC_START;
      let known = 0;
      for (const [own, other] of pairs) {
        const behind = feedAll(known, own);
        crc = feedAll(feedKnown(crc, known, behind, own.length), other);
        known = behind;
      }
      assert.equal(~crc, crcOf(Buffer.concat(pairs.flat())));
    }),
  );
});
