/** Where a statement comes from: the query itself, a file, another query; and what is said when it does not. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readSqlFile } from '../../../../src/config/query-file/sql-file.ts';
import { load } from '../../../support/config-folder.ts';

/** A configuration with these query files and what they name. */
const loadWith = (files: Files) => {
  const sets = Object.keys(files).filter((name) => name.endsWith('.yml'));
  return load({
    'targets.yml': `query_files: [${sets.join(', ')}]\ntargets: {a: {address: h, user: u, query_sets: [s]}}\n`,
    ...files,
  });
};
const METRICS = 'metrics: {long: {type: gauge, description: D, value: v}}';

/** A set whose queries have these keys, a line each. */
const set = (queries: Readonly<Record<string, string>>, more = '') =>
  `query_sets:\n  s:\n${more}    queries:\n${Object.entries(queries)
    .map(
      ([name, keys]) =>
        `      ${name}: {${keys}, metrics: {rows${name}: {type: gauge, description: D, value: v}}}\n`,
    )
    .join('')}`;

type Files = Readonly<Record<string, string>>;

/** The queries of the set, or what was found. */
async function queriesOf(files: Files) {
  const { lines, path, result } = await loadWith(files);
  if (!result.ok || lines.length > 0) throw new Error(lines.join('\n'));
  const queries = result.config.querySets.get('s')?.queries ?? [];
  return Object.fromEntries(
    queries.map(({ allowCall, name, sql, sqlFile, variants }) => [
      name,
      {
        sql,
        ...(sqlFile && { file: sqlFile.replace(`${path}/`, '') }),
        ...(allowCall && { allowCall }),
        ...(variants && { variants: variants.map((one) => [one.when?.flavour, one.sql]) }),
      },
    ]),
  );
}

test('a statement from a file beside the query file, without the space around it', async () => {
  const queries = await queriesOf({
    'sets/q.yml': set({ a: 'query_file: sql/a.sql', b: 'query_file: ../b.sql' }),
    'sets/sql/a.sql': '\ufeff-- why\nSELECT 1 AS v;\n\n',
    'b.sql': "SELECT 'ö' AS v\r\n",
  });
  assert.deepEqual(queries, {
    a: { sql: '-- why\nSELECT 1 AS v;', file: 'sets/sql/a.sql' },
    b: { sql: "SELECT 'ö' AS v", file: 'b.sql' },
  });
});

test('a statement from a file in the short form and in variants', async () => {
  const queries = await queriesOf({
    'q.yml': `query_sets:
  s:
    metrics:
      short: {query_file: a.sql, type: gauge, description: D, value: v}
    queries:
      long:
        variants: [{when: {flavour: mysql}, query_file: a.sql}, {query: SELECT 2 AS v}]
        ${METRICS}
`,
    'a.sql': 'SELECT 1 AS v',
  });
  assert.deepEqual(queries, {
    long: {
      sql: 'SELECT 1 AS v',
      file: 'a.sql',
      variants: [
        ['mysql', 'SELECT 1 AS v'],
        [undefined, 'SELECT 2 AS v'],
      ],
    },
    short: { sql: 'SELECT 1 AS v', file: 'a.sql' },
  });
});

test('a reference takes statement or variants, and nothing else', async () => {
  const { result } = await loadWith({
    'q.yml': set({
      one: 'query: SELECT 1 AS v, timeout: 1s, min_interval: 1m, ignore_errors: [1146], requires: {flavour: mysql}',
      two: 'query_ref: one',
    }),
  });
  assert.ok(result.ok);
  const [, two] = result.config.querySets.get('s')?.queries ?? [];
  assert.deepEqual(
    [two?.sql, two?.timeoutMs, two?.minIntervalMs, two?.ignoreErrors, two?.requires],
    ['SELECT 1 AS v', undefined, undefined, undefined, undefined],
  );
});

