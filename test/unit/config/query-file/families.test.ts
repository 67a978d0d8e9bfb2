import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkFamilies, type FamilyUse } from '../../../../src/config/query-file/families.ts';
import { DiagnosticList } from '../../../../src/diagnostics/diagnostics.ts';

const use = (family: string, type: FamilyUse['type'], line: number): FamilyUse => ({
  family,
  type,
  help: 'H',
  labels: [],
  file: 'q.yml',
  line,
  column: 3,
});
const messages = (...uses: FamilyUse[]) => {
  const found = new DiagnosticList();
  checkFamilies(uses, found);
  return found.all.map(({ line, message }) => `${line}: ${message}`);
};

test('the series of a histogram are names of no other metric, whichever stands first', () => {
  const parts = ['wait_bucket', 'wait_sum', 'wait_count'].map((name, i) => use(name, 'counter', i + 1));
  assert.deepEqual(
    messages(...parts, use('wait', 'histogram', 9)),
    ['wait_bucket', 'wait_sum', 'wait_count'].map(
      (name, i) =>
        `${i + 1}: the metric ${name} is a series of the histogram wait at q.yml:9: choose another name`,
    ),
  );
  assert.deepEqual(messages(use('wait', 'histogram', 1), use('wait_count', 'gauge', 2)), [
    '2: the metric wait_count is a series of the histogram wait at q.yml:1: choose another name',
  ]);
});

test('a summary has a sum and a count, and no buckets', () => {
  const all = [use('wait', 'summary', 1), use('wait_bucket', 'gauge', 2), use('wait_sum', 'gauge', 3)];
  assert.deepEqual(messages(...all, use('wait_count', 'histogram', 4)), [
    '3: the metric wait_sum is a series of the summary wait at q.yml:1: choose another name',
    '4: the metric wait_count is a series of the summary wait at q.yml:1: choose another name',
  ]);
});

test('other metrics have no series but their own', () => {
  assert.deepEqual(messages(use('wait', 'gauge', 1), use('wait_count', 'gauge', 2)), []);
});

test('names that Prometheus writes itself for each scrape', () => {
  for (const name of ['up', 'scrape_duration_seconds', 'scrape_anything'])
    assert.match(messages(use(name, 'gauge', 1)).join(), /Prometheus writes itself .* choose another name/);
  assert.deepEqual(messages(use('uptime', 'gauge', 1), use('my_scrape_x', 'gauge', 2)), []);
});
