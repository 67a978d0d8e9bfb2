import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountText, parseAccount } from '../../../src/grants/account.ts';

const cases: [written: string, sql: string | undefined][] = [
  ['exporter', "'exporter'@'%'"],
  ['exporter@10.0.0.%', "'exporter'@'10.0.0.%'"],
  ["'exporter'@'%'", "'exporter'@'%'"],
  ['`exporter`@localhost', "'exporter'@'localhost'"],
  ['"exporter"@"::1"', "'exporter'@'::1'"],
  ['a@b@c', "'a@b'@'c'"],
  ["'it''s'@'%'", "'it''s'@'%'"],
  ['"a""b"', "'a\"b'@'%'"],
  ["it's@%", undefined],
  ["'a'; DROP USER x; -- '@'%'", undefined],
  ['', undefined],
  ['@%', undefined],
  ['a@', undefined],
];
for (const [written, sql] of cases)
  test(`${written} is ${sql ?? 'no account'}`, () => {
    const account = parseAccount(written);
    assert.equal(account && accountText(account), sql);
  });
