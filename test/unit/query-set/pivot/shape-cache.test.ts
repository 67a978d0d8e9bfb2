import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProbeRegistry } from '../../../../src/exposition/probe-registry.ts';
import { Samples } from '../../../../src/exposition/samples.ts';
import type { PivotDefinition, PivotRule } from '../../../../src/model/metric.ts';
import type { RowsMap } from '../../../../src/query-set/compiled.ts';
import { FamilyTable } from '../../../../src/query-set/family-table.ts';
import { compilePivot } from '../../../../src/query-set/pivot/pivot-map.ts';
import { resultRows } from '../../../support/row-packets.ts';
import { finished } from '../../../support/sink.ts';

type Row = readonly [string | null, string | null];

const RULE = { match: undefined, drop: false, type: 'untyped', help: 'Of $0', labels: {} } as const;
const RULES: readonly PivotRule[] = [
  {
    ...RULE,
    match: '^com_(.*)$',
    family: 'commands_total',
    type: 'counter',
    help: 'H',
    labels: { command: '$1' },
  },
  { match: '^drop', drop: true },
  { ...RULE, match: '^scaled', family: 'm_$0', scale: 0.001 },
  { ...RULE, match: '^two', family: 'm_$0', aliases: ['alias_$0'] },
  { ...RULE, family: 'm_$0', parse: 'status' },
];
const PIVOT: PivotDefinition = {
  keyValue: { key: 'k', value: 'v' },
  labels: [],
  keepCase: false,
  rules: RULES,
  infos: [{ family: 'm_info', help: 'I', labels: { version: ['version'] }, need: ['version'] }],
};

/** Maps results one after another: as bytes with one compiled pivot for all, and as texts with another. */
function both(pivot: PivotDefinition = PIVOT) {
  const families = new FamilyTable();
  const [bytes, texts] = [compilePivot(pivot, families), compilePivot(pivot, families)];
  const columns = ['k', 'v'];
  const textOf = (map: RowsMap, result: Parameters<RowsMap>[0]) => {
    const samples = new Samples('text');
    const failure = finished(map(result, samples));
    const registry = new ProbeRegistry();
    registry.add(samples);
    return { text: failure ?? registry.render().text, filled: samples.filled.length };
  };
  return (rows: readonly Row[]) => {
    const cells = resultRows(rows, 2);
    const known = textOf(bytes, {
      columns,
      get rows() {
        return cells.texts;
      },
      cells,
    });
    assert.deepEqual(known.text, textOf(texts, { columns, rows }).text);
    return known;
  };
}

const KEYS = [
  ...Array.from({ length: 20 }, (_, i) => `Key_${i}`),
  ...['Com_select', 'Com_insert', 'Dropped', 'Scaled_ms', 'Two', 'version', 'Über'],
];
const rowsWith = (value: (key: string, i: number) => string | null) =>
  KEYS.map((key, i): Row => [key, value(key, i)]);

test('the third result with the same keys is read without its texts', () => {
  const map = both();
  for (let n = 0; n < 2; n++) assert.equal(map(rowsWith((_, i) => String(i))).filled, 0);
  assert.equal(map(rowsWith((_, i) => String(i))).filled, 1);
  const cells = resultRows(rowsWith((_, i) => String(i * 7)));
  const mapBytes = compilePivot(PIVOT, new FamilyTable());
  const result = (read: () => never | typeof cells.texts) => ({
    columns: ['k', 'v'],
    get rows() {
      return read();
    },
    cells,
  });
  for (let n = 0; n < 2; n++)
    assert.equal(
      mapBytes(
        result(() => cells.texts),
        new Samples(),
      ),
      undefined,
    );
  const again = result(() => assert.fail('the texts of all rows were made'));
  assert.equal(mapBytes(again, new Samples()), undefined);
});

test('known results give what their texts do, whatever changes between them', () => {
  const value = fc.option(
    fc.oneof(
      fc.nat().map(String),
      fc.constantFrom(
        'ON',
        'OFF',
        '',
        'text',
        '007',
        '-3',
        '1.5',
        '123456789012345678',
        '1e5',
        'x'.repeat(100),
      ),
      fc.string(),
    ),
  );
  const result = fc.record({
    keys: fc.constantFrom(
      KEYS,
      KEYS.slice(1),
      KEYS.toReversed(),
      [...KEYS, 'New'],
      [...KEYS, 'Two'],
      KEYS.slice(0, 3),
    ),
    values: fc.array(value, { minLength: 1, maxLength: 40 }),
  });
  fc.assert(
    fc.property(fc.array(result, { minLength: 2, maxLength: 12 }), (results) => {
      const map = both();
      for (const { keys, values } of results) {
        const rows = keys.map((key, i): Row => [key, values[i % values.length] ?? null]);
        for (let n = 0; n < 3; n++) map(rows);
      }
    }),
    { numRuns: 300 },
  );
});

