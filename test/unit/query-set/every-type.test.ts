/** Every type of metric, from the query file to the text that Prometheus reads: one that does nothing fails here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProbeRegistry } from '../../../src/exposition/probe-registry.ts';
import { Samples } from '../../../src/exposition/samples.ts';
import {
  METRIC_TYPE_RULES,
  METRIC_TYPES,
  type MetricType,
  RULE_TYPES,
} from '../../../src/model/metric-type.ts';
import { compileQuerySets } from '../../../src/query-set/compile.ts';
import type { Row } from '../../../src/query-set/compiled.ts';
import { load } from '../../support/config-folder.ts';
import { parseExposition } from '../../support/parse-exposition.ts';

interface Case {
  /** Of the metric, besides type and description. */
  readonly keys: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** Below its header. */
  readonly text: string;
}

const NUMBER = { keys: 'value: v', columns: ['v'], rows: [['7']] };

/** A new type does not compile without a case. */
const CASES: Readonly<Record<MetricType, Case>> = {
  gauge: { ...NUMBER, text: 'm 7\n' },
  counter: { ...NUMBER, text: 'm 7\n' },
  untyped: { ...NUMBER, text: 'm 7\n' },
  info: { keys: 'labels: [a]', columns: ['a'], rows: [['x']], text: 'm{a="x"} 1\n' },
  stateset: {
    keys: 'value: v, states: [ON, OFF]',
    columns: ['v'],
    rows: [['OFF']],
    text: 'm{state="ON"} 0\nm{state="OFF"} 1\n',
  },
  histogram: {
    keys: 'histogram: {le: b, count: n, sum: s}',
    columns: ['b', 'n', 's'],
    rows: [['1', '2', '3']],
    text: 'm_bucket{le="1"} 2\nm_bucket{le="+Inf"} 2\nm_sum 3\nm_count 2\n',
  },
  summary: {
    keys: 'summary: {count: n, sum: s, quantiles: {p: "0.5"}}',
    columns: ['n', 's', 'p'],
    rows: [['2', '3', '1']],
    text: 'm{quantile="0.5"} 1\nm_sum 3\nm_count 2\n',
  },
};

/** The text that a query of the file exposes. */
async function exposed(query: string, columns: readonly string[], rows: readonly Row[]): Promise<string> {
  const { lines, result } = await load({
    'targets.yml': 'query_files: [q.yml]\ntargets: {a: {address: h, user: u, query_sets: [s]}}\n',
    'q.yml': `query_sets: {s: {namespace: '', lint: false, queries: {q: {query: SELECT 1, ${query}}}}}\n`,
  });
  assert.ok(result.ok, lines.join('\n'));
  const [compiled] = compileQuerySets(result.config.querySets.values()).get('s')?.queries ?? [];
  const samples = new Samples();
  assert.equal(compiled?.map({ columns, rows }, samples), undefined);
  const registry = new ProbeRegistry();
  registry.add(samples);
  return registry.render().text;
}

for (const type of METRIC_TYPES) {
  const { columns, keys, rows, text } = CASES[type];
  const { exposedAs, mayBeNegative, ownLabels, suffixes } = METRIC_TYPE_RULES[type];

  test(`${type}: what a file says of it is exposed`, async () => {
    const metric = `metrics: {m: {type: ${type}, description: D, ${keys}}}`;
    const whole = await exposed(metric, columns, rows);
    assert.equal(whole, `# HELP m D\n# TYPE m ${exposedAs}\n${text}`);
    const samples = parseExposition(whole);
    for (const suffix of suffixes)
      assert.ok(
        samples.some(({ name }) => name === `m${suffix}`),
        suffix,
      );
    for (const { name } of samples) assert.ok(['', ...suffixes].includes(name.slice('m'.length)), name);
    for (const label of ownLabels)
      assert.ok(
        samples.some(({ labels }) => label in labels),
        label,
      );
  });

  if (keys === NUMBER.keys)
    test(`${type}: a negative number is ${mayBeNegative ? 'a sample' : 'a mistake'}`, async () => {
      const both = await exposed(
        `metrics: {m: {type: ${type}, description: D, labels: [a], value: v}}`,
        ['a', 'v'],
        [
          ['x', '-1'],
          ['y', '1'],
        ],
      );
      assert.equal(both.includes('m{a="x"} -1\n'), mayBeNegative);
      assert.ok(both.includes('m{a="y"} 1\n'));
    });
}

for (const type of RULE_TYPES)
  test(`${type}: a rule makes it of a key`, async () => {
    const rule = `{metric: m_$0, type: ${type}, description: D}`;
    assert.equal(
      await exposed(`key_value: {key: k, value: v, rules: [${rule}]}`, ['k', 'v'], [['a', '7']]),
      `# HELP m_a D\n# TYPE m_a ${METRIC_TYPE_RULES[type].exposedAs}\nm_a 7\n`,
    );
  });
