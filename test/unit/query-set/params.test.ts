import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ParamDefinition, ParamValue } from '../../../src/model/query-set.ts';
import { compileQuerySets } from '../../../src/query-set/compile.ts';
import { bindParams } from '../../../src/query-set/params.ts';
import { tokenize } from '../../../src/sql/tokens.ts';

function bound(
  sql: string,
  params: Record<string, ParamDefinition>,
  values?: Record<string, ParamValue>,
): string {
  const query = {
    name: 'q',
    description: '',
    sql,
    timeoutMs: undefined,
    grants: { mysql: [], mariadb: [] },
    maxRows: 1,
    maxSeries: 1,
    metrics: [],
  };
  const compiled = compileQuerySets([{ name: 's', description: '', params, queries: [query] }]).get('s')
    ?.queries[0];
  assert.ok(compiled !== undefined);
  return bindParams(compiled, values)?.sql ?? '';
}

const PARAMS: Record<string, ParamDefinition> = {
  n: { type: 'integer', default: 5 },
  s: { type: 'string', default: 'x' },
  i: { type: 'identifier', default: 'col' },
  l: { type: 'list', default: ['a', "b'c"] },
  b: { type: 'boolean', default: true },
};

const cases: readonly (readonly [
  sql: string,
  values: Record<string, ParamValue> | undefined,
  bound: string,
])[] = [
  ['SELECT :n, :s, :i, :b', undefined, "SELECT 5, 'x', `col`, 1"],
  ['IN (:l)', undefined, "IN ('a', 'b''c')"],
  ['IN (:l)', { l: [] }, "IN ('')"],
  ['SELECT :n:s', { n: -3 }, "SELECT -3'x'"],
  ['SELECT :i.:i', { i: 'a`b' }, 'SELECT `a``b`.`a``b`'],
  ['SELECT :b', { b: false }, 'SELECT 0'],
  [
    `SELECT ':n', ":s", \`:i\` -- :l\n /* :b */ # :n`,
    undefined,
    `SELECT ':n', ":s", \`:i\` -- :l\n /* :b */ # :n`,
  ],
  ['SELECT a::n, @x:=:n, :other', undefined, 'SELECT a::n, @x:=5, :other'],
  ['SELECT :s', { s: "\\'; DROP TABLE t; -- " }, "SELECT '\\\\''; DROP TABLE t; -- '"],
];

for (const [sql, values, expected] of cases) {
  test(`${sql} ${JSON.stringify(values ?? {})}`, () => assert.equal(bound(sql, PARAMS, values), expected));
}

test('without parameters a colon is a colon', () => {
  const query = {
    name: 'q',
    description: '',
    sql: 'SELECT :n',
    timeoutMs: undefined,
    grants: { mysql: [], mariadb: [] },
    maxRows: 1,
    maxSeries: 1,
    metrics: [],
  };
  const compiled = compileQuerySets([{ name: 's', description: '', queries: [query] }]).get('s')?.queries[0];
  assert.ok(compiled !== undefined);
  assert.equal(bindParams(compiled, { n: 1 }), compiled);
});

test('whatever a text holds, it stays one text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (s) => {
      for (const sql of ['SELECT :s AS v', 'SELECT 1 FROM :i']) {
        const tokens = tokenize(bound(sql, PARAMS, { s, i: s }));
        assert.ok(tokens.ok);
        // A doubled quote reads as two texts side by side; nothing but texts may come of it.
        const words = tokens.tokens.filter(({ kind }) => kind !== 'quoted').map(({ text }) => text);
        assert.deepEqual(words, sql.includes(':s') ? ['SELECT', 'AS', 'V'] : ['SELECT', 'FROM']);
      }
    }),
  );
});