test('references to what stands later, in the short form, in a file, switched off', async () => {
  const queries = await queriesOf({
    'q.yml': `query_sets:
  s:
    metrics:
      short: {query_ref: off, type: gauge, description: D, value: v}
      plain: {query: SELECT 2 AS v, type: gauge, description: D, value: v}
    queries:
      early: {query_ref: late, metrics: {one: {type: gauge, description: D, value: v}}}
      late: {query_file: a.sql, metrics: {two: {type: gauge, description: D, value: v}}}
      other: {query_ref: plain, metrics: {three: {type: gauge, description: D, value: v}}}
      off: {enabled: false, variants: [{when: {flavour: mariadb}, query: SELECT 3 AS v}], metrics: {four: {type: gauge, description: D, value: v}}}
`,
    'a.sql': 'SELECT 1 AS v',
  });
  assert.deepEqual(queries, {
    early: { sql: 'SELECT 1 AS v', file: 'a.sql' },
    late: { sql: 'SELECT 1 AS v', file: 'a.sql' },
    other: { sql: 'SELECT 2 AS v' },
    short: { sql: 'SELECT 3 AS v', variants: [['mariadb', 'SELECT 3 AS v']] },
    plain: { sql: 'SELECT 2 AS v' },
  });
});

test('CALL where it is allowed: in a query, a file, a variant, a reference', async () => {
  const queries = await queriesOf({
    'q.yml': set({
      a: 'query: CALL p(1), allow_call: true',
      b: 'query_file: b.sql, allow_call: true',
      c: 'variants: [{when: {flavour: mysql}, query: SELECT 1 AS v}, {query: CALL p}], allow_call: true',
      d: 'query_ref: a, allow_call: true',
      e: 'query: SELECT 1 AS v, allow_call: false',
    }),
    'b.sql': '-- a procedure\ncall p(@out);',
  });
  assert.deepEqual(queries, {
    a: { sql: 'CALL p(1)', allowCall: true },
    b: { sql: '-- a procedure\ncall p(@out);', file: 'b.sql', allowCall: true },
    c: {
      sql: 'SELECT 1 AS v',
      allowCall: true,
      variants: [
        ['mysql', 'SELECT 1 AS v'],
        [undefined, 'CALL p'],
      ],
    },
    d: { sql: 'CALL p(1)', allowCall: true },
    e: { sql: 'SELECT 1 AS v' },
  });
});

const BEGINNINGS = 'write one that begins with SELECT, SHOW, WITH, EXPLAIN, DESCRIBE, TABLE or VALUES';
const CALL = 'begins with CALL: set allow_call: true if the procedure only reads';

