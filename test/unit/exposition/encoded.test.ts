import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type Encoded, gzipBytes, plainBytes } from '../../../src/exposition/encoded.ts';
import { prepare, sortOut } from '../../../src/exposition/gzip/layout-gzip.ts';
import { ProbeRegistry } from '../../../src/exposition/probe-registry.ts';
import { Samples } from '../../../src/exposition/samples.ts';
import { together } from '../../../src/exposition/small-layouts.ts';
import type { Family, Layout } from '../../../src/model/samples.ts';
import { labelText } from '../../../src/query-set/cells/label-text.ts';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('A help that many have.', 'x'.repeat(300)),
);
const family = fc.record({
  name: fc.stringMatching(/^mysql_[a-z]{1,9}$/),
  type: fc.constantFrom('gauge', 'counter', 'untyped'),
  help: text,
}) satisfies fc.Arbitrary<Family>;
const families = fc.uniqueArray(family, { selector: ({ name }) => name, maxLength: 40 });
const number = fc.oneof(fc.nat(), fc.double(), fc.constantFrom(0, 1, Number.NaN, Number.POSITIVE_INFINITY));

/** Some of the families, with a series for each of some labels. */
function layoutOf(all: readonly Family[], labels: readonly string[]): Layout {
  return {
    series: all.flatMap((one) => labels.map((label) => ({ family: one, labels: labelText({ label }) }))),
  };
}

function registryOf(...samples: readonly Samples[]): ProbeRegistry {
  const registry = new ProbeRegistry();
  for (const one of samples) registry.add(one);
  return registry;
}

function filled(layout: Layout, values: readonly number[]): Samples {
  const samples = new Samples();
  samples.fill(
    layout,
    Float64Array.from(layout.series, (_, i) => values[i % values.length] ?? 0),
  );
  return samples;
}

/** What a client gets, unpacked: plain, while layouts are worked out, and with them. */
async function received(registry: ProbeRegistry): Promise<readonly string[]> {
  const encoded = registry.encode();
  const early = gunzipSync(await gzipBytes(encoded));
  await workedOut(encoded);
  return [plainBytes(encoded), early, gunzipSync(await gzipBytes(encoded))].map(String);
}

/** Small layouts are one from the second time on. */
async function workedOut({ filled }: Encoded): Promise<void> {
  for (let time = 1; time <= 2; time++) together(filled);
  await Promise.all(together(filled).layouts.map(prepare));
}

/** Families as blocks of lines, in no order. */
const sorted = (exposition: string) => exposition.split(/(?<=\n)(?=# HELP )/).sort();

test('an answer with layouts is the text of its samples, compressed or not', async () => {
  const labels = fc.uniqueArray(text, { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      families,
      labels,
      fc.array(number),
      fc.array(number),
      async (all, names, values, others) => {
        const middle = Math.ceil(all.length / 2);
        const [left, right] = [layoutOf(all.slice(0, middle), names), layoutOf(all.slice(middle), names)];
        const own = new Samples();
        own.sample({ name: 'own', type: 'gauge', help: 'Own' }, '', 1);
        // The same layouts with other values: what is worked out once holds for all.
        for (const given of [values, others]) {
          const registry = registryOf(own, filled(left, given), filled(right, given));
          const [plain, early, late] = await received(registry);
          assert.equal(late, plain);
          assert.deepEqual(sorted(early ?? ''), sorted(plain ?? ''));
          assert.deepEqual(sorted(plain ?? ''), sorted(Buffer.from(registry.render().text).toString()));
        }
      },
    ),
    { numRuns: 200 },
  );
});

const NAMES = Array.from(
  { length: 600 },
  (_, i) => `mysql_global_status_number_${(i * 7919) % 1000}_of_many`,
);
const MANY: readonly Family[] = [...new Set(NAMES)].map((name) => ({
  name,
  type: 'untyped',
  help: 'Generic metric from SHOW GLOBAL STATUS.',
}));

test('known text is compressed better than by zlib at the same speed', async () => {
  const layout = layoutOf(MANY, ['']);
  const numbers = Array.from({ length: 600 }, (_, i) => (i % 3 === 0 ? 0 : (i * 2654435761) % 10 ** (i % 8)));
  const ofAnother = numbers.map((value, i) => (i % 4 === 0 ? i * 1001 : value));
  for (const values of [numbers, ofAnother]) {
    const encoded = registryOf(filled(layout, values)).encode();
    const zlibs = gzipSync(plainBytes(encoded), { level: 1 });
    await workedOut(encoded);
    const ours = await gzipBytes(encoded);
    assert.ok(ours.length < zlibs.length, `${ours.length} bytes, and zlib ${zlibs.length}`);
  }
});

test('with a large answer all is compressed elsewhere', async () => {
  const large = new Samples();
  for (let i = 0; i < 5_000; i++) large.sample(MANY[0]!, labelText({ row: `row ${i}` }), i);
  const registry = registryOf(large, filled(layoutOf(MANY.slice(1), ['']), [1]));
  assert.ok(gzipBytes(registry.encode()) instanceof Promise);
  const [plain, early, late] = await received(registry);
  assert.equal(early, plain);
  assert.equal(late, plain);
  assert.deepEqual(sorted(plain ?? ''), sorted(registry.render().text));
});

test('a layout with very much text is not worked out', async () => {
  const help = 'x'.repeat(1_000);
  const layout = layoutOf(
    MANY.map((one) => ({ ...one, help })),
    [''],
  );
  const encoded = registryOf(filled(layout, [1])).encode();
  assert.ok(gzipBytes(encoded) instanceof Promise);
  for (let turn = 0; turn < 50; turn++) await turnOfTheLoop();
  assert.deepEqual(gunzipSync(await gzipBytes(encoded)), plainBytes(encoded));
  assert.equal(sortOut(encoded.filled).known.length, 0);
});

test('a family that stands elsewhere too is joined, and a repeated series dropped', async () => {
  const layout = layoutOf(MANY.slice(0, 3), ['a', 'b']);
  const other = new Samples();
  other.sample(MANY[1]!, labelText({ label: 'b' }), 7);
  other.sample(MANY[1]!, labelText({ label: 'c' }), 8);
  for (const registry of [
    registryOf(filled(layout, [1]), other),
    registryOf(filled(layout, [1]), filled(layoutOf([MANY[1]!], ['b', 'c']), [8])),
  ]) {
    const [plain] = await received(registry);
    assert.equal(registry.encode().duplicates, 1);
    assert.match(
      plain ?? '',
      new RegExp(`${MANY[1]!.name}\\{label="a"\\} 1\n.*\\{label="b"\\} 1\n.*\\{label="c"\\} 8\n`),
    );
  }
});

test('a member with a layout has its label on every sample', async () => {
  const all = new ProbeRegistry();
  all.addMember(registryOf(filled(layoutOf(MANY.slice(0, 2), ['a']), [1])), 'instance="one"');
  all.addMember(registryOf(filled(layoutOf(MANY.slice(0, 2), ['a']), [2])), 'instance="two"');
  const [plain, early, late] = await received(all);
  assert.equal(early, plain);
  assert.equal(late, plain);
  assert.deepEqual(
    plain?.split('\n').filter((line) => line.startsWith(MANY[0]!.name)),
    ['one', 'two'].map((name, i) => `${MANY[0]!.name}{instance="${name}",label="a"} ${i + 1}`),
  );
  assert.equal(all.names.size, 2);
});
