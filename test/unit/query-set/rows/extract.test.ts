import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MetricDefinition } from '../../../../src/model/metric.ts';
import { TOO_MUCH } from '../../../../src/query-set/cells/match-work.ts';
import { compileRowMap } from '../../../../src/query-set/rows/row-map.ts';
import { limitSeries } from '../../../../src/query-set/series-limit.ts';
import { cpuOf } from '../../../support/cpu-time.ts';
import { sinkOf } from '../../../support/sink.ts';

type Cells = readonly (readonly (string | null)[])[];

const METRIC: MetricDefinition = {
  family: 'position',
  type: 'gauge',
  help: 'Position',
  labels: [
    { column: 'domain', as: 'domain' },
    { column: 'name', as: 'name' },
  ],
  staticLabels: {},
  value: { kind: 'column', column: 'sequence' },
  onNull: 'skip',
};
const GTID = {
  column: 'position',
  match: '(?:^|,)(?<domain>\\d+)-(?<server>\\d+)-(?<sequence>\\d+)(?=,|$)',
  groups: ['domain', 'server', 'sequence'],
};

function map(metric: Partial<MetricDefinition>, columns: readonly string[], rows: Cells, maxSeries = 100) {
  const definition = { ...METRIC, ...metric };
  const samples: [string, number][] = [];
  const family = { name: definition.family, type: 'gauge', help: definition.help } as const;
  const mapRows = limitSeries(compileRowMap([{ definition, families: [family] }]), maxSeries);
  const failure = mapRows(
    { columns, rows },
    sinkOf((_family, labels, value) => samples.push([labels, value])),
  );
  return failure === undefined ? samples : failure;
}

test('a row for each match, none without one', () => {
  const rows = [
    ['a', '0-1-100,2-7-18446744073709551615,x-1-2,3-4'],
    ['b', ''],
    ['c', null],
    ['d', '5-5-5'],
  ];
  assert.deepEqual(map({ extract: { ...GTID, each: true } }, ['name', 'position'], rows), [
    ['domain="0",name="a"', 100],
    ['domain="2",name="a"', 18446744073709552000],
    ['domain="5",name="d"', 5],
  ]);
});

test('the first match only, and NULL without one', () => {
  const rows = [
    ['a', '0-1-100,2-7-8'],
    ['b', 'nothing'],
  ];
  const extract = { ...GTID, each: false };
  assert.deepEqual(map({ extract, onNull: 'zero' }, ['name', 'position'], rows), [
    ['domain="0",name="a"', 100],
    ['domain="",name="b"', 0],
  ]);
  assert.deepEqual(map({ extract }, ['name', 'position'], rows), [['domain="0",name="a"', 100]]);
});

test('line by line, so that ^ and $ are those of a line', () => {
  const status = '=====\nROW OPERATIONS\n3 queries inside InnoDB, 4 queries in queue\n5 read views open\n';
  const extract = {
    column: 'status',
    match: '^(?<inside>\\d+) queries inside InnoDB, (?<queue>\\d+) queries',
    groups: ['inside', 'queue'],
    each: false,
  };
  const metric = { extract, labels: [], value: { kind: 'column', column: 'queue' } } as const;
  assert.deepEqual(map(metric, ['status'], [[status]]), [['', 4]]);
});

test('a condition on a column chooses the rows, one on a group the matches', () => {
  const rows = [
    ['a', '1-1-1,2-2-2'],
    ['b', '3-3-3'],
  ];
  const extract = { ...GTID, each: true };
  assert.deepEqual(map({ extract, when: { column: 'name', in: ['b'] } }, ['name', 'position'], rows), [
    ['domain="3",name="b"', 3],
  ]);
  assert.deepEqual(map({ extract, when: { column: 'domain', notIn: ['1'] } }, ['name', 'position'], rows), [
    ['domain="2",name="a"', 2],
    ['domain="3",name="b"', 3],
  ]);
});

test('the cell must be there', () => {
  assert.deepEqual(map({ extract: { ...GTID, each: true } }, ['name'], []), {
    ok: false,
    reason: 'missing_column',
    detail: 'no column "position"; the result has "name", and extract gives "domain", "server", "sequence"',
  });
});

test('the groups stand in the message when a name is no column', () => {
  const value = { kind: 'column', column: 'seqence' } as const;
  const rows = [['a', '0-1-100']];
  assert.deepEqual(map({ extract: { ...GTID, each: true }, value }, ['name', 'position'], rows), {
    ok: false,
    reason: 'missing_column',
    detail:
      'no column "seqence"; the result has "name", "position", and extract gives "domain", "server", "sequence"',
  });
});