/** What is wrong in files beside each other, and what is said about it; DIR is their folder. */
const cases: readonly (readonly [name: string, files: Files, ...says: readonly string[]])[] = [
  [
    'a file that is not there',
    { 'sets/q.yml': set({ a: 'query_file: no/such.sql' }) },
    'sets/q.yml:4:11: error: query_file: the file DIR/sets/no/such.sql does not exist',
  ],
  [
    'a folder',
    { 'q.yml': set({ a: 'query_file: sets' }), 'sets/x.txt': '' },
    'q.yml:4:11: error: query_file: the file DIR/sets is not a file',
  ],
  [
    'an empty file',
    { 'q.yml': set({ a: 'query_file: a.sql' }), 'a.sql': '\ufeff \n\t' },
    'q.yml:4:11: error: query_file: the file DIR/a.sql is empty: write one statement into it',
  ],
  [
    'a file too long',
    { 'q.yml': set({ a: 'query_file: a.sql' }), 'a.sql': `SELECT 1 /*${' '.repeat(1 << 20)}*/` },
    'q.yml:4:11: error: query_file: the file DIR/a.sql is larger than 1 MiB, too long for a statement',
  ],
  [
    'a file with nothing but a comment',
    { 'q.yml': set({ a: 'query_file: a.sql' }), 'a.sql': '-- SELECT 1\n' },
    `q.yml:4:11: error: query_file: in the file DIR/a.sql the query has no statement: ${BEGINNINGS}`,
  ],
  [
    'a file that writes',
    { 'q.yml': set({ a: 'query_file: a.sql' }), 'a.sql': 'UPDATE t SET a = 1' },
    `q.yml:4:11: error: query_file: in the file DIR/a.sql the query begins with UPDATE, which is no statement that reads: ${BEGINNINGS}`,
  ],
  [
    'a file with two statements, in a variant',
    {
      'q.yml': set({ a: 'variants: [{query: SELECT 1}, {query_file: a.sql}]' }).replace(
        '{query: SELECT 1}',
        '{when: {flavour: mysql}, query: SELECT 1}',
      ),
      'a.sql': 'SELECT 1; SELECT 2',
    },
    'q.yml:4:66: error: query_file: in the file DIR/a.sql the query has a second statement (SELECT ...) behind ";": make it a query of its own',
  ],
  [
    'a file in the short form that is not there',
    {
      'q.yml':
        'query_sets:\n  s:\n    metrics:\n      rows: {query_file: a.sql, type: gauge, description: D, value: v}\n',
    },
    'q.yml:4:14: error: query_file: the file DIR/a.sql does not exist',
  ],
  [
    'a parameter that is not declared',
    {
      'q.yml': set({ a: 'query_file: a.sql' }, '    params: {least: {type: integer, default: 1}}\n'),
      'a.sql': 'SELECT :least + :lest AS v',
    },
    'q.yml:5:11: error: the query "a" in the file DIR/a.sql names :lest, which is no parameter of the set; did you mean "least"?',
  ],
  [
    'an empty name',
    { 'q.yml': set({ a: 'query_file: ""' }) },
    'q.yml:4:23: error: query_file: must not be empty',
  ],
  [
    'a list of files',
    { 'q.yml': set({ a: 'query_file: [a.sql]' }) },
    'q.yml:4:23: error: query_file: expected text, found a list',
  ],
  [
    'query and query_file',
    { 'q.yml': set({ a: 'query: SELECT 1, query_file: a.sql' }), 'a.sql': 'SELECT 1' },
    'q.yml:4:28: error: query and query_file exclude each other: keep one of them',
  ],
  [
    'query_file, query_ref and variants',
    {
      'q.yml': set({
        a: 'query_file: a.sql, query_ref: b, variants: [{query: SELECT 1}]',
        b: 'query: SELECT 1',
      }),
      'a.sql': 'SELECT 1',
    },
    'q.yml:4:30: error: query_file and query_ref exclude each other: keep one of them',
    'q.yml:4:44: error: query_file and variants exclude each other: keep one of them',
  ],
  [
    'query and query_file in a variant',
    { 'q.yml': set({ a: 'variants: [{query: SELECT 1, query_file: a.sql}]' }), 'a.sql': 'SELECT 1' },
    'q.yml:4:40: error: query and query_file exclude each other: keep one of them',
  ],
  [
    'neither in a variant',
    { 'q.yml': set({ a: 'variants: [{when: {flavour: mysql}}]' }) },
    'q.yml:4:22: error: missing key "query"',
  ],
  ['none of them', { 'q.yml': set({ a: 'timeout: 1s' }) }, 'q.yml:4:7: error: missing key "query"'],
  [
    'a misspelt one, said once',
    { 'q.yml': set({ a: 'query_fiel: a.sql' }) },
    'q.yml:4:11: error: unknown key "query_fiel"; did you mean "query_file"?',
  ],
  [
    'an unknown query',
    { 'q.yml': set({ orders: 'query: SELECT 1', b: 'query_ref: order' }) },
    'q.yml:5:22: error: query_ref: the set has no query "order"; did you mean "orders"?',
  ],
  [
    'an unknown query unlike all others',
    { 'q.yml': set({ orders: 'query: SELECT 1', b: 'query_ref: zzzzzz' }) },
    'q.yml:5:22: error: query_ref: the set has no query "zzzzzz"; other queries in it are: orders',
  ],
  [
    'a query of another set',
    { 'q.yml': set({ a: 'query_ref: b' }), 'r.yml': set({ b: 'query: SELECT 1' }).replace('  s:', '  r:') },
    'q.yml:4:22: error: query_ref: the set has no query "b"; there are no other queries in it',
  ],
  [
    'itself',
    { 'q.yml': set({ a: 'query_ref: a' }) },
    'q.yml:4:22: error: query_ref: this is the query itself: name another query of the set, or write query in its place',
  ],
  [
    'a reference to a reference',
    { 'q.yml': set({ a: 'query_ref: b', b: 'query_ref: c', c: 'query: SELECT 1' }) },
    'q.yml:4:22: error: query_ref: the query "b" has no statement of its own but a query_ref: name "c", as it does',
  ],
  [
    'references in a circle',
    { 'q.yml': set({ a: 'query_ref: b', b: 'query_ref: a' }) },
    'q.yml:4:22: error: query_ref: the query "b" has no statement of its own but a query_ref: write query in one of them',
    'q.yml:5:22: error: query_ref: the query "a" has no statement of its own but a query_ref: write query in one of them',
  ],
  [
    'a reference to a broken query, said once',
    { 'q.yml': set({ a: 'query_ref: b', b: 'query: DROP TABLE t' }) },
    `q.yml:5:18: error: the query begins with DROP, which is no statement that reads: ${BEGINNINGS}`,
  ],
  ['CALL', { 'q.yml': set({ a: 'query: CALL p()' }) }, `q.yml:4:18: error: the query ${CALL}`],
  [
    'CALL in a file',
    { 'q.yml': set({ a: 'query_file: a.sql, allow_call: false' }), 'a.sql': '/* x */ CALL p()' },
    `q.yml:4:11: error: query_file: in the file DIR/a.sql the query ${CALL}`,
  ],
  [
    'CALL in a variant',
    { 'q.yml': set({ a: 'variants: [{query: CALL p()}]' }) },
    `q.yml:4:30: error: the query ${CALL}`,
  ],
  [
    'CALL through a reference',
    { 'q.yml': set({ a: 'query: CALL p(), allow_call: true', b: 'query_ref: a' }) },
    `q.yml:5:22: error: query_ref: in "a" the query ${CALL}`,
  ],
  [
    'CALL and a second statement',
    {
      'q.yml': set({ a: 'query: CALL p(); SELECT 1, allow_call: true' }).replace(
        'CALL p(); SELECT 1',
        '"CALL p(); SELECT 1"',
      ),
    },
    'q.yml:4:18: error: the query has a second statement (SELECT ...) behind ";": make it a query of its own',
  ],
  [
    'allow_call for nothing',
    { 'q.yml': set({ a: 'query: SELECT 1, allow_call: true' }) },
    'q.yml:4:28: error: no statement of the query is a CALL: remove allow_call',
  ],
  [
    'allow_call that writes',
    { 'q.yml': set({ a: 'query: DELETE FROM t, allow_call: true' }) },
    `q.yml:4:18: error: the query begins with DELETE, which is no statement that reads: ${BEGINNINGS}`,
  ],
  [
    'allow_call that is neither',
    { 'q.yml': set({ a: 'query: SELECT 1, allow_call: maybe' }) },
    'q.yml:4:40: error: allow_call: expected true or false, found text "maybe"',
  ],
];

