import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { CRC_START, feed, feedAll, feedKnown, shiftOf } from '../../../../src/exposition/gzip/crc32.ts';

/** As zlib writes it behind what it compresses. */
const crcOf = (bytes: Uint8Array) => gzipSync(bytes).readInt32LE(gzipSync(bytes).length - 8);

test('the same as of zlib, byte by byte, in one go, and by known parts', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 400 })), (parts) => {
      const whole = Buffer.concat(parts);
      const expected = crcOf(whole);
      assert.equal(~feedAll(CRC_START, whole), expected);
      assert.equal(~whole.reduce(feed, CRC_START), expected);
      const known = parts.map((part) => ({ shift: shiftOf(part.length), crc: feedAll(0, part) }));
      assert.equal(
        ~known.reduce((crc, part) => feedKnown(crc, part.shift, 0, part.crc), CRC_START),
        expected,
      );
    }),
  );
});
