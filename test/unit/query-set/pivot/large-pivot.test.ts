/** Results of more keys than any server has variables, read some rows at a time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProbeRegistry } from '../../../../src/exposition/probe-registry.ts';
import { Samples } from '../../../../src/exposition/samples.ts';
import { compileQuerySets } from '../../../../src/query-set/compile.ts';
import type { Mapped, Row } from '../../../../src/query-set/compiled.ts';
import { load } from '../../../support/config-folder.ts';
import { resultRows } from '../../../support/row-packets.ts';
import { finished } from '../../../support/sink.ts';

const COLUMNS = ['k', 'v'];
const PIVOT = `
      key_value:
        key: k
        value: v
        rules: [{metric: m_$0, type: gauge, description: 'Key $0.'}]
        info: {m_info: {description: I, labels: {version: version}}}`;
const COUNT = `
      metrics: {rows: {type: gauge, description: R, group: count}}`;

async function compiled(query: string) {
  const { lines, result } = await load({
    'targets.yml': 'query_files: [q.yml]\ntargets: {a: {address: h, user: u, query_sets: [s]}}\n',
    'q.yml': `
query_sets:
  s:
    namespace: ''
    lint: false
    queries:
      q:
        query: SELECT 1
        max_series: 100000
        max_rows: 100000${query.replaceAll('\n', '\n  ')}
`,
  });
  assert.ok(result.ok, lines.join('\n'));
  const [first] = compileQuerySets(result.config.querySets.values()).get('s')?.queries ?? [];
  assert.ok(first !== undefined);
  return first;
}

const rowsOf = (count: number): readonly Row[] => [
  ['version', '1.2'],
  ...Array.from({ length: count - 1 }, (_, i): Row => [`Key_${i}`, String(i)]),
];

/** How many steps it takes, as it is mapped. */
function stepsOf(mapped: Mapped): number {
  let steps = 1;
  for (let left = mapped; left !== undefined && 'next' in left; left = left.next()) steps++;
  return steps;
}

function textOf(samples: Samples): string {
  const registry = new ProbeRegistry();
  registry.add(samples);
  return registry.render().text;
}

for (const [count, steps] of [
  [1_000, 1],
  [1_001, 2],
  [3_300, 6],
] as const)
  test(`${count} keys take ${steps} steps and give every series once`, async () => {
    const { map } = await compiled(PIVOT);
    const rows = rowsOf(count);
    const samples = new Samples();
    assert.equal(stepsOf(map({ columns: COLUMNS, rows, cells: resultRows(rows) }, samples)), steps);
    assert.equal(samples.duplicates, 0);
    const text = textOf(samples);
    const values = [...text.matchAll(/^m_key_(\d+) (\d+)$/gm)].map(([, key, value]) => [key, value]);
    assert.deepEqual(
      values,
      Array.from({ length: count - 1 }, (_, i) => [String(i), String(i)]),
    );
    assert.equal(text.match(/^m_info\{version="1\.2"\} 1$/gm)?.length, 1);
  });

test('metrics of rows come behind the last step', async () => {
  const { map } = await compiled(PIVOT + COUNT);
  const rows = rowsOf(2_000);
  const samples = new Samples();
  assert.equal(finished(map({ columns: COLUMNS, rows, cells: resultRows(rows) }, samples)), undefined);
  const text = textOf(samples);
  assert.match(text, /^m_key_1998 1998$/m);
  assert.match(text, /^rows 2000$/m);
});

test('a large result that came before is read in one go', async () => {
  const { map } = await compiled(PIVOT);
  const rows = rowsOf(3_000);
  const take = () => {
    const samples = new Samples();
    const steps = stepsOf(map({ columns: COLUMNS, rows, cells: resultRows(rows) }, samples));
    return { steps, text: textOf(samples) };
  };
  const [first, second, third] = [take(), take(), take()];
  assert.deepEqual([first.steps, second.steps, third.steps], [5, 5, 1]);
  assert.equal(third.text.split('\n').sort().join('\n'), first.text.split('\n').sort().join('\n'));
});

test('a limit that is passed in a later step is that of the whole', async () => {
  const { mapFor } = await compiled(PIVOT);
  const rows = rowsOf(3_000);
  const failed = mapFor(() => false, 2_000)(
    { columns: COLUMNS, rows, cells: resultRows(rows) },
    new Samples(),
  );
  assert.deepEqual(finished(failed), {
    ok: false,
    reason: 'limit',
    detail: '3001 series, and max_series is 2000',
  });
});
