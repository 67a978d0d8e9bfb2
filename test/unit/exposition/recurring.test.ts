import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProbeRegistry } from '../../../src/exposition/probe-registry.ts';
import { Samples } from '../../../src/exposition/samples.ts';
import type { Family } from '../../../src/model/samples.ts';

type Sample = readonly [family: Family, labels: string, value: number];

const familyOf = (name: string): Family => ({ name, type: 'gauge', help: `Of ${name}` });

function samplesOf(all: readonly Sample[], form?: 'text'): Samples {
  const samples = new Samples(form);
  for (const one of all) samples.sample(...one);
  return samples;
}

function textOf(samples: Samples): string {
  const registry = new ProbeRegistry();
  registry.add(samples);
  return registry.render().text;
}

/** Whether they are a layout; they say the same in any case. */
function isLayout(all: readonly Sample[]): boolean {
  const samples = samplesOf(all);
  const plain = samplesOf(all, 'text');
  assert.equal(textOf(samples), textOf(plain));
  assert.equal(samples.count, plain.count);
  assert.equal(samples.duplicates, plain.duplicates);
  return samples.filled.length > 0;
}

/** As queries give them, one after another, with families of all of them in between. */
const probe = ([up, rows, seconds]: readonly Family[], queries: readonly string[], value: number) => [
  [up!, '', 1] as const,
  ...queries.flatMap((query) => [
    [seconds!, `query="${query}"`, value * 0.1] as const,
    [rows!, `query="${query}"`, value] as const,
  ]),
];

test('the same series are a layout from the second time on, whatever their values', () => {
  const families = ['up', 'rows', 'seconds'].map(familyOf);
  const seen = [1, 2, 3, Number.NaN].map((value) => isLayout(probe(families, ['a', 'b', 'ü'], value)));
  assert.deepEqual(seen, [false, true, true, true]);
});

test('other series are none, and take nothing from those', () => {
  const families = ['up', 'rows', 'seconds'].map(familyOf);
  for (const value of [1, 2]) isLayout(probe(families, ['a', 'b'], value));
  for (const queries of [['a'], ['a', 'c'], ['b', 'a'], ['a', 'b', 'c'], []])
    assert.equal(isLayout(probe(families, queries, 1)), false);
  assert.equal(isLayout(probe(families, ['a', 'b'], 3)), true);
});

test('ever new series leave those alone that come often', () => {
  const families = ['up', 'rows', 'seconds'].map(familyOf);
  for (let n = 0; n < 100; n++) {
    assert.equal(isLayout(probe(families, [`new-${n}`], n)), false);
    assert.equal(isLayout(probe(families, ['a'], n)), n > 0);
  }
});

test('a series or a name that comes twice makes no layout', () => {
  const [one, alike] = [familyOf('one'), familyOf('one')];
  const twice: readonly Sample[] = [
    [one, 'a="1"', 1],
    [one, 'a="1"', 2],
  ];
  const names: readonly Sample[] = [
    [alike, 'a="1"', 1],
    [one, 'a="2"', 2],
  ];
  for (let n = 0; n < 3; n++) {
    assert.equal(isLayout(twice), false);
    assert.equal(isLayout(names), false);
  }
});

test('no samples are no layout', () => {
  for (let n = 0; n < 3; n++) assert.equal(isLayout([]), false);
});

test('long lists and those with suffixes are text', () => {
  const family = familyOf('long');
  const long = Array.from({ length: 1_000 }, (_, i): Sample => [family, `row="${i}"`, i]);
  for (let n = 0; n < 3; n++) {
    assert.equal(isLayout(long), false);
    const samples = samplesOf([[family, '', 1]]);
    samples.sample(family, '', 2, '_sum');
    assert.equal(samples.filled.length, 0);
    assert.match(textOf(samples), /^long 1\nlong_sum 2\n/m);
  }
});
