import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Filled } from '../../../src/exposition/samples.ts';
import { together } from '../../../src/exposition/small-layouts.ts';

const layoutOf = (name: string, series = 2) => ({
  series: Array.from({ length: series }, (_, i) => ({
    family: { name, type: 'gauge', help: 'H' } as const,
    labels: `n="${i}"`,
  })),
});
const fill = (layout: Filled['layout'], value: number): Filled => ({
  layout,
  values: new Float64Array(layout.series.length).fill(value),
});

test('small layouts that come together a second time are one, and large ones stay alone', () => {
  const [one, other, large] = [layoutOf('one'), layoutOf('other', 3), layoutOf('large', 300)];
  const answer = (value: number) => [fill(one, value), fill(large, value + 1), fill(other, value + 2)];
  const first = answer(1);
  assert.deepEqual(together(first), { layouts: [first[1]], apart: [first[0], first[2]] });
  const { apart, layouts } = together(answer(5));
  assert.deepEqual(apart, []);
  assert.deepEqual(layouts[0]?.layout.series, [...one.series, ...other.series]);
  assert.deepEqual([...(layouts[0]?.values ?? [])], [5, 5, 7, 7, 7]);
  assert.equal(layouts[1]?.layout, large);
  assert.equal(together(answer(9)).layouts[0]?.layout, layouts[0]?.layout);
});

test('one alone stays as it is', () => {
  const alone = [fill(layoutOf('one'), 1)];
  assert.deepEqual(together(alone), { layouts: alone, apart: [] });
});

test('ever new companies take nothing from those that come often', () => {
  const [one, other] = [layoutOf('one'), layoutOf('other')];
  for (let n = 0; n < 100; n++) {
    assert.equal(together([fill(one, n), fill(layoutOf('new'), n)]).layouts.length, 0);
    assert.equal(together([fill(one, n), fill(other, n)]).apart.length, n === 0 ? 2 : 0);
  }
});