test('a text where a number was, a number where a text was, NULL and other keys are noticed', () => {
  const numbers = rowsWith((_, i) => String(i));
  const changes: readonly ((rows: Row[]) => void)[] = [
    (rows) => rows.splice(3, 1, ['Key_3', 'text']),
    (rows) => rows.splice(3, 1, ['Key_3', null]),
    (rows) => rows.splice(3, 1, ['Key_x', '3']),
    (rows) => rows.splice(3, 1, [null, '3']),
    (rows) => rows.splice(3, 1),
    (rows) => rows.push(['Last', '1']),
  ];
  for (const change of changes) {
    const map = both();
    for (const filled of [0, 0, 1]) assert.equal(map(numbers).filled, filled);
    const rows = [...numbers];
    change(rows);
    assert.equal(map(rows).filled, 0);
    assert.equal(map(numbers).filled, 1, 'the first one is known still');
  }
  const late = rowsWith((key, i) => (key === 'Key_5' ? 'text' : String(i)));
  const mapLate = both();
  for (const filled of [0, 0, 1]) assert.equal(mapLate(late).filled, filled);
  assert.equal(mapLate(numbers).filled, 0, 'Key_5 has become a number');
});

test('texts for labels are read anew each time', () => {
  const map = both();
  const rows = (version: string | null) => rowsWith((key, i) => (key === 'version' ? version : String(i)));
  for (let n = 0; n < 2; n++) map(rows('8.4.0'));
  const { filled, text } = map(rows('9.7.1 "new"'));
  assert.equal(filled, 1);
  assert.match(String(text), /^m_info\{version="9\.7\.1 \\"new\\""\} 1$/m);
});

test('results of many kinds, and of ever new ones, are told apart', () => {
  const map = both();
  for (let round = 0; round < 3; round++)
    for (let kind = 0; kind < 40; kind++) map(rowsWith((_, i) => String(i)).concat([[`Kind_${kind}`, '1']]));
});

test('a server that answers other keys each time takes nothing from the others', () => {
  const map = both();
  const honest = (n: number) => rowsWith((_, i) => String(i + n));
  const rogue = (n: number) => rowsWith((_, i) => String(i)).concat([[`Rogue_${n}`, '1']]);
  for (let n = 0; n < 40; n++) map(rogue(n));
  for (const filled of [0, 0, 1]) assert.equal(map(honest(filled)).filled, filled);
  for (let n = 40; n < 200; n++) {
    map(rogue(n));
    map(rogue(n));
    assert.equal(map(honest(n)).filled, 1);
  }
});

test('a series that is there twice is dropped as ever', () => {
  const map = both();
  const twice: readonly Row[] = [...rowsWith((_, i) => String(i)), ['Key_1', '99']];
  for (let i = 0; i < 5; i++) assert.equal(map(twice).filled, 0);
});

test('one name with two types stands under one HELP and TYPE', () => {
  const rules: readonly PivotRule[] = [
    { ...RULE, match: '^total_(.*)$', family: 'm_$1', type: 'counter' },
    { ...RULE, family: 'm_$0' },
  ];
  const map = both({ ...PIVOT, rules });
  const rows: readonly Row[] = [
    ...rowsWith((_, i) => String(i)),
    ['Total_key_1', '99'],
    ['Total_x', '1'],
    ['X', '2'],
  ];
  for (let n = 0; n < 4; n++) {
    const { filled, text } = map(rows);
    assert.equal(filled, 0);
    assert.equal(String(text).match(/^# TYPE m_x /gm)?.length, 1);
  }
});

test('what is remembered has bounds: many rows and long keys are read as ever', () => {
  const long: readonly Row[] = Array.from({ length: 600 }, (_, i) => [`${'k'.repeat(500)}_${i}`, '1']);
  const many: readonly Row[] = Array.from({ length: 5_000 }, (_, i) => [`Key_${i}`, '1']);
  for (const rows of [long, many]) {
    const map = both();
    for (let i = 0; i < 4; i++) assert.equal(map(rows).filled, 0);
  }
});
