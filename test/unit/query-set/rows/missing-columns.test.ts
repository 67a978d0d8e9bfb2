/** What columns that are missing or there twice cost: their metric, and nothing else of the result. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricDefinition } from '../../../../src/model/metric.ts';
import { compileRowMap, type ResultRules } from '../../../../src/query-set/rows/row-map.ts';
import { limitSeries } from '../../../../src/query-set/series-limit.ts';
import { sinkOf } from '../../../support/sink.ts';

type Metric = Partial<MetricDefinition> & { readonly family: string };
type Cells = readonly (readonly (string | null)[])[];

const value = (column: string) => ({ value: { kind: 'column', column } }) as const;

/** Samples by family, and what became of the result. */
function map(
  metrics: readonly Metric[],
  columns: readonly string[],
  rows: Cells,
  { maxSeries = 100, ...rules }: ResultRules & { readonly maxSeries?: number } = {},
) {
  const compiled = metrics.map((metric) => {
    const definition: MetricDefinition = {
      type: 'gauge',
      help: 'H',
      labels: [],
      staticLabels: {},
      ...value('v'),
      onNull: 'skip',
      ...metric,
    };
    return { definition, families: [{ name: metric.family, type: 'gauge', help: 'H' }] as const };
  });
  const samples: string[] = [];
  const mapped = limitSeries(compileRowMap(compiled, rules), maxSeries)(
    { columns, rows },
    sinkOf(({ name }, labels, number) => samples.push(`${name}{${labels}} ${number}`)),
  );
  return { samples, mapped };
}

const without = (...failed: readonly (readonly [family: string, detail: string])[]) => ({
  without: failed.map(([family, detail]) => ({
    family,
    failure: { ok: false, reason: 'missing_column', detail },
  })),
});

test('a missing column costs its metric, and the message names it', () => {
  const metrics = [{ family: 'good' }, { family: 'lost', ...value('w') }, { family: 'also', ...value('v') }];
  assert.deepEqual(map(metrics, ['v', 'x'], [['1', '2']]), {
    samples: ['good{} 1', 'also{} 1'],
    mapped: without(['lost', 'no column "w"; the result has "v", "x"']),
  });
});

test('a missing label and a missing condition cost their metric too', () => {
  const metrics: readonly Metric[] = [
    { family: 'label', labels: [{ column: 'l', as: 'l' }] },
    { family: 'condition', when: { column: 'c', in: ['x'] } },
    {
      family: 'extracted',
      extract: { column: 'e', match: '(?<n>.)', groups: ['n'], each: false },
      ...value('n'),
    },
    { family: 'good' },
  ];
  assert.deepEqual(map(metrics, ['v'], [['1']]), {
    samples: ['good{} 1'],
    mapped: without(
      ['label', 'no column "l"; the result has "v"'],
      ['condition', 'no column "c"; the result has "v"'],
      ['extracted', 'no column "e"; the result has "v", and extract gives "n"'],
    ),
  });
});

test('labels: all without another column cost their metric', () => {
  assert.deepEqual(map([{ family: 'all', labels: 'all' }, { family: 'good' }], ['v'], [['1']]), {
    samples: ['good{} 1'],
    mapped: without(['all', 'labels: all, and the result has no other column']),
  });
});

const TWICE = 'column "v" is there twice: give each a name of its own with AS; the result has "v", "w", "v"';

test('a column that is there twice is said to be there twice', () => {
  const metrics = [{ family: 'twice' }, { family: 'good', ...value('w') }];
  assert.deepEqual(map(metrics, ['v', 'w', 'v'], [['1', '2', '3']]), {
    samples: ['good{} 2'],
    mapped: without(['twice', TWICE]),
  });
  const optional = [{ family: 'twice', optional: true } as const, { family: 'good', ...value('w') }];
  assert.deepEqual(map(optional, ['v', 'w', 'v'], [['1', '2', '3']]).mapped, without(['twice', TWICE]));
});

test('of columns of one name the last counts where that is the rule', () => {
  const metrics = [{ family: 'twice' }, { family: 'also', ...value('W') }];
  assert.deepEqual(map(metrics, ['v', 'w', 'v', 'w'], [['1', '2', '3', '4']], { repeated: 'last' }), {
    samples: ['twice{} 3', 'also{} 4'],
    mapped: undefined,
  });
});

test('when no metric is left, the query fails with all that is missing', () => {
  const metrics = [{ family: 'one' }, { family: 'two', ...value('w') }];
  assert.deepEqual(map(metrics, ['x'], [['1']]).mapped, {
    ok: false,
    reason: 'missing_column',
    detail: 'no column "v", "w"; the result has "x"',
  });
  const both = map(metrics, ['v', 'v'], [['1', '1']]).mapped;
  assert.deepEqual(both, {
    ok: false,
    reason: 'missing_column',
    detail:
      'no column "w"; column "v" is there twice: give each a name of its own with AS; the result has "v", "v"',
  });
  assert.deepEqual(
    map([{ family: 'one' }], ['x'], [], { hasOthers: true }).mapped,
    without(['one', 'no column "v"; the result has "x"']),
  );
});

test('a metric without its column is no zero where no row means zero', () => {
  const metrics = [{ family: 'lost', ...value('w') }, { family: 'good' }];
  assert.deepEqual(map(metrics, ['v'], [], { onEmpty: 'zero' }), {
    samples: ['good{} 0'],
    mapped: without(['lost', 'no column "w"; the result has "v"']),
  });
});

test('another mistake still fails the whole query', () => {
  const metrics = [{ family: 'lost', ...value('w') }, { family: 'bad' }];
  const { mapped } = map(metrics, ['v'], [['text']]);
  assert.equal(mapped !== undefined && 'reason' in mapped && mapped.reason, 'invalid_value');
  const many = map(metrics, ['v'], [['1'], ['2']], { maxSeries: 1 }).mapped;
  assert.equal(many !== undefined && 'reason' in many && many.reason, 'limit');
});
