import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BitWriter, SLACK_BYTES } from '../../../../src/exposition/gzip/bit-writer.ts';

const words = fc.array(fc.integer(), { minLength: 2, maxLength: 12 }).map((all) => Int32Array.from(all));
const put = fc.integer({ min: 0, max: 32 }).chain((count) =>
  fc.record({
    bits: count === 32 ? fc.integer() : fc.integer({ min: 0, max: 2 ** count - 1 }),
    count: fc.constant(count),
  }),
);
const copy = fc.record({ words, one: fc.nat(), other: fc.nat() });

/** The least significant bit first. */
const bitsOf = (number: number, count: number) =>
  Array.from({ length: count }, (_, i) => (number >>> i) & 1).join('');

test('bits come one behind another, put or copied from anywhere to anywhere', () => {
  const start = fc.nat(9);
  const steps = fc.array(fc.oneof(put, copy));
  fc.assert(
    fc.property(start, steps, (first, all) => {
      const bytes = Buffer.alloc(first + all.length * 60 + SLACK_BYTES, 0xaa);
      const out = new BitWriter(bytes, first);
      let expected = '';
      for (const step of all) {
        if ('bits' in step) {
          out.put(step.bits, step.count);
          expected += bitsOf(step.bits, step.count);
          continue;
        }
        // The last word is there to be read, and has no bits that are copied.
        const most = (step.words.length - 1) * 32;
        const [from = 0, to = 0] = [step.one, step.other]
          .map((share) => share % (most + 1))
          .sort((one, other) => one - other);
        out.copy(step.words, from, to);
        expected += Array.from(step.words, (word) => bitsOf(word, 32))
          .join('')
          .slice(from, to);
      }
      assert.equal(out.bits, first * 8 + expected.length);
      const end = out.end();
      assert.equal(end, first + Math.ceil(expected.length / 8));
      const written = Array.from(bytes.subarray(first, end), (byte) => bitsOf(byte, 8)).join('');
      assert.equal(written, expected.padEnd((end - first) * 8, '0'));
      assert.ok(bytes.subarray(0, first).every((byte) => byte === 0xaa));
    }),
  );
});
