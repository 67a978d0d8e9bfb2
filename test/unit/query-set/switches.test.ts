import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricDefinition } from '../../../src/model/metric.ts';
import type { ParamValue, QueryDefinition } from '../../../src/model/query-set.ts';
import { compileQuerySets } from '../../../src/query-set/compile.ts';
import { bindParams } from '../../../src/query-set/params.ts';
import { sinkOf } from '../../support/sink.ts';

const METRIC: MetricDefinition = {
  family: 'metric',
  type: 'gauge',
  help: 'M',
  labels: [],
  staticLabels: {},
  value: { kind: 'column', column: 'v' },
  onNull: 'skip',
};
const QUERY: QueryDefinition = {
  name: 'q',
  description: '',
  sql: 'SELECT 1',
  timeoutMs: undefined,
  grants: { mysql: [], mariadb: [] },
  maxRows: 10,
  maxSeries: 10,
  metrics: [],
};

/** The families that a row gives, or undefined when the query is not asked at all. */
function families(query: Partial<QueryDefinition>, values?: Record<string, ParamValue>) {
  const params = {
    old: { type: 'boolean', default: false },
    all: { type: 'boolean', default: true },
  } as const;
  const sets = compileQuerySets([{ name: 's', description: '', params, queries: [{ ...QUERY, ...query }] }]);
  const compiled = sets.get('s')?.queries[0];
  assert.ok(compiled !== undefined);
  const seen: string[] = [];
  const bound = bindParams(compiled, values);
  bound?.map(
    { columns: ['k', 'v'], rows: [['key_total', '1']] },
    sinkOf(({ name }, labels) => seen.push(name + labels)),
  );
  return bound === undefined ? undefined : seen;
}

test('a metric that depends on a parameter', () => {
  const metrics = [METRIC, { ...METRIC, family: 'extra', onlyIf: 'old' }];
  assert.deepEqual(families({ metrics }), ['metric']);
  assert.deepEqual(families({ metrics }, { old: true }), ['metric', 'extra']);
  assert.deepEqual(families({ metrics: [{ ...METRIC, onlyIf: 'all' }] }), ['metric']);
  assert.deepEqual(families({ metrics: [{ ...METRIC, onlyIf: 'all' }] }, { all: false }), []);
});

test('a histogram that is switched off keeps the names of its series from servers', () => {
  const value = { kind: 'histogram', le: 'k', count: 'v', sum: undefined, cumulated: false } as const;
  const histogram: MetricDefinition = { ...METRIC, family: 'key', type: 'histogram', value, onlyIf: 'old' };
  const rule = { match: undefined, drop: false, type: 'gauge', help: 'H', labels: {} } as const;
  const keyValue = { key: 'k', value: 'v' };
  const pivot = { keyValue, labels: [], keepCase: false, infos: [] };
  const rules = (family: string) => ({
    metrics: [histogram],
    pivot: { ...pivot, rules: [{ ...rule, family }] },
  });
  assert.deepEqual(families(rules('key$1_count')), []);
  assert.deepEqual(families(rules('key$1_counts')), ['key_counts']);
});

test('keys and rows of one query count together against max_series', () => {
  const rule = { match: undefined, drop: false, family: 'm', type: 'gauge', help: 'H', labels: {} } as const;
  const keyValue = { key: 'k', value: 'v' };
  const pivot = { keyValue, labels: [], keepCase: false, infos: [], rules: [rule] };
  const query = { ...QUERY, metrics: [METRIC], pivot, maxSeries: 1 };
  const map = compileQuerySets([{ name: 's', description: '', queries: [query] }]).get('s')?.queries[0]?.map;
  const result = { columns: ['k', 'v'], rows: [['key', '1']] };
  assert.deepEqual(
    map?.(
      result,
      sinkOf(() => {}),
    ),
    {
      ok: false,
      reason: 'limit',
      detail: '2 series, and max_series is 1',
    },
  );
});

test('aliases that depend on a parameter', () => {
  const metrics = [{ ...METRIC, aliases: ['alias'], aliasesIf: 'old' }];
  assert.deepEqual(families({ metrics }), ['metric']);
  assert.deepEqual(families({ metrics }, { old: true }), ['metric', 'alias']);
});

test('a rule that depends on a parameter is as if it were not there', () => {
  const rule = { match: '^key_total$', drop: false, type: 'gauge', help: 'K', labels: {} } as const;
  const pivot = {
    keyValue: { key: 'k', value: 'v' },
    labels: [],
    keepCase: false,
    infos: [],
    rules: [
      { ...rule, family: 'special', onlyIf: 'old' },
      { ...rule, match: undefined, family: 'other', aliases: ['$0'], aliasesIf: 'all' },
    ],
  };
  assert.deepEqual(families({ pivot }), ['other', 'key_total']);
  assert.deepEqual(families({ pivot }, { all: false }), ['other']);
  assert.deepEqual(families({ pivot }, { old: true }), ['special']);
});

test('a query that depends on a parameter', () => {
  const query = { metrics: [METRIC], onlyIf: 'old' };
  assert.equal(families(query), undefined);
  assert.deepEqual(families(query, { old: true }), ['metric']);
});
