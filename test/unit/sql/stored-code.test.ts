import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayChangeSession } from '../../../src/sql/stored-code.ts';

const statements: readonly [sql: string, may: boolean][] = [
  ['SELECT 1', false],
  ['SELECT COUNT(*) FROM shop.orders', false],
  ['SELECT a.b FROM a.b WHERE (1)', false],
  ['SELECT sys.format_bytes(1)', false],
  ["SELECT 'shop.total(1)'", false],
  ['SELECT 1 /* shop.total(1) */', false],
  ['CALL shop.stock()', true],
  ['(CALL shop.stock())', true],
  ['SELECT shop.total(1)', true],
  ['SELECT shop . total (1)', true],
  ['SELECT `shop`.`total`(1)', true],
  ["SELECT get_lock('a', 1)", true],
  ["SELECT 1 /*! + GET_LOCK('a', 1) */", true],
  ['SELECT get_lock FROM t', false],
];
for (const [sql, may] of statements)
  test(`${sql}: ${may ? 'its session ends with it' : 'its session goes on'}`, () => {
    assert.equal(mayChangeSession(sql), may);
  });