for (const [name, files, ...says] of cases)
  test(`${name} is said in one way`, async () => {
    const { lines, path } = await loadWith(files);
    assert.deepEqual(
      lines,
      says.map((line) => line.replace('DIR/', '')),
    );
    assert.ok(path.startsWith('/'));
  });

/** Of coreutils; Node cannot make one. */
const MAKE_PIPE = 'mkfifo';
const folder = mkdtempSync(join(tmpdir(), 'sql-file-test-'));
after(() => rmSync(folder, { recursive: true }));

test('a named pipe, a device and bytes that are no text are refused at once', () => {
  const pipe = join(folder, 'pipe');
  execFileSync(MAKE_PIPE, [pipe]);
  const bytes = join(folder, 'bytes.sql');
  writeFileSync(bytes, Buffer.of(0x53, 0xff, 0xfe));
  mkdirSync(join(folder, 'folder'));
  const says = (path: string) => {
    const read = readSqlFile(path);
    return read.ok ? 'ok' : read.message;
  };
  assert.equal(says(pipe), 'is not a file');
  assert.equal(says('/dev/zero'), 'is not a file');
  assert.equal(says(join(folder, 'folder')), 'is not a file');
  assert.equal(says(bytes), 'is no UTF-8 text');
  assert.equal(says(join(bytes, 'below')), 'does not exist');
  assert.equal(says('nul\0'), 'cannot be read (ERR_INVALID_ARG_VALUE)');
});

test('the longest statement is read whole', () => {
  const file = join(folder, 'long.sql');
  const sql = `SELECT '${'x'.repeat((1 << 20) - 9)}'`;
  writeFileSync(file, sql);
  assert.deepEqual(readSqlFile(file), { ok: true, value: sql });
});
