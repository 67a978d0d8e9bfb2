import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_LABEL_LENGTH, type MetricDefinition, type OnEmpty } from '../../../../src/model/metric.ts';
import { METRIC_TYPE_RULES } from '../../../../src/model/metric-type.ts';
import { TOO_MUCH } from '../../../../src/query-set/cells/match-work.ts';
import { compileRowMap } from '../../../../src/query-set/rows/row-map.ts';
import { limitSeries } from '../../../../src/query-set/series-limit.ts';
import { sinkOf } from '../../../support/sink.ts';

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

function map(
  metric: Partial<MetricDefinition>,
  columns: readonly string[],
  rows: Cells,
  maxSeries = 100,
  onEmpty: OnEmpty = 'ok',
) {
  const definition = { ...METRIC, ...metric };
  const type = METRIC_TYPE_RULES[definition.type].exposedAs;
  const family = { name: definition.family, type, help: definition.help };
  const samples: [string, number][] = [];
  const mapRows = limitSeries(compileRowMap([{ definition, families: [family] }], { onEmpty }), maxSeries);
  const failure = mapRows(
    { columns, rows },
    sinkOf((_family, labels, value, suffix) => samples.push([(suffix ?? '') + labels, value])),
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
        columns: [
          { column: 'x', labels: { part: 'ex' } },
          { column: 'y', labels: { part: 'why' } },
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
  {
    name: 'a text among numbers is skipped',
    metric: {},
    columns: ['v'],
    rows: [['1'], ['x'], ['3']],
    samples: [
      ['', 1],
      ['', 3],
    ],
  },
  { name: 'text as zero', metric: { onInvalid: 'zero' }, columns: ['v'], rows: [['x']], samples: [['', 0]] },
  {
    name: 'text as NaN',
    metric: { onInvalid: 'nan' },
    columns: ['v'],
    rows: [['x']],
    samples: [['', Number.NaN]],
  },
  {
    name: 'words by a map, whatever their case',
    metric: { map: { Yes: 1, No: 0, Connecting: 2 } },
    columns: ['v'],
    rows: [['Yes'], ['CONNECTING']],
    samples: [
      ['', 1],
      ['', 2],
    ],
  },
  {
    name: 'picoseconds to seconds',
    metric: { scale: 1e-12 },
    columns: ['v'],
    rows: [['123456789']],
    samples: [['', 123456789 / 1e12]],
  },
  {
    name: 'kibibytes to bytes',
    metric: { scale: 1024 },
    columns: ['v'],
    rows: [['3']],
    samples: [['', 3072]],
  },
  {
    name: 'the first label that is not empty',
    metric: { labels: [{ column: 'a', as: 'host', orElse: ['b', 'c'] }] },
    columns: ['a', 'b', 'c', 'v'],
    rows: [
      ['A', 'B', 'C', '1'],
      [null, '', 'C', '2'],
      ['', null, null, '3'],
    ],
    samples: [
      ['host="A"', 1],
      ['host="C"', 2],
      ['host=""', 3],
    ],
  },
  {
    name: 'an edited label',
    metric: {
      labels: [
        {
          column: 'a',
          as: 'a',
          edit: {
            trimPrefix: 'memory/',
            match: '^(\\w+)/',
            replace: { O: 'oh' },
            lower: true,
            truncate: 6,
            default: 'none',
          },
        },
      ],
    },
    columns: ['a', 'v'],
    rows: [
      ['memory/INNODB/x', '1'],
      ['SQL/x', '2'],
      ['nothing', '3'],
    ],
    samples: [
      ['a="innohd"', 1],
      ['a="sql"', 2],
      ['a="none"', 3],
    ],
  },
  {
    name: 'only rows for which the condition holds',
    metric: { when: { column: 'a', in: ['x', 'y'] } },
    columns: ['a', 'v'],
    rows: [
      ['x', '1'],
      ['z', '2'],
      [null, '3'],
    ],
    samples: [['', 1]],
  },
  {
    name: 'all rows but some',
    metric: { when: { column: 'a', notIn: ['x'] } },
    columns: ['a', 'v'],
    rows: [
      ['x', '1'],
      [null, '3'],
    ],
    samples: [['', 3]],
  },
  {
    name: 'rows above a number',
    metric: { when: { column: 'v', above: 1 } },
    columns: ['v'],
    rows: [['1'], ['2'], ['x'], [null]],
    samples: [['', 2]],
  },
  {
    name: 'rows with NULL',
    metric: { when: { column: 'a', isNull: true } },
    columns: ['a', 'v'],
    rows: [
      [null, '1'],
      ['', '2'],
    ],
    samples: [['', 1]],
  },
  ...(['sum', 'count', 'max', 'last'] as const).map((group) => ({
    name: `rows grouped by ${group}`,
    metric: { labels: [{ column: 'a', as: 'a', edit: { lower: true } }], group },
    columns: ['a', 'v'],
    rows: [
      ['X', '5'],
      ['y', '7'],
      ['x', '3'],
    ],
    samples: [
      ['a="x"', { sum: 8, count: 2, max: 5, last: 3 }[group]],
      ['a="y"', { sum: 7, count: 1, max: 7, last: 7 }[group]],
    ] as const,
  })),
  {
    name: 'a count without labels is 0 when no row is let through',
    metric: { value: { kind: 'static', value: 1 }, when: { column: 'a', in: ['x'] }, group: 'count' },
    columns: ['a'],
    rows: [['y']],
    samples: [['', 0]],
  },
  {
    name: 'a count with labels has none for rows that are not let through',
    metric: {
      labels: A,
      value: { kind: 'static', value: 1 },
      when: { column: 'a', in: ['x'] },
      group: 'count',
    },
    columns: ['a'],
    rows: [['y']],
    samples: [],
  },
  {
    name: 'a sum of no row is none',
    metric: { when: { column: 'a', in: ['x'] }, group: 'sum' },
    columns: ['a', 'v'],
    rows: [['y', '1']],
    samples: [],
  },
  {
    name: 'a count of no row at all is none',
    metric: { value: { kind: 'static', value: 1 }, group: 'count' },
    columns: ['a'],
    rows: [],
    samples: [],
  },
  {
    name: 'states',
    metric: {
      type: 'stateset',
      labels: A,
      value: { kind: 'states', column: 'v', label: 'state', states: ['ON"', 'OFF'] },
    },
    columns: ['a', 'v'],
    rows: [
      ['x', 'OFF'],
      ['y', 'other'],
      ['z', null],
    ],
    samples: [
      ['a="x",state="ON\\""', 0],
      ['a="x",state="OFF"', 1],
      ['a="y",state="ON\\""', 0],
      ['a="y",state="OFF"', 0],
    ],
  },
  {
    name: 'a histogram from buckets in any order, with an overflow',
    metric: {
      type: 'histogram',
      labels: A,
      scale: 0.001,
      value: { kind: 'histogram', le: 'le', count: 'n', sum: 's', cumulated: false },
    },
    columns: ['a', 'le', 'n', 's'],
    rows: [
      ['x', '100', '2', '150'],
      ['x', '10', '5', '20'],
      ['y', '10', '1', '7'],
      ['x', 'TOO LONG', '1', '900'],
    ],
    samples: [
      ['_bucketa="x",le="0.01"', 5],
      ['_bucketa="x",le="0.1"', 7],
      ['_bucketa="x",le="+Inf"', 8],
      ['_suma="x"', 1.07],
      ['_counta="x"', 8],
      ['_bucketa="y",le="0.01"', 1],
      ['_bucketa="y",le="+Inf"', 1],
      ['_suma="y"', 0.007],
      ['_counta="y"', 1],
    ],
  },
  {
    name: 'a histogram with two rows for one bound, and a sum that was not read',
    metric: {
      type: 'histogram',
      value: { kind: 'histogram', le: 'le', count: 'n', sum: 's', cumulated: false },
    },
    columns: ['le', 'n', 's'],
    rows: [
      ['1', '5', '4'],
      ['1', '2', null],
      ['2', '1', '2'],
    ],
    samples: [
      ['_bucketle="1"', 7],
      ['_bucketle="2"', 8],
      ['_bucketle="+Inf"', 8],
      ['_count', 8],
    ],
  },
  {
    name: 'bounds are written as mysqld_exporter writes them',
    metric: {
      type: 'histogram',
      value: { kind: 'histogram', le: 'le', count: 'n', sum: undefined, cumulated: true },
    },
    columns: ['le', 'n'],
    rows: ['0', '0.000001', '0.00015', '0.5', '999999', '1000000', '1234567.5'].map((le) => [le, '1']),
    samples: [
      ['_bucketle="0"', 1],
      ['_bucketle="1e-06"', 1],
      ['_bucketle="0.00015"', 1],
      ['_bucketle="0.5"', 1],
      ['_bucketle="999999"', 1],
      ['_bucketle="1e+06"', 1],
      ['_bucketle="1.2345675e+06"', 1],
      ['_bucketle="+Inf"', 1],
      ['_count', 1],
    ],
  },
  {
    name: 'a histogram whose counts are cumulated',
    metric: {
      type: 'histogram',
      value: { kind: 'histogram', le: 'le', count: 'n', sum: undefined, cumulated: true },
    },
    columns: ['le', 'n'],
    rows: [
      ['1', '5'],
      ['2', '7'],
      [null, '8'],
    ],
    samples: [
      ['_bucketle="1"', 5],
      ['_bucketle="2"', 7],
      ['_bucketle="+Inf"', 8],
      ['_count', 8],
    ],
  },
  {
    name: 'a summary',
    metric: {
      type: 'summary',
      labels: A,
      value: { kind: 'summary', count: 'n', sum: 's', quantiles: { q95: '95', q99: '99' } },
    },
    columns: ['a', 'n', 's', 'q95', 'q99'],
    rows: [['x', '10', '2.5', '0.4', null]],
    samples: [
      ['a="x",quantile="95"', 0.4],
      ['_suma="x"', 2.5],
      ['_counta="x"', 10],
    ],
  },
  {
    name: 'columns with labels, scale and condition of their own',
    metric: {
      scale: 10,
      labels: A,
      staticLabels: { unit: 'x' },
      value: {
        kind: 'columns',
        columns: [
          { column: 'r', labels: { operation: 'read' } },
          { column: 'w', labels: { operation: 'write' }, scale: 0.1 },
          { column: 'i', labels: { operation: 'insert' }, when: { column: 'a', in: ['none'] } },
        ],
      },
    },
    columns: ['a', 'r', 'w', 'i'],
    rows: [
      ['none', '1', '20', '3'],
      ['key', '4', null, '6'],
    ],
    samples: [
      ['a="none",unit="x",operation="read"', 10],
      ['a="none",unit="x",operation="write"', 2],
      ['a="none",unit="x",operation="insert"', 30],
      ['a="key",unit="x",operation="read"', 40],
    ],
  },
  {
    name: 'all columns as labels but the values and the constant ones',
    metric: { labels: 'all', staticLabels: { source: 'us' } },
    columns: ['Member_Host', 'v', 'SOURCE', '2nd port', 'member_host', '__x'],
    rows: [['h"', '1', 'them', '3306', 'other', null]],
    samples: [['member_host="h\\"",_2nd_port="3306",_x="",source="us"', 1]],
  },
  {
    name: 'all columns as labels but the one of a stateset',
    metric: {
      type: 'stateset',
      labels: 'all',
      value: { kind: 'states', column: 'v', label: 'state', states: ['ON'] },
    },
    columns: ['a', 'STATE', 'v'],
    rows: [['x', 'theirs', 'ON']],
    samples: [['a="x",state="ON"', 1]],
  },
  {
    name: 'all columns as labels but the one of a histogram',
    metric: {
      type: 'histogram',
      labels: 'all',
      value: { kind: 'histogram', le: 'up_to', count: 'n', sum: undefined, cumulated: false },
    },
    columns: ['a', 'le', 'up_to', 'n'],
    rows: [['x', 'theirs', '1', '2']],
    samples: [
      ['_bucketa="x",le="1"', 2],
      ['_bucketa="x",le="+Inf"', 2],
      ['_counta="x"', 2],
    ],
  },
  {
    name: 'all columns as labels but the one of a summary',
    metric: {
      type: 'summary',
      labels: 'all',
      value: { kind: 'summary', count: 'n', sum: 's', quantiles: { p95: '0.95' } },
    },
    columns: ['a', 'Quantile', 'n', 's', 'p95'],
    rows: [['x', 'theirs', '1', '2', '3']],
    samples: [
      ['a="x",quantile="0.95"', 3],
      ['_suma="x"', 2],
      ['_counta="x"', 1],
    ],
  },
  {
    name: 'a label of a column that is not there',
    metric: {
      labels: [
        { column: 'uuid', as: 'uuid', orElse: ['id'], optional: true },
        { column: 'gone', as: 'gone', optional: true, edit: { default: 'none' } },
      ],
    },
    columns: ['id', 'v'],
    rows: [['7', '1']],
    samples: [['uuid="7",gone="none"', 1]],
  },
  {
    name: 'an optional metric whose column is not there',
    metric: { optional: true },
    columns: ['w'],
    rows: [['1']],
    samples: [],
  },
  {
    name: 'an optional metric whose column is there',
    metric: { optional: true },
    columns: ['v'],
    rows: [['1']],
    samples: [['', 1]],
  },
  {
    name: 'equal series are left to whoever renders them',
    metric: { labels: A },
    columns: ['a', 'v'],
    rows: [
      ['x', '1'],
      ['x', '2'],
    ],
    samples: [
      ['a="x"', 1],
      ['a="x"', 2],
    ],
  },
  { name: 'a negative gauge', metric: {}, columns: ['v'], rows: [['-1']], samples: [['', -1]] },
];

for (const { name, metric, columns, rows, samples } of good) {
  test(name, () => assert.deepEqual(map(metric, columns, rows), samples));
}

test('no row as zero, for each column', () => {
  const value = {
    kind: 'columns',
    columns: [
      { column: 'x', labels: { part: 'ex' } },
      { column: 'y', labels: { part: 'why' } },
    ],
  } as const;
  assert.deepEqual(map({ value }, ['x', 'y'], [], 100, 'zero'), [
    ['part="ex"', 0],
    ['part="why"', 0],
  ]);
  assert.deepEqual(map({ value }, ['x', 'y'], [['1', null]], 100, 'zero'), [['part="ex"', 1]]);
});

test('no row as zero, once for values that only their conditions tell apart', () => {
  const part = (state: string) => ({ column: 'v', labels: {}, when: { column: 's', in: [state] } });
  const value = { kind: 'columns', columns: [part('a'), part('b')] } as const;
  assert.deepEqual(map({ value }, ['v', 's'], [], 100, 'zero'), [['', 0]]);
  assert.deepEqual(map({ value, group: 'count' }, ['v', 's'], [], 100, 'zero'), [['', 0]]);
});

test('only what is exposed counts against max_series', () => {
  const rows = Array.from({ length: 101 }, (_, i) => [String(i), i % 2 === 0 ? '1' : null]);
  assert.equal((map({ labels: A }, ['a', 'v'], rows, 51) as readonly unknown[]).length, 51);
  assert.deepEqual(map({ labels: A, when: { column: 'a', in: ['4'] } }, ['a', 'v'], rows, 1), [['a="4"', 1]]);
  assert.deepEqual(map({ optional: true }, ['a'], rows.slice(0, 2), 1), []);
  assert.deepEqual(map({ labels: A }, ['a', 'v'], rows, 50), {
    ok: false,
    reason: 'limit',
    detail: '51 series, and max_series is 50',
  });
});

test('no row as a failure', () => {
  assert.deepEqual(map({}, ['v'], [], 100, 'error'), {
    ok: false,
    reason: 'invalid_value',
    detail: 'the result has no row, and on_empty is error',
  });
  assert.deepEqual(map({}, ['v'], [['1']], 100, 'error'), [['', 1]]);
});

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
    detail: 'column "v" is there twice: give each a name of its own with AS; the result has "V", "V"',
  },
  {
    metric: {},
    columns: ['v'],
    rows: [['y'], ['x']],
    reason: 'invalid_value',
    detail: 'row 1: column "v" holds "y", not a number',
  },
  {
    metric: {
      type: 'histogram',
      value: { kind: 'histogram', le: 'le', count: 'n', sum: undefined, cumulated: false },
    },
    columns: ['le', 'n'],
    rows: [['1', '-5']],
    reason: 'invalid_value',
    detail: 'column "n" holds "-5", not a number of observations',
  },
  {
    metric: { labels: A, onDuplicate: 'error' },
    columns: ['a', 'v'],
    rows: [
      ['x', '1'],
      ['y', '1'],
      ['x', '2'],
    ],
    reason: 'invalid_value',
    detail: 'two rows give the series {a="x"}, and on_duplicate is error',
  },
  {
    metric: { labels: 'all' },
    columns: ['v'],
    rows: [['1']],
    reason: 'missing_column',
    detail: 'labels: all, and the result has no other column',
  },
  {
    metric: { labels: 'all' },
    columns: ['v', ...Array.from({ length: 65 }, (_, i) => `c${i}`)],
    rows: [['1']],
    reason: 'limit',
    detail: 'labels: all of 65 columns, and a series may have 64 labels',
  },
  {
    metric: { labels: A, group: 'sum' },
    columns: ['a', 'v'],
    rows: Array.from({ length: 101 }, (_, i) => [String(i), '1']),
    reason: 'limit',
    detail: '101 series, and max_series is 100',
  },
  {
    metric: { onInvalid: 'error' },
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
    detail:
      'column "a" has a text of 1025 characters, a label may have 1024; shorten it with truncate, or in SQL with LEFT()',
  },
  {
    metric: { labels: [{ column: 'a', as: 'a', edit: { match: '(\\d+)$', truncate: 10 } }] },
    columns: ['a', 'v'],
    rows: [['1'.repeat(4097), '1']],
    reason: 'limit',
    detail:
      'column "a": match is for texts of at most 4096 characters, and one has 4097; shorten it in SQL with LEFT()',
  },
  {
    metric: { labels: [{ column: 'a', as: 'a', edit: { match: '^(\\d+)x' } }] },
    columns: ['a', 'v'],
    rows: Array.from({ length: 10_000 }, () => ['1'.repeat(4096), '1']),
    reason: 'limit',
    detail: `column "a": match ${TOO_MUCH}`,
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
