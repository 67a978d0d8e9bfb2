/** The page of all targets stays small, whatever servers say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { targetsBody } from '../../../../src/http/pages/targets-page.ts';
import { countStates, type TargetSummary } from '../../../../src/status/target-summary.ts';

const NOW = new Date('2026-11-29T10:00:00Z');
const AT = new Date(NOW.getTime() - 12_000);

const target = (i: number, part: Partial<TargetSummary> = {}): TargetSummary => ({
  ...{ name: `orders-${String(i).padStart(4, '0')}.prod.example.com:3306`, state: 'up', address: 'a:3306' },
  ...{ groups: ['production'], labels: { region: 'eu' }, failing: [] },
  server: { flavour: 'mariadb', version: '10.11.18' },
  lastProbe: {
    ...{ at: AT, durationSeconds: 0.0123, queries: 8, failedQueries: 0 },
    ...{ rows: 1_200, series: 1_155, bytes: 30_000, requests: 1 },
  },
  ...part,
});

const failing = (i: number) => ({
  ...{ query: `table_sizes/by_table_${i}`, reason: 'timeout' as const, detail: 'no answer in time' },
  ...{ since: AT, lastAt: AT, failures: 3, goesOn: true },
});

async function bytesOf(targets: readonly TargetSummary[]): Promise<number> {
  const { html } = await targetsBody({
    selection: { text: '', onlyWrong: false, state: undefined, sort: 'name' },
    ...{ refreshes: false, shown: targets, counts: countStates(targets) },
    ...{ patterns: [], scrapes: [], keepsHistory: true, now: NOW },
  });
  return Buffer.byteLength(html);
}

test('400 targets take less than 150 KB, and 1,000 less than 400, a tenth of them with failures', async () => {
  const fleet = (size: number) =>
    Array.from({ length: size }, (_, i) =>
      i % 10 === 0 ? target(i, { state: 'partly', failing: [1, 2, 3, 4].map(failing) }) : target(i),
    );
  // Head, style and script of the page are 9 KB more.
  assert.ok((await bytesOf(fleet(400))) < 140_000);
  assert.ok((await bytesOf(fleet(1_000))) < 390_000);
});

test('names and versions of 10 KB are cut', async () => {
  const long = 'x'.repeat(10_000);
  const bytes = await bytesOf([
    target(1, {
      ...{ name: long, state: 'partly', server: { flavour: 'mysql', version: long } },
      failing: [{ ...failing(1), query: long, detail: long }],
    }),
  ]);
  // Once it is whole: in the address of its own page.
  assert.ok(bytes > 10_000 && bytes < 15_000, `${bytes}`);
});
