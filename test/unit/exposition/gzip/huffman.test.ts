import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { BitWriter } from '../../../../src/exposition/gzip/bit-writer.ts';
import {
  codeOf,
  MAX_CODE_LENGTH,
  MAX_HEADER_BITS,
  putCodes,
} from '../../../../src/exposition/gzip/huffman.ts';
import { DISTANCES, END_OF_BLOCK, LITERALS } from '../../../../src/exposition/gzip/symbols.ts';

/** Often 0, and far enough apart that codes would become too long. */
const weight = fc.oneof(
  fc.constant(0),
  fc.nat(3),
  fc.nat(30).map((exponent) => 2 ** exponent),
);
const used = (weights: readonly number[]) => weights.filter((one) => one > 0).length;
const weightsOf = (count: number) =>
  fc.array(weight, { minLength: count, maxLength: count }).filter((all) => used(all) > 1);

test('a code is complete, none of it too long, and what is frequent is no longer than what is rare', () => {
  fc.assert(
    fc.property(weightsOf(60), fc.constantFrom(6, 7, MAX_CODE_LENGTH), (weights, most) => {
      const { lengths } = codeOf(weights, most);
      const sum = lengths.reduce((all, length) => all + (length === 0 ? 0 : 2 ** -length), 0);
      assert.equal(sum, 1);
      assert.ok(Math.max(...lengths) <= most);
      for (const [symbol, length] of lengths.entries()) assert.equal(length > 0, weights[symbol]! > 0);
      const byWeight = [...lengths.keys()]
        .filter((symbol) => weights[symbol]! > 0)
        .sort((one, other) => weights[other]! - weights[one]! || lengths[one]! - lengths[other]!);
      const sorted = byWeight.map((symbol) => lengths[symbol]!);
      assert.deepEqual(
        sorted,
        sorted.toSorted((one, other) => one - other),
      );
    }),
  );
});

test('zlib understands how codes are described', () => {
  fc.assert(
    fc.property(
      weightsOf(LITERALS),
      weightsOf(DISTANCES),
      fc.uint8Array({ maxLength: 100 }),
      (literalWeights, distanceWeights, bytes) => {
        const literals = literalWeights.map((one, symbol) =>
          symbol === END_OF_BLOCK || bytes.includes(symbol) ? one + 1 : one,
        );
        const code = codeOf(literals);
        const out = Buffer.alloc(MAX_HEADER_BITS / 8 + bytes.length * 2 + 20);
        const writer = new BitWriter(out, 0);
        writer.put(0b101, 3);
        const before = writer.bits;
        putCodes(writer, code, codeOf(distanceWeights));
        assert.ok(writer.bits - before <= MAX_HEADER_BITS);
        for (const symbol of [...bytes, END_OF_BLOCK]) writer.put(code.codes[symbol]!, code.lengths[symbol]!);
        assert.deepEqual([...inflateRawSync(out.subarray(0, writer.end()))], [...bytes]);
      },
    ),
  );
});
