import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PARSERS, type Parser } from '../../../../src/model/metric.ts';
import { compileReading } from '../../../../src/query-set/cells/reading.ts';

const utc = (...parts: readonly [number, number, number, number?, number?, number?]) =>
  Date.UTC(parts[0], parts[1] - 1, ...(parts.slice(2) as [number])) / 1000;

const cases: readonly (readonly [Parser, string, number | undefined])[] = [
  ['number', '12', 12],
  ['number', 'twelve', undefined],
  // The status rule of mysqld_exporter, step by step.
  ...['yes', 'YES', 'on', 'On', 'primary', 'Primary'].map((word) => ['status', word, 1] as const),
  ...['no', 'No', 'off', 'OFF', 'disabled', 'connecting', 'Connecting', 'non-primary', 'disconnected'].map(
    (word) => ['status', word, 0] as const,
  ),
  ['status', 'May  5 12:00:00 2030 GMT', utc(2030, 5, 5, 12)],
  ['status', 'May 15 01:02:03 2030 GMT', utc(2030, 5, 15, 1, 2, 3)],
  ['status', 'may 5 12:00:00 2030 CEST', utc(2030, 5, 5, 12)],
  ['status', 'Foo  5 12:00:00 2030 GMT', undefined],
  ['status', 'Apr 31 12:00:00 2030 GMT', undefined],
  ['status', '2026-11-23 01:02:03', utc(2026, 11, 23, 1, 2, 3)],
  ['status', '2026-11-23 01:02:03.987', utc(2026, 11, 23, 1, 2, 3)],
  ['status', '2026-11-23', undefined],
  ['status', '0000-00-00 00:00:00', undefined],
  ['status', '42', 42],
  ['status', '-1.5', -1.5],
  ['status', '+3', 3],
  ['status', '1e3', 1000],
  ['status', '1E400', undefined],
  ...[
    '',
    'TRUE',
    'FALSE',
    'ENABLED',
    'None',
    'NULL',
    '8.4.3',
    'binlog.000123',
    '10.0.0.1',
    '0x10',
    '1_000',
    'inf',
    'NaN',
    ' 1',
    '3E11FA47-71CA-11E1-9E33-C80AA9429562:1-5',
  ].map((text) => ['status', text, undefined] as const),
  ['yes_no', 'Y', 1],
  ['yes_no', 'true', 1],
  ['yes_no', 'NO', 0],
  ['yes_no', '0', 0],
  ['yes_no', '2', undefined],
  ['yes_no', 'maybe', undefined],
  ...['Yes', 'ON', 'Primary', '1'].map((word) => ['is_on', word, 1] as const),
  // A word of a later server, and none at all, are no reason for silence.
  ...['No', 'Connecting', 'Preparing', 'non-Primary', 'Disconnected', 'Broken', '', '2'].map(
    (word) => ['is_on', word, 0] as const,
  ),
  ['datetime', '1970-01-01 00:00:00', 0],
  ['datetime', '2026-11-23 01:02:03.5', utc(2026, 11, 23, 1, 2, 3) + 0.5],
  ['datetime', '2026-11-23T01:02:03', utc(2026, 11, 23, 1, 2, 3)],
  ['datetime', '2026-11-23', utc(2026, 11, 23)],
  ['datetime', '0000-00-00 00:00:00', 0],
  ['datetime', '2026-02-29', undefined],
  ['datetime', '2026-11-23 24:00:00', undefined],
  ['datetime', 'yesterday', undefined],
  ['size', '128M', 128 * 2 ** 20],
  ['size', '1.5g', 1.5 * 2 ** 30],
  ['size', '512 KB', 512 * 2 ** 10],
  ['size', '2TiB', 2 * 2 ** 40],
  ['size', '1024', 1024],
  ['size', '12 apples', undefined],
  ['size', 'M', undefined],
];

for (const [parse, text, expected] of cases) {
  test(`${parse}: ${JSON.stringify(text)} is ${expected}`, () =>
    assert.equal(compileReading({ parse })(text), expected));
}

test('every parser has a case of a number, and one of no number but for is_on, which knows none', () => {
  for (const parser of PARSERS)
    for (const isNumber of [true, false])
      assert.equal(
        cases.some(([parse, , expected]) => parse === parser && (expected !== undefined) === isNumber),
        isNumber || parser !== 'is_on',
        parser,
      );
});

test('no text makes a parser throw or give what is not finite', () => {
  const text = fc.oneof(
    fc.string(),
    fc.stringMatching(/^[\d :.T-]{0,25}$/),
    fc.stringMatching(/^\d{1,400}[kmgt]?$/),
  );
  for (const parse of PARSERS) {
    const read = compileReading({ parse });
    fc.assert(
      fc.property(text, (cell) => {
        const value = read(cell);
        assert.ok(value === undefined || Number.isFinite(value));
      }),
    );
  }
});

test('every moment to the second comes back from its text', () => {
  const read = compileReading({ parse: 'datetime' });
  const moment = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(moment, (date) => {
      const text = date.toISOString().slice(0, 19).replace('T', ' ');
      assert.equal(read(text), Math.floor(date.getTime() / 1000));
    }),
  );
});

test('a scale divides where that is exact, as mysqld_exporter does', () => {
  const read = compileReading({ scale: 1e-12 });
  fc.assert(fc.property(fc.maxSafeNat(), (n) => assert.equal(read(String(n)), n / 1e12)));
});
