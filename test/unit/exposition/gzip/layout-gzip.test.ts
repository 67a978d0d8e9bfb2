import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { BitWriter, SLACK_BYTES } from '../../../../src/exposition/gzip/bit-writer.ts';
import { feedAll } from '../../../../src/exposition/gzip/crc32.ts';
import { maxBytes } from '../../../../src/exposition/gzip/layout-bits.ts';
import { BEGIN, prepare, sortOut, writeBits } from '../../../../src/exposition/gzip/layout-gzip.ts';
import { maxLength, write } from '../../../../src/exposition/layout-text.ts';
import type { Filled } from '../../../../src/exposition/samples.ts';
import type { Layout } from '../../../../src/model/samples.ts';

/** The text, and what becomes of it unpacked. */
function written(filled: readonly Filled[]): { readonly plain: Buffer; readonly unpacked: Buffer } {
  const { known, unknown } = sortOut(filled);
  assert.deepEqual(unknown, []);
  const most = known.reduce((sum, { bits }) => sum + maxBytes(bits), 0);
  const out = Buffer.alloc(most + 2 + SLACK_BYTES);
  const writer = new BitWriter(out, 0);
  const progress = { ...BEGIN };
  for (const one of known) writeBits(one, writer, progress);
  assert.ok(writer.bits <= most * 8, `${writer.bits} bits, and room for ${most} bytes`);
  writer.put(0b011, 10);
  const unpacked = inflateRawSync(out.subarray(0, writer.end()));
  const plain = Buffer.concat(filled.map(plainOf));
  assert.equal(progress.length, plain.length);
  assert.equal(progress.crc, feedAll(BEGIN.crc, plain));
  return { plain, unpacked };
}

function plainOf(filled: Filled): Buffer {
  const out = Buffer.alloc(maxLength(filled));
  return out.subarray(0, write(filled, out, 0));
}

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('A help that many have.', 'ÄÖÜ that 日本 has', 'x'.repeat(700), ''),
);
const series = fc.record({
  family: fc.record({
    name: fc.stringMatching(/^mysql_[a-z]{1,20}$/),
    type: fc.constantFrom('gauge', 'counter', 'untyped'),
    help: text,
  }),
  labels: fc.oneof(
    fc.constant(''),
    fc.stringMatching(/^[a-z]+="[a-z]{0,9}"$/),
    fc.string().map((value) => `label=${JSON.stringify(value)}`),
  ),
});
const layout = fc.array(series, { maxLength: 60 }).map((all): Layout => ({ series: all }));
const number = fc.oneof(
  fc.nat(12),
  fc.nat(),
  fc.maxSafeNat(),
  fc.double(),
  fc.constantFrom(
    0,
    -0,
    1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    2 ** 31,
    18446744073709552e3,
  ),
);
/** Values for as many series as there are. */
const values = fc.infiniteStream(number);
const fill = (of: Layout, stream: Iterator<number>): Filled => ({
  layout: of,
  values: Float64Array.from(of.series, () => stream.next().value ?? 0),
});
/** Some as before, as in another scrape. */
const change = ({ layout, values }: Filled, stream: Iterator<number>, isKept: Iterator<boolean>): Filled => ({
  layout,
  values: values.map((value) => (isKept.next().value ? value : (stream.next().value ?? 0))),
});

test('whatever the values are that come later, what was worked out is the text of these', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(layout, { maxLength: 3 }),
      values,
      fc.infiniteStream(fc.boolean()),
      async (layouts, numbers, kept) => {
        const first = layouts.map((one) => fill(one, numbers));
        await Promise.all(first.map(prepare));
        for (const filled of [
          first,
          first.map((one) => change(one, numbers, kept)),
          first.map(({ layout: of }) => fill(of, numbers)),
        ]) {
          const { plain, unpacked } = written(filled);
          assert.deepEqual(unpacked, plain);
        }
      },
    ),
    { numRuns: 200 },
  );
});

