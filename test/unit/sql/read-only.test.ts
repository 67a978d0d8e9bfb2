import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkStatement } from '../../../src/sql/read-only.ts';

const says = (sql: string): string => {
  const checked = checkStatement(sql);
  return checked.ok ? 'ok' : checked.message.replace(/^the query /, '');
};

const GOOD = [
  'SELECT 1',
  ' select 1 ; -- the end',
  'SELECT \';\' AS a, "; DROP TABLE t" AS b, `;` FROM t # ; DROP',
  "SELECT 'it''s', 'it\\'s; DROP', `a``b` FROM t",
  '/* what for */ -- why\n# how\n(SELECT 1) UNION (SELECT 2)',
  'SELECT 1--1',
  'SELECT t.into, t.update, @into FROM t',
  "SELECT 'FOR UPDATE', `FOR` UPDATE",
  'SELECT REPLACE(a, b, c), INSERT(a, 1, 2, c) FROM t',
  'SELECT * FROM t FORCE INDEX FOR JOIN (i)',
  'SELECT /*+ MAX_EXECUTION_TIME(1000) */ /*! SQL_NO_CACHE */ 1',
  '/*M!100300 SET STATEMENT lock_wait_timeout=0 FOR */ SELECT 1',
  'SET STATEMENT lock_wait_timeout = 1 FOR WITH a AS (SELECT 1) TABLE a',
  'SHOW GLOBAL STATUS',
  'show slave status',
  'WITH a AS (SELECT 1) SELECT * FROM a',
  'WITH RECURSIVE a (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a) (SELECT REPLACE(n, 1, 2) FROM a)',
  'WITH a AS (SELECT 1) TABLE a',
  'EXPLAIN SELECT REPLACE(a, b, c) FROM t',
  'EXPLAIN FORMAT=JSON WITH a AS (SELECT 1) SELECT * FROM a',
  'EXPLAIN FOR CONNECTION 5',
  'EXPLAIN ANALYZE SELECT 1',
  'DESCRIBE t.update',
  'DESC `update`',
  'DESCRIBE t',
  'DESC t',
  'TABLE t',
  'VALUES ROW(1)',
] as const;
for (const sql of GOOD) test(`a read: ${sql}`, () => assert.equal(says(sql), 'ok'));

const BEGINNINGS = 'write one that begins with SELECT, SHOW, WITH, EXPLAIN, DESCRIBE, TABLE or VALUES';
const EXPLAINS_UPDATE =
  'explains UPDATE, which no server does in a read-only session: explain a SELECT with the same conditions';