test('a group is found without regard to case, as a column is', () => {
  const metric = {
    extract: { ...GTID, each: true },
    labels: [{ column: 'DOMAIN', as: 'domain' }],
    value: { kind: 'column', column: 'Sequence' },
    when: { column: 'Server', in: ['1'] },
  } as const;
  assert.deepEqual(map(metric, ['position'], [['0-1-100,2-7-8']]), [['domain="0"', 100]]);
});

test('a number behind the 4096th character of a line is whole', () => {
  const line = `${'x'.repeat(4094)},0-1-123456789`;
  assert.deepEqual(map({ extract: { ...GTID, each: true }, labels: [] }, ['position'], [[line]]), [
    ['', 123456789],
  ]);
});

test('a line that is too long is refused, not cut, unless the match stands before it', () => {
  const long = `${'x'.repeat(16_384)}1`;
  const extract = { ...GTID, each: false };
  assert.deepEqual(map({ extract, labels: [] }, ['position'], [[`0-1-7\n${long}`]]), [['', 7]]);
  assert.deepEqual(map({ extract, labels: [] }, ['position'], [[long]]), {
    ok: false,
    reason: 'limit',
    detail: 'column "position": extract is for lines of at most 16384 characters, and one has 16385',
  });
});

test('rows that a condition on a group leaves out are no series', () => {
  const position = Array.from({ length: 101 }, (_, i) => `${i}-1-1`).join();
  const metric = { extract: { ...GTID, each: true }, when: { column: 'domain', in: ['5'] } } as const;
  assert.deepEqual(map(metric, ['name', 'position'], [['a', position]]), [['domain="5",name="a"', 1]]);
});

test('a count of matches is 0 when the text was read and has none', () => {
  const metric = {
    extract: { ...GTID, each: true },
    labels: [],
    value: { kind: 'static', value: 1 },
    group: 'count',
  } as const;
  assert.deepEqual(map(metric, ['position'], [['nothing']]), [['', 0]]);
  assert.deepEqual(map(metric, ['position'], []), []);
});

test('matches count against max_series', () => {
  const rows = [['a', Array.from({ length: 101 }, (_, i) => `${i}-1-1`).join()]];
  assert.deepEqual(map({ extract: { ...GTID, each: true } }, ['name', 'position'], rows), {
    ok: false,
    reason: 'limit',
    detail: '101 series, and max_series is 100',
  });
});

for (const each of [true, false])
  test(`a text that was written to take long takes no longer than others, each: ${each}`, async () => {
    const evil = Array.from({ length: 1000 }, () => '1'.repeat(4096)).join('\n');
    const extract = { column: 'position', match: '(?<sequence>\\d+)x', groups: ['sequence'], each };
    const { cpuMs, value } = await cpuOf(() => map({ extract, labels: [] }, ['position'], [[evil]]));
    assert.deepEqual(value, []);
    assert.ok(cpuMs < 500, `${cpuMs} ms of CPU`);
  });

test('more text than there is time for is refused', () => {
  const text = Array.from({ length: 1000 }, () => '1'.repeat(16_384)).join('\n');
  const extract = { column: 'position', match: '^(?<sequence>\\d+)x', groups: ['sequence'], each: false };
  assert.deepEqual(map({ extract, labels: [] }, ['position'], [[text]]), {
    ok: false,
    reason: 'limit',
    detail: `column "position": extract ${TOO_MUCH}`,
  });
});

test('a report of a megabyte is read', () => {
  const report = `${'TRANSACTION 1, ACTIVE 3 sec updating'.repeat(30)}\n`.repeat(1000);
  const extract = {
    column: 'report',
    match: '(?<waiting>\\d+) queries in queue',
    groups: ['waiting'],
    each: false,
  };
  const metric = { extract, labels: [], value: { kind: 'column', column: 'waiting' } } as const;
  assert.deepEqual(map(metric, ['report'], [[`${report}3 queries inside InnoDB, 4 queries in queue\n`]]), [
    ['', 4],
  ]);
});

test('no cell makes it throw', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.option(fc.string({ unit: 'binary' })))), (rows) => {
      for (const each of [true, false]) map({ extract: { ...GTID, each } }, ['name', 'position'], rows);
    }),
  );
});
