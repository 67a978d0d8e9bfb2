import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PivotDefinition, PivotRule } from '../../../../src/model/metric.ts';
import { TOO_MUCH } from '../../../../src/query-set/cells/match-work.ts';
import { FamilyTable } from '../../../../src/query-set/family-table.ts';
import { compilePivot } from '../../../../src/query-set/pivot/pivot-map.ts';
import { limitSeries } from '../../../../src/query-set/series-limit.ts';
import { cpuOf } from '../../../support/cpu-time.ts';
import { finished, sinkOf } from '../../../support/sink.ts';

const EVERY_KEY: PivotRule = {
  match: undefined,
  drop: false,
  family: 'm_$0',
  type: 'untyped',
  help: 'Key $0.',
  labels: {},
};

function mapper(pivot: Partial<PivotDefinition>, families = new FamilyTable(), maxSeries = 100) {
  const definition = {
    keyValue: { key: 'k', value: 'v' },
    labels: [],
    keepCase: false,
    rules: [EVERY_KEY],
    infos: [],
    ...pivot,
  };
  const map = limitSeries(compilePivot(definition, families), maxSeries);
  return (columns: readonly string[], rows: readonly (readonly (string | null)[])[]) => {
    const samples: (readonly [string, string, number])[] = [];
    const failure = finished(
      map(
        { columns, rows },
        sinkOf(({ name, type }, labels, value) => samples.push([`${type} ${name}`, labels, value])),
      ),
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

test('keys are changed before they are looked at', () => {
  const edit = { trimPrefix: 'TokuDB ', replace: { '>': '', '+': 'and' } };
  const rows = [
    ['TokuDB cachetable: miss > 10', '1'],
    ['a+b', '2'],
  ];
  assert.deepEqual(mapper({ keyValue: { key: 'k', value: 'v', edit } })(['k', 'v'], rows), [
    ['untyped m_cachetable__miss__10', '', 1],
    ['untyped m_aandb', '', 2],
  ]);
});

test('rows of a key and a value may have labels', () => {
  const labels = [{ column: 'schema', as: 'schema' }];
  const counted: PivotRule = { ...EVERY_KEY, labels: { kind: '$0' }, family: 'm' };
  assert.deepEqual(mapper({ labels, rules: [counted] })(['schema', 'k', 'v'], [['s"', 'A', '1']]), [
    ['untyped m', 'schema="s\\"",kind="a"', 1],
  ]);
  assert.deepEqual(mapper({ labels })(['k', 'v'], []), {
    ok: false,
    reason: 'missing_column',
    detail: 'no column "schema"; the result has "k", "v"',
  });
});

test('a name never begins with a digit', () => {
  const rules: PivotRule[] = [{ ...EVERY_KEY, family: '$0' }];
  assert.deepEqual(mapper({ rules })(['k', 'v'], [['1abc', '1']]), [['untyped _1abc', '', 1]]);
});

test('an empty key is dropped, and one that its match leaves nothing of', () => {
  assert.deepEqual(mapper({})(['k', 'v'], [['', '2']]), []);
  const keyValue = { key: 'k', value: 'v', edit: { match: '^wsrep_(.*)$' } };
  const rows = [
    ['wsrep_ready', '1'],
    ['threads', '2'],
  ];
  assert.deepEqual(mapper({ keyValue })(['k', 'v'], rows), [['untyped m_ready', '', 1]]);
  assert.deepEqual(mapper({ keyValue: undefined })(['', 'a'], [['1', '2']]), [['untyped m_a', '', 2]]);
});

test('a counter is never negative, nor is one that only an alias is', () => {
  const counter: PivotRule = { ...EVERY_KEY, type: 'counter' };
  const rows = [
    ['a', '-1'],
    ['b', '1'],
  ];
  assert.deepEqual(mapper({ rules: [counter] })(['k', 'v'], rows), [['counter m_b', '', 1]]);
  assert.deepEqual(mapper({})(['k', 'v'], [['a', '-1']]), [['untyped m_a', '', -1]]);
  const families = new FamilyTable();
  families.define('old_a', 'counter', 'Defined.');
  assert.deepEqual(mapper({ rules: [{ ...EVERY_KEY, aliases: ['old_$0'] }] }, families)(['k', 'v'], rows), [
    ['untyped m_b', '', 1],
    ['untyped old_b', '', 1],
  ]);
});

/** Would take JavaScript's engine time with the square of a text of digits. */
const SLOW = '(\\d+)x';
const digits = (many: number, length: number) =>
  Array.from({ length: many }, (_, i) => [`${String(i).padStart(6, '1')}${'1'.repeat(length - 6)}`, '1']);

test('keys that were made to take long take no longer than others', async () => {
  const keyValue = { key: 'k', value: 'v', edit: { match: SLOW } };
  const edited = await cpuOf(() => mapper({ keyValue })(['k', 'v'], digits(500, 4096)));
  assert.deepEqual(edited.value, []);
  assert.ok(edited.cpuMs < 500, `${edited.cpuMs} ms of CPU`);
});

test('keys with more text than there is time for are refused, whatever the machine is doing', async () => {
  const rules: PivotRule[] = [
    ...['x', 'y', 'z'].map((end): PivotRule => ({ match: `(\\d+)${end}`, drop: true })),
    EVERY_KEY,
  ];
  const slow = { ok: false, reason: 'limit', detail: `rules: match ${TOO_MUCH}` };
  assert.deepEqual(mapper({ rules })(['k', 'v'], digits(9000, 1024)), slow);
  const columns = digits(9000, 1024).map(([key = '']) => key);
  const { cpuMs, value } = await cpuOf(() => mapper({ rules, keyValue: undefined })(columns, []));
  assert.deepEqual(value, slow);
  assert.ok(cpuMs < 1_000, `${cpuMs} ms of CPU`);
});

test('a key that is too long for a match is refused, not cut', () => {
  const keyValue = { key: 'k', value: 'v', edit: { match: '(\\d+)$' } };
  assert.deepEqual(mapper({ keyValue })(['k', 'v'], digits(1, 4097)), {
    ok: false,
    reason: 'limit',
    detail:
      'column "k": match is for texts of at most 4096 characters, and one has 4097; shorten it in SQL with LEFT()',
  });
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
    detail: '101 series, and max_series is 100',
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
    { family: 'm_info', help: 'I', labels: { version: ['version'], other: ['nowhere'] }, need: ['version'] },
  ];
  const map = mapper({ rules: [{ match: undefined, drop: true }], infos });
  assert.deepEqual(map(['k', 'v'], [['version', '8.4"']]), [
    ['gauge m_info', 'version="8.4\\"",other=""', 1],
  ]);
  assert.deepEqual(map(['k', 'v'], [['version', '']]), []);
  assert.deepEqual(map(['k', 'v'], []), []);
});

test('an info label takes the first of its keys that has a text', () => {
  const infos = [
    {
      family: 'm_isolation',
      help: 'I',
      labels: { level: ['transaction_isolation', 'tx_isolation'] },
      need: ['transaction_isolation', 'tx_isolation'],
    },
    { family: 'm_always', help: 'I', labels: {}, need: [] },
  ];
  const map = mapper({ rules: [{ match: undefined, drop: true }], infos });
  const always = ['gauge m_always', '', 1];
  const newer = ['transaction_isolation', 'SERIALIZABLE'];
  const older = ['tx_isolation', 'READ-COMMITTED'];
  assert.deepEqual(map(['k', 'v'], [older, newer]), [
    ['gauge m_isolation', 'level="SERIALIZABLE"', 1],
    always,
  ]);
  assert.deepEqual(map(['k', 'v'], [['transaction_isolation', ''], older]), [
    ['gauge m_isolation', 'level="READ-COMMITTED"', 1],
    always,
  ]);
  assert.deepEqual(map(['k', 'v'], [['transaction_isolation', null]]), [always]);
});

const REPLICA: PivotRule = {
  ...EVERY_KEY,
  match: '^(?:(replica)|(other))_(.*)$',
  family: 'm_$0',
  aliases: ['m_slave_$3', 'm_$1_$3'],
  labels: { part: '$3' },
};

test('aliases are the same samples, each name once', () => {
  assert.deepEqual(mapper({ rules: [REPLICA] })(['k', 'v'], [['Replica_SQL', '1']]), [
    ['untyped m_replica_sql', 'part="sql"', 1],
    ['untyped m_slave_sql', 'part="sql"', 1],
  ]);
  assert.deepEqual(mapper({ rules: [REPLICA] })(['k', 'v'], [['other_x', '2']]), [
    ['untyped m_other_x', 'part="x"', 2],
    ['untyped m_slave_x', 'part="x"', 2],
    ['untyped m__x', 'part="x"', 2],
  ]);
});

test('aliases of columns, a sample a row', () => {
  const map = mapper({
    keyValue: undefined,
    labels: [{ column: 'channel', as: 'channel' }],
    rules: [{ ...EVERY_KEY, aliases: ['old_$0'] }],
  });
  assert.deepEqual(
    map(
      ['channel', 'lag'],
      [
        ['a', '1'],
        ['b', null],
        ['c', '3'],
      ],
    ),
    [
      ['untyped m_lag', 'channel="a"', 1],
      ['untyped old_lag', 'channel="a"', 1],
      ['untyped m_lag', 'channel="c"', 3],
      ['untyped old_lag', 'channel="c"', 3],
    ],
  );
});

test('an alias that is the name of a metric has its type, and one of the exporter itself is left out', () => {
  const families = new FamilyTable();
  families.define('old_a', 'counter', 'Defined.');
  const rules: PivotRule[] = [{ ...EVERY_KEY, aliases: ['old_$0', 'mysql_$0'] }];
  const rows = [
    ['a', '1'],
    ['up', '2'],
  ];
  assert.deepEqual(mapper({ rules }, families)(['k', 'v'], rows), [
    ['untyped m_a', '', 1],
    ['counter old_a', '', 1],
    ['untyped mysql_a', '', 1],
    ['untyped m_up', '', 2],
    ['untyped old_up', '', 2],
  ]);
});

test('aliases count as series', () => {
  const rules: PivotRule[] = [{ ...EVERY_KEY, aliases: ['old_$0'] }];
  const many = Array.from({ length: 51 }, (_, i) => [`k${i}`, i === 0 ? 'text' : '1']);
  const map = mapper({ rules });
  assert.equal((map(['k', 'v'], many) as readonly unknown[]).length, 100);
  assert.deepEqual(map(['k', 'v'], [...many, ['one more', '1']]), {
    ok: false,
    reason: 'limit',
    detail: '102 series, and max_series is 100',
  });
});

test('a name that stands in a rule has its type whatever a server calls its keys', () => {
  const families = new FamilyTable();
  const [first, second] = [
    mapper({}, families),
    mapper({ rules: [{ ...EVERY_KEY, family: 'm_a', type: 'counter', help: 'Fixed.' }] }, families),
  ];
  assert.deepEqual(first(['k', 'v'], [['a', '1']]), [['counter m_a', '', 1]]);
  assert.deepEqual(second(['k', 'v'], [['b', '2']]), [['counter m_a', '', 2]]);
});

test('one server with endless names takes nothing from other queries, nor from other servers', () => {
  const families = new FamilyTable();
  const names = (prefix: string) => Array.from({ length: 6_000 }, (_, i) => [`${prefix}${i}`, '1']);
  const map = mapper({}, families, 1e9);
  for (const prefix of ['x', 'y', 'z', 'x'])
    assert.equal((map(['k', 'v'], names(prefix)) as readonly unknown[]).length, 6_000);
  assert.deepEqual(map(['k', 'v'], [['honest', '1']]), [['untyped m_honest', '', 1]]);
});

test('what a server answers first gives a name of another server no other type', () => {
  const rules: PivotRule[] = [
    { ...EVERY_KEY, match: '^total_(.*)$', family: 'm_$1', type: 'counter' },
    EVERY_KEY,
  ];
  const map = mapper({ rules });
  assert.deepEqual(map(['k', 'v'], [['total_a', '1']]), [['counter m_a', '', 1]]);
  assert.deepEqual(map(['k', 'v'], [['a', '1']]), [['untyped m_a', '', 1]]);
});

test('no result makes it throw', () => {
  const cell = fc.option(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '$1', '1')));
  const rows = fc.array(fc.tuple(cell, cell), { maxLength: 5 });
  const rules: PivotRule[] = [
    { ...EVERY_KEY, match: '^(.)(.*)$', family: 'm_$2', aliases: ['$0'], labels: { l: '$1' } },
    EVERY_KEY,
  ];
  fc.assert(
    fc.property(rows, (cells) => {
      mapper({ rules })(['k', 'v'], cells);
      mapper({ rules, keyValue: undefined, labels: [{ column: 'k', as: 'k' }] })(['k', '__proto__'], cells);
    }),
  );
});