const BAD: [sql: string, message: string][] = [
  ['', `has no statement: ${BEGINNINGS}`],
  ['-- SELECT 1', `has no statement: ${BEGINNINGS}`],
  [';', `has no statement: ${BEGINNINGS}`],
  ['SELECT 1;;', 'has two ";" at its end: remove one'],
  ['SELECT 1; SELECT 2', 'has a second statement (SELECT ...) behind ";": make it a query of its own'],
  [
    'SELECT 1 /*! ; DROP TABLE t */',
    'has a second statement (DROP ...) behind ";": make it a query of its own',
  ],
  ['SELEC 1', 'begins with SELEC, which is no statement that reads: did you mean SELECT?'],
  ['UPDATE t SET a = 1', `begins with UPDATE, which is no statement that reads: ${BEGINNINGS}`],
  ['/*!50000 DROP TABLE t */', `begins with DROP, which is no statement that reads: ${BEGINNINGS}`],
  ['/*M!100100 SET @a = 1 */', `begins with SET, which is no statement that reads: ${BEGINNINGS}`],
  ...[
    'SET STATEMENT lock_wait_timeout=0 FOR',
    'SET STATEMENT lock_wait_timeout=0 FOR CALL p()',
    'SET STATEMENT lock_wait_timeout=0 FOR (CALL p())',
    'SET STATEMENT lock_wait_timeout=0 FOR SET STATEMENT lock_wait_timeout=0 FOR SELECT 1',
    'SET STATEMENT lock_wait_timeout=0, sql_mode=DEFAULT FOR SELECT 1',
    'SET STATEMENT max_statement_time=0 FOR SELECT 1',
    'SET STATEMENT lock_wait_timeout=(SELECT 1) FOR SELECT 1',
  ].map((sql): [string, string] => [sql, `begins with SET, which is no statement that reads: ${BEGINNINGS}`]),
  [
    'SET STATEMENT lock_wait_timeout=0 FOR WITH a AS (SELECT 1) DELETE FROM t',
    'leads from WITH to DELETE, which writes: only reads are allowed',
  ],
  ["'SELECT 1'", `begins with 'SELECT 1', which is no statement that reads: ${BEGINNINGS}`],
  ['ANALYZE SELECT 1', `begins with ANALYZE, which is no statement that reads: ${BEGINNINGS}`],
  ['CALL sys.p()', 'begins with CALL: set allow_call: true if the procedure only reads'],
  ['WITH a AS (SELECT 1) DELETE FROM t', 'leads from WITH to DELETE, which writes: only reads are allowed'],
  ['WITH a AS (SELECT 1)', 'has no SELECT behind WITH: add one that reads from the names that WITH defines'],
  ['EXPLAIN ANALYZE UPDATE t SET a = 1', EXPLAINS_UPDATE],
  ['EXPLAIN UPDATE t SET a = 1', EXPLAINS_UPDATE],
  ['desc format=json update t set a = 1', EXPLAINS_UPDATE],
  ['EXPLAIN SHOW TABLES', 'explains SHOW, which no server does: explain a SELECT'],
  [
    'EXPLAIN ANALYZE WITH a AS (SELECT 1) UPDATE t SET a = 1',
    'leads from WITH to UPDATE, which writes: only reads are allowed',
  ],
  ["SELECT 1 INTO OUTFILE '/tmp/x'", 'has INTO OUTFILE, which writes a file on the server: remove it'],
  ["SELECT 1 INTO /* x */ dumpfile 'x'", 'has INTO DUMPFILE, which writes a file on the server: remove it'],
  [
    'SELECT 1 INTO @a',
    'has INTO @variable, which keeps the result on the server: remove it, so that rows come back',
  ],
  ['SELECT 1 FROM t FOR UPDATE', 'has FOR UPDATE, which locks rows that others need: remove it'],
  ['SELECT 1 FROM t FOR SHARE SKIP LOCKED', 'has FOR SHARE, which locks rows that others need: remove it'],
  [
    'SELECT 1 FROM t LOCK IN SHARE MODE',
    'has LOCK IN SHARE MODE, which locks rows that others need: remove it',
  ],
  [
    "SELECT 'a",
    "has a text that begins with ' and has no end: add the closing '; a ' inside of it is written twice",
  ],
  [
    'SELECT "a',
    'has a text that begins with " and has no end: add the closing "; a " inside of it is written twice',
  ],
  ['SELECT `a\\`', 'ok'],
  ['SELECT `a', 'has a name that begins with ` and has no end: add the closing `'],
  ['SELECT 1 /* x', 'has a comment that begins with /* and has no end: add */'],
  ['SELECT /*! 1', 'has a comment that begins with /* and has no end: add */'],
  [
    "SELECT 1 /*M! ' */ INTO OUTFILE 'x' /*M! ' */",
    'has a comment that begins with /* and has no end: add */',
  ],
];
for (const [sql, message] of BAD) test(`not a read: ${sql}`, () => assert.equal(says(sql), message));

test('what is quoted or a comment never counts', () => {
  const words = fc
    .array(fc.constantFrom('; DROP TABLE t', ' FOR UPDATE', " INTO OUTFILE 'x'", '*', '#', '--', 'é', '$'))
    .map((parts) => parts.join(''));
  const hidden = fc.oneof(
    words.map((text) => `'${text.replaceAll("'", "''")}'`),
    words.map((text) => `'${text.replaceAll("'", "\\'")}'`),
    words.map((text) => `"${text}"`),
    words.map((text) => `\`${text}\``),
    words.map((text) => `1 /* ${text} */`),
    words.map((text) => `1 -- ${text}\n`),
    words.map((text) => `1 # ${text}\n`),
  );
  fc.assert(
    fc.property(fc.array(hidden, { minLength: 1 }), (parts) => {
      assert.equal(says(`SELECT ${parts.join(', ')}`), 'ok');
    }),
    { numRuns: 500 },
  );
});
