import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MetricDefinition } from '../../src/config/config.ts';
import { compileRowMap, MAX_LABEL_LENGTH } from '../../src/query-set/row-map.ts';

const METRIC: MetricDefinition = {
  family: 'm',
  type: 'gauge',
  help: 'M',
  labels: [],
  staticLabels: {},
  value: { kind: 'column', column: 'v' },
  onNull: 'skip',
};

type Cells = readonly (readonly (string | null)[])[];

function map(metric: Partial<MetricDefinition>, columns: readonly string[], rows: Cells, maxSeries = 100) {
  const definition = { ...METRIC, ...metric };
  const family = { name: definition.family, type: definition.type, help: definition.help };
  const samples: [string, number][] = [];
  const failure = compileRowMap([{ definition, family }], maxSeries)(
    { columns, rows },
    { sample: (_family, labels, value) => samples.push([labels, value]) },
  );
  return failure === undefined ? samples : failure;
}

const A = [{ column: 'a', as: 'a' }];

const good: readonly {
  readonly name: string;
  readonly metric: Partial<MetricDefinition>;
  readonly columns: readonly string[];
  readonly rows: Cells;
  readonly samples: readonly (readonly [string, number])[];
}[] = [
  { name: 'a bare value', metric: {}, columns: ['v'], rows: [['7']], samples: [['', 7]] },
  { name: 'no rows', metric: {}, columns: ['v'], rows: [], samples: [] },
  { name: 'columns in capitals', metric: {}, columns: ['V'], rows: [['7']], samples: [['', 7]] },
  {
    name: 'an exact name before one in capitals',
    metric: {},
    columns: ['V', 'v'],
    rows: [['1', '2']],
    samples: [['', 2]],
  },
  {
    name: 'labels, renamed and static',
    metric: { labels: [...A, { column: 'b', as: 'other' }], staticLabels: { fixed: 'x"' } },
    columns: ['b', 'v', 'a'],
    rows: [['B', '1', 'A']],
    samples: [['a="A",other="B",fixed="x\\""', 1]],
  },
  {
    name: 'only static labels',
    metric: { staticLabels: { fixed: 'x' } },
    columns: ['v'],
    rows: [['1']],
    samples: [['fixed="x"', 1]],
  },
  {
    name: 'a NULL label is an empty one',
    metric: { labels: A },
    columns: ['a', 'v'],
    rows: [[null, '1']],
    samples: [['a=""', 1]],
  },
  {
    name: 'several columns',
    metric: {
      labels: A,
      value: {
        kind: 'columns',
        label: 'part',
        columns: [
          { column: 'x', labelValue: 'ex' },
          { column: 'y', labelValue: 'why' },
        ],
      },
    },
    columns: ['a', 'x', 'y'],
    rows: [
      ['k', '1', '2'],
      ['l', null, '3'],
    ],
    samples: [
      ['a="k",part="ex"', 1],
      ['a="k",part="why"', 2],
      ['a="l",part="why"', 3],
    ],
  },
  {
    name: 'a constant',
    metric: { labels: A, value: { kind: 'static', value: 1 } },
    columns: ['a'],
    rows: [['k']],
    samples: [['a="k"', 1]],
  },
  { name: 'NULL as zero', metric: { onNull: 'zero' }, columns: ['v'], rows: [[null]], samples: [['', 0]] },
  {
    name: 'NULL as NaN',
    metric: { onNull: 'nan' },
    columns: ['v'],
    rows: [[null]],
    samples: [['', Number.NaN]],
  },
  { name: 'a negative gauge', metric: {}, columns: ['v'], rows: [['-1']], samples: [['', -1]] },
];

for (const { name, metric, columns, rows, samples } of good) {
  test(name, () => assert.deepEqual(map(metric, columns, rows), samples));
}

const bad: readonly {
  readonly metric: Partial<MetricDefinition>;
  readonly columns: readonly string[];
  readonly rows: Cells;
  readonly reason: string;
  readonly detail: string;
}[] = [
  {
    metric: {},
    columns: ['w'],
    rows: [],
    reason: 'missing_column',
    detail: 'no column "v"; the result has "w"',
  },
  {
    metric: {},
    columns: [],
    rows: [],
    reason: 'missing_column',
    detail: 'no column "v"; the result has no columns at all',
  },
  {
    metric: { labels: A },
    columns: ['x'],
    rows: [],
    reason: 'missing_column',
    detail: 'no column "a", "v"; the result has "x"',
  },
  {
    metric: {},
    columns: ['V', 'V'],
    rows: [],
    reason: 'missing_column',
    detail: 'no column "v"; the result has "V", "V"',
  },
  {
    metric: {},
    columns: ['v'],
    rows: [['1'], ['x']],
    reason: 'invalid_value',
    detail: 'row 2: column "v" holds "x", not a number',
  },
  {
    metric: { onNull: 'error' },
    columns: ['v'],
    rows: [[null]],
    reason: 'invalid_value',
    detail: 'row 1: column "v" is NULL',
  },
  {
    metric: { type: 'counter' },
    columns: ['v'],
    rows: [['-1']],
    reason: 'invalid_value',
    detail: 'row 1: column "v" is -1, and a counter is never negative',
  },
  {
    metric: { labels: A },
    columns: ['a', 'v'],
    rows: [['x'.repeat(MAX_LABEL_LENGTH + 1), '1']],
    reason: 'limit',
    detail: 'row 1: column "a" has 1025 characters, a label may have 1024; shorten it in SQL with LEFT()',
  },
  {
    metric: {},
    columns: ['v'],
    rows: Array.from({ length: 101 }, () => ['1']),
    reason: 'limit',
    detail: '101 series, and max_series is 100',
  },
];

for (const { metric, columns, rows, reason, detail } of bad) {
  test(`${reason}: ${detail}`, () =>
    assert.deepEqual(map(metric, columns, rows), { ok: false, reason, detail }));
}

test('no result makes it throw', () => {
  const cell = fc.option(fc.oneof(fc.string(), fc.double().map(String)));
  const names = fc.constantFrom('a', 'A', 'v', 'V', '__proto__', 'constructor', '');
  const result = fc
    .array(names, { maxLength: 5 })
    .chain((columns) =>
      fc.tuple(
        fc.constant(columns),
        fc.array(fc.array(cell, { minLength: columns.length, maxLength: columns.length }), { maxLength: 5 }),
      ),
    );
  fc.assert(fc.property(result, ([columns, rows]) => void map({ labels: A }, columns, rows)));
});
