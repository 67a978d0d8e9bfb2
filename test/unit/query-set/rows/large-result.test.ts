import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProbeRegistry } from '../../../../src/exposition/probe-registry.ts';
import { Samples } from '../../../../src/exposition/samples.ts';
import type { MetricDefinition } from '../../../../src/model/metric.ts';
import { METRIC_TYPE_RULES } from '../../../../src/model/metric-type.ts';
import { compileRowMap } from '../../../../src/query-set/rows/row-map.ts';
import { limitSeries } from '../../../../src/query-set/series-limit.ts';
import { stopClock } from '../../../support/clock.ts';
import { resultRows } from '../../../support/row-packets.ts';
import { finished } from '../../../support/sink.ts';

const METRIC: MetricDefinition = {
  family: 'm',
  type: 'gauge',
  help: 'H',
  labels: [{ column: 'name', as: 'name' }],
  staticLabels: {},
  value: { kind: 'column', column: 'size' },
  onNull: 'skip',
};

const metrics: readonly (Partial<MetricDefinition> & { readonly family: string })[] = [
  { family: 'plain' },
  { family: 'grouped', labels: [{ column: 'kind', as: 'kind' }], group: 'sum' },
  { family: 'counted', labels: [], group: 'count', when: { column: 'size', above: 500 } },
  {
    family: 'spread',
    type: 'histogram',
    labels: [{ column: 'kind', as: 'kind' }],
    value: { kind: 'histogram', le: 'bound', count: 'bound', sum: undefined, cumulated: false },
  },
  {
    family: 'extracted',
    labels: [{ column: 'number', as: 'number' }],
    extract: { column: 'name', match: 'name (?<number>\\d+)', each: false, groups: ['number'] },
  },
];

const COLUMNS = ['name', 'kind', 'size', 'bound'];
const rowsOf = (count: number) =>
  Array.from({ length: count }, (_, i) => [
    `name ${i}`,
    `kind ${i % 7}`,
    i % 11 === 0 ? null : String((i * 7919) % 1_000),
    String(i % 5),
  ]);

function mapOf(wanted: typeof metrics, maxSeries = 100_000) {
  const compiled = wanted.map((metric) => {
    const definition = { ...METRIC, ...metric };
    const type = METRIC_TYPE_RULES[definition.type].exposedAs;
    return { definition, families: [{ name: metric.family, type, help: 'H' }] as const };
  });
  return limitSeries(compileRowMap(compiled), maxSeries);
}

function textOf(samples: Samples): string {
  const registry = new ProbeRegistry();
  registry.add(samples);
  return registry.render().text;
}

test('a large result is the same in steps as in one go', (t) => {
  stopClock(t); // how long matches may take is not the subject, and all of a large result in one go takes long
  for (const count of [4_001, 9_999]) {
    const rows = rowsOf(count);
    const map = mapOf(metrics);
    const [whole, steps] = [new Samples(), new Samples()];
    assert.equal(map({ columns: COLUMNS, rows }, whole), undefined);
    const cells = resultRows(rows);
    const texts = () => assert.fail('the texts of all rows were made at once');
    const result = {
      columns: COLUMNS,
      get rows() {
        return texts();
      },
      cells,
    };
    const mapped = map(result, steps);
    assert.ok(mapped !== undefined && 'next' in mapped, 'it takes steps');
    assert.equal(finished(mapped), undefined);
    assert.deepEqual(textOf(steps).split('\n').sort(), textOf(whole).split('\n').sort());
  }
});

