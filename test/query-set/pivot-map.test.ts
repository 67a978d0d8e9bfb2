import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PivotDefinition, PivotRule } from '../../src/config/config.ts';
import { FamilyTable } from '../../src/query-set/family-table.ts';
import { compilePivot } from '../../src/query-set/pivot-map.ts';

const EVERY_KEY: PivotRule = {
  match: undefined,
  drop: false,
  family: 'm_$0',
  type: 'untyped',
  help: 'Key $0.',
  labels: {},
};

function mapper(pivot: Partial<PivotDefinition>, families = new FamilyTable(), maxSeries = 100) {
  const map = compilePivot(
    {
      keyValue: { key: 'k', value: 'v' },
      labels: [],
      keepCase: false,
      rules: [EVERY_KEY],
      infos: [],
      ...pivot,
    },
    families,
    maxSeries,
  );
  return (columns: readonly string[], rows: readonly (readonly (string | null)[])[]) => {
    const samples: (readonly [string, string, number])[] = [];
    const failure = map(
      { columns, rows },
      { sample: ({ name, type }, labels, value) => void samples.push([`${type} ${name}`, labels, value]) },
    );
    return failure ?? samples;
  };
}

test('names are made of what a name may hold', () => {
  const rows = [
    ['Threads_connected', '1'],
    ['validate_password.length', '2'],
    ['ü-x y', '3'],
  ];
  assert.deepEqual(mapper({})(['k', 'v'], rows), [
    ['untyped m_threads_connected', '', 1],
    ['untyped m_validate_password_length', '', 2],
    ['untyped m___x_y', '', 3],
  ]);
  assert.deepEqual(mapper({ keepCase: true })(['k', 'v'], [['buffer_LRU', '1']]), [
    ['untyped m_buffer_LRU', '', 1],
  ]);
});

test('a name never begins with a digit, and is never empty', () => {
  const rows = [
    ['1abc', '1'],
    ['', '2'],
  ];
  assert.deepEqual(mapper({ rules: [{ ...EVERY_KEY, family: '$0' }] })(['k', 'v'], rows), [
    ['untyped _1abc', '', 1],
    ['untyped _', '', 2],
  ]);
});

test('what holds no number is left out without a word', () => {
  assert.deepEqual(
    mapper({})(
      ['K', 'V'],
      [
        ['a', 'text'],
        ['b', null],
        [null, '1'],
        ['c', ''],
      ],
    ),
    [],
  );
});

test('a missing column is a failure all the same', () => {
  assert.deepEqual(mapper({})(['k', 'w'], []), {
    ok: false,
    reason: 'missing_column',
    detail: 'no column "v"; the result has "k", "w"',
  });
});

test('more cells than series are allowed', () => {
  const many = Array.from({ length: 101 }, (_, i) => [`k${i}`, '1']);
  assert.deepEqual(mapper({})(['k', 'v'], many), {
    ok: false,
    reason: 'limit',
    detail: 'up to 101 series, and max_series is 100',
  });
});

test('a name of the exporter itself is not taken from a server', () => {
  const up: PivotRule = { ...EVERY_KEY, family: 'mysql_$0' };
  assert.deepEqual(
    mapper({ rules: [up] })(
      ['k', 'v'],
      [
        ['up', '0'],
        ['down', '1'],
      ],
    ),
    [['untyped mysql_down', '', 1]],
  );
});

test('a name that was defined keeps its type', () => {
  const families = new FamilyTable();
  families.define('m_a', 'counter', 'Defined.');
  assert.deepEqual(mapper({}, families)(['k', 'v'], [['a', '1']]), [['counter m_a', '', 1]]);
});

test('a million keys are not remembered for ever, and each is still right', () => {
  const map = mapper({ rules: [{ ...EVERY_KEY, family: 'm', labels: { key: '$0' } }] }, undefined, 1e9);
  for (let block = 0; block < 3; block++) {
    const rows = Array.from({ length: 9_000 }, (_, i) => [`k${block}_${i}`, String(i)]);
    const samples = map(['k', 'v'], rows);
    assert.ok(Array.isArray(samples));
    assert.equal(samples.length, 9_000);
    assert.deepEqual(samples[17], ['untyped m', `key="k${block}_17"`, 17]);
  }
});

test('an info series needs its key', () => {
  const infos = [
    { family: 'm_info', help: 'I', labels: { version: 'version', other: 'nowhere' }, need: 'version' },
  ];
  const map = mapper({ rules: [{ match: undefined, drop: true }], infos });
  assert.deepEqual(map(['k', 'v'], [['version', '8.4"']]), [
    ['gauge m_info', 'version="8.4\\"",other=""', 1],
  ]);
  assert.deepEqual(map(['k', 'v'], [['version', '']]), []);
  assert.deepEqual(map(['k', 'v'], []), []);
});

test('no result makes it throw', () => {
  const cell = fc.option(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '$1', '1')));
  const rows = fc.array(fc.tuple(cell, cell), { maxLength: 5 });
  const rules: PivotRule[] = [
    { ...EVERY_KEY, match: '^(.)(.*)$', family: 'm_$2', labels: { l: '$1' } },
    EVERY_KEY,
  ];
  fc.assert(
    fc.property(rows, (cells) => {
      mapper({ rules })(['k', 'v'], cells);
      mapper({ rules, keyValue: undefined, labels: [{ column: 'k', as: 'k' }] })(['k', '__proto__'], cells);
    }),
  );
});
