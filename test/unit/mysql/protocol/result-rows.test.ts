import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProtocolViolation } from '../../../../src/mysql/protocol/packet.ts';
import { ResultRows } from '../../../../src/mysql/protocol/result-rows.ts';
import { resultRows, rowPayload } from '../../../support/row-packets.ts';

const cell = fc.option(
  fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('x'.repeat(250), 'x'.repeat(251), 'y'.repeat(65_535), 'z'.repeat(65_536)),
  ),
);
const rowsOf = (columns: number) => fc.array(fc.array(cell, { minLength: columns, maxLength: columns }));

test('cells are read back, as texts and one by one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }).chain(rowsOf), (rows) => {
      const result = resultRows(rows);
      assert.equal(result.length, rows.length);
      for (const [r, row] of rows.entries()) {
        for (const [c, text] of row.entries()) {
          assert.equal(result.seek(r, c), text !== null);
          assert.equal(result.text(), text ?? '');
        }
        assert.deepEqual(result.row(r), row);
      }
      assert.deepEqual(result.texts, rows);
    }),
  );
});

test('rows in any order, of buffers that hold some each', () => {
  const pieces = fc.array(fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { minLength: 1 }), {
    minLength: 1,
  });
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(), { minLength: 1 }), (buffers, numbers) => {
      const rows = buffers.flat();
      const result = resultRows(
        rows,
        2,
        buffers.map(({ length }) => length),
      );
      for (const number of numbers) {
        const row = number % rows.length;
        assert.deepEqual(result.row(row), rows[row]);
        assert.equal(result.seek(row, 1), rows[row]?.[1] !== null);
        assert.equal(result.text(), rows[row]?.[1] ?? '');
      }
      assert.deepEqual(result.texts, rows);
    }),
  );
});

test('a row whose lengths do not fit it is refused, whatever they are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 4 }), (bytes, columns) => {
      const row = Buffer.from(bytes);
      const result = new ResultRows(new Array<boolean>(columns).fill(false));
      try {
        // What lies behind the packet is another's.
        result.add({ buffer: Buffer.concat([row, Buffer.alloc(300, 1)]), offset: 0, end: row.length });
      } catch (error) {
        assert.ok(error instanceof ProtocolViolation, String(error));
        return;
      }
      const cells = result.texts[0]!;
      assert.equal(cells.length, columns);
      // All of the row and nothing else: with the length of each cell it has its own length.
      const known = Array.from({ length: columns }, (_, c) => (result.seek(0, c) ? result.end : undefined));
      assert.ok(known.every((end) => end === undefined || end <= row.length));
    }),
    { numRuns: 2_000 },
  );
});

test('bits are read as a number, and more than 64 refused', () => {
  const bits = (length: number) => {
    const result = new ResultRows([true]);
    const buffer = Buffer.concat([Buffer.from([length]), Buffer.alloc(length, 0xff)]);
    result.add({ buffer, offset: 0, end: buffer.length });
    return result;
  };
  assert.deepEqual(bits(8).texts, [[String(2n ** 64n - 1n)]]);
  assert.ok(bits(1).hasBits);
  assert.throws(() => bits(9), ProtocolViolation);
  const none = new ResultRows([true]);
  const buffer = rowPayload([null]);
  none.add({ buffer, offset: 0, end: buffer.length });
  assert.deepEqual(none.texts, [[null]]);
});