test('limits and mistakes are those of the whole, with the place of the row', () => {
  const rows = rowsOf(10_000);
  const cells = resultRows(rows);
  const limited = mapOf([{ family: 'plain' }], 5_000)({ columns: COLUMNS, rows, cells }, new Samples());
  assert.deepEqual(finished(limited), {
    ok: false,
    reason: 'limit',
    detail: '9090 series, and max_series is 5000',
  });
  const broken = rows.with(8_123, ['name x', 'kind', 'text', '1']);
  const strict = mapOf([{ family: 'plain', onInvalid: 'error' }]);
  const failed = strict({ columns: COLUMNS, rows: broken, cells: resultRows(broken) }, new Samples());
  assert.deepEqual(finished(failed), {
    ok: false,
    reason: 'invalid_value',
    detail: 'row 8124: column "size" holds "text", not a number',
  });
});

test('few rows with much text take steps by their text', () => {
  const rows = Array.from({ length: 100 }, (_, i) => [`name ${i}`, 'x'.repeat(16_000), String(i), '1']);
  const cells = resultRows(rows);
  assert.ok(cells.bytes > 1_600_000);
  const samples = new Samples();
  let mapped = mapOf([{ family: 'plain' }])({ columns: COLUMNS, rows: [], cells }, samples);
  const counts: number[] = [];
  for (; mapped !== undefined && 'next' in mapped; mapped = mapped.next()) counts.push(samples.count);
  assert.equal(mapped, undefined);
  counts.push(samples.count);
  // The row with which half a million letters are passed is the last of a step.
  assert.deepEqual(counts, [33, 66, 99, 100]);
  const little = resultRows(rows.slice(0, 60));
  assert.equal(
    mapOf([{ family: 'plain' }])({ columns: COLUMNS, rows: rows.slice(0, 60), cells: little }, new Samples()),
    undefined,
  );
});

test('rows that a condition chooses are taken in steps too, with their places in the result', () => {
  const rows = Array.from({ length: 30_000 }, (_, i) => [
    `name ${i}`,
    i % 2 === 0 ? 'even' : 'odd',
    String(i),
    '1',
  ]);
  const map = mapOf([{ family: 'plain', when: { column: 'kind', in: ['odd'] }, onInvalid: 'error' }]);
  const samples = new Samples();
  const mapped = map({ columns: COLUMNS, rows: [], cells: resultRows(rows) }, samples);
  assert.ok(mapped !== undefined && 'next' in mapped, 'it takes steps');
  assert.equal(finished(mapped), undefined);
  assert.equal(samples.count, 15_000);
  const broken = rows.with(20_001, ['name x', 'odd', 'text', '1']);
  const failure = finished(map({ columns: COLUMNS, rows: [], cells: resultRows(broken) }, new Samples()));
  assert.match(failure !== undefined && 'detail' in failure ? failure.detail : '', /^row 20002:/);
});

test('a metric without its column costs the others nothing, in steps too', () => {
  const rows = Array.from({ length: 30_000 }, (_, i) => [`name ${i}`, 'odd', '7', '1']);
  const map = mapOf([{ family: 'plain' }, { family: 'lost', value: { kind: 'column', column: 'sise' } }]);
  const samples = new Samples();
  const mapped = map({ columns: COLUMNS, rows: [], cells: resultRows(rows) }, samples);
  assert.ok(mapped !== undefined && 'next' in mapped, 'it takes steps');
  const end = finished(mapped);
  assert.deepEqual(end !== undefined && 'without' in end && end.without.map(({ family }) => family), [
    'lost',
  ]);
  assert.equal(samples.count, 30_000);
});

test('a condition on a column that is extracted chooses no rows of the server', () => {
  const map = mapOf([
    {
      family: 'extracted',
      labels: [],
      extract: {
        column: 'text',
        match: '(?<what>\\w+)=(?<number>\\d+)',
        each: true,
        groups: ['what', 'number'],
      },
      when: { column: 'what', in: ['free'] },
      value: { kind: 'column', column: 'number' },
    },
  ]);
  const rows = [['a', 'used=3 free=4']];
  for (const cells of [undefined, resultRows(rows)]) {
    const samples = new Samples();
    assert.equal(map({ columns: ['id', 'text'], rows, cells }, samples), undefined);
    assert.match(textOf(samples), /^extracted 4$/m);
  }
});