/** So much text that some of what stands there twice is too far away, and some becomes it with longer values. */
test('matches of texts that are almost too far away stay within reach', async () => {
  const far: Layout = {
    series: Array.from({ length: 700 }, (_, i) => ({
      family: {
        name: `mysql_${((i * 7919) % 1000).toString(36)}`,
        type: 'gauge',
        help: i % 350 === 0 ? 'What stands only here and far away.' : `${i}`.repeat(8),
      },
      labels: '',
    })),
  };
  const longest = -1.234567890123456e-7;
  for (const [first, later] of [
    [0, longest],
    [longest, 0],
    [1, 12],
  ] as const) {
    const own: Layout = { ...far };
    const fillWith = (value: number): Filled => ({ layout: own, values: new Float64Array(700).fill(value) });
    await prepare(fillWith(first));
    const { plain, unpacked } = written([fillWith(later)]);
    assert.ok(plain.length > 32_768);
    assert.deepEqual(unpacked, plain);
  }
});

/** Of matches that go over values all pieces are there for other values, though nothing else needs their symbols. */
test('rows that differ in one label and have the same value first', async () => {
  const family = { name: 'mysql_rows', type: 'gauge', help: 'H' } as const;
  const rows = Array.from({ length: 40 }, (_, i) => ({ family, labels: `row="${(i * 7).toString(36)}x"` }));
  const fillWith = (numbers: readonly number[]): Filled => ({
    layout: one,
    values: Float64Array.from(rows, (_, i) => numbers[i % numbers.length]!),
  });
  const one: Layout = { series: rows };
  await prepare(fillWith([0]));
  for (const numbers of [[0], [1], [0, 7], [0, 0, 123456], [0, 0, 0, 0, -1.5]]) {
    const { plain, unpacked } = written([fillWith(numbers)]);
    assert.deepEqual(unpacked, plain);
  }
});

test('a text that looks like the end of a line with its value', async () => {
  const names = ['mysql_aa', 'mysql_bb', 'mysql_cc', 'mysql_dd', 'mysql_ee'];
  const alike: Layout = {
    series: names.map((name, i) => ({
      family: { name, type: 'gauge', help: `${names[i + 1] ?? names[0]} 0` },
      labels: '',
    })),
  };
  await prepare({ layout: alike, values: new Float64Array(names.length) });
  for (const value of [0, 5, 55]) {
    const { plain, unpacked } = written([
      { layout: alike, values: new Float64Array(names.length).fill(value) },
    ]);
    assert.deepEqual(unpacked, plain);
  }
});

test('a layout without series takes no room', async () => {
  const empty: Filled = { layout: { series: [] }, values: new Float64Array() };
  assert.deepEqual(sortOut([empty]), { known: [], unknown: [] });
});

test('a layout is worked out once, and not known before that is done', async () => {
  const one: Filled = {
    layout: { series: [{ family: { name: 'mysql_up', type: 'gauge', help: 'Up' }, labels: '' }] },
    values: Float64Array.of(1),
  };
  assert.deepEqual(sortOut([one]).unknown, [one]);
  const done = prepare(one);
  assert.equal(prepare(one), done);
  assert.deepEqual(sortOut([one]).known, []);
  await done;
  assert.deepEqual(sortOut([one]).unknown, []);
});

test('of many new layouts at once a few are worked out, and the others when they come again', async () => {
  const many = Array.from(
    { length: 20 },
    (_, n): Filled => ({
      layout: { series: [{ family: { name: `many_${n}`, type: 'gauge', help: 'H' }, labels: '' }] },
      values: new Float64Array([n]),
    }),
  );
  const known = () => sortOut(many).known.length;
  assert.equal(known(), 0);
  const counts: number[] = [];
  for (let turn = 0; turn < 100 && counts.at(-1) !== many.length; turn++) {
    await turnOfTheLoop();
    counts.push(known());
  }
  assert.equal(counts.at(-1), many.length);
  const atOnce = counts.map((count, i) => count - (counts[i - 1] ?? 0));
  assert.ok(Math.max(...atOnce) <= 1, `${counts}`);
});

test('what nobody asks for again is not worked out behind what is under way', async () => {
  const one = (n: number): Filled => ({
    layout: { series: [{ family: { name: `once_${n}`, type: 'gauge', help: 'H' }, labels: '' }] },
    values: new Float64Array([n]),
  });
  const all = Array.from({ length: 20 }, (_, n) => one(n));
  for (const filled of all) sortOut([filled]);
  for (let turn = 0; turn < 50; turn++) await turnOfTheLoop();
  assert.equal(sortOut(all).known.length, 4);
});
