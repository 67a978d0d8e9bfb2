/** Which targets are shown, and in which order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Selection, select } from '../../../src/status/selection.ts';
import type { FailureSummary, TargetSummary } from '../../../src/status/target-summary.ts';

const EVERYTHING: Selection = { text: '', onlyWrong: false, state: undefined, sort: 'name' };
const AT = new Date('2026-11-29T10:00:00Z');

const failing = (reason: FailureSummary['reason'], query?: string): FailureSummary => ({
  ...(query === undefined ? {} : { query }),
  ...{ reason, detail: 'Words', since: AT, lastAt: AT, failures: 1, goesOn: true },
});

const target = (name: string, part: Partial<TargetSummary> = {}): TargetSummary => ({
  ...{ name, state: 'up', address: 'host:3306', groups: [], labels: {}, failing: [] },
  ...part,
});

const took = (durationSeconds: number) => ({
  ...{ at: AT, durationSeconds, queries: 1, failedQueries: 0, rows: 1, series: 1, bytes: 1, requests: 1 },
});

const FLEET: readonly TargetSummary[] = [
  target('db-b', { groups: ['prod'], labels: { region: 'EU' }, lastProbe: took(0.1) }),
  target('db-a', { state: 'down', failing: [failing('refused')], lastProbe: took(3), lastFailureAt: AT }),
  target('db-d', { state: 'not_asked' }),
  target('db-c', {
    state: 'partly',
    server: { flavour: 'mariadb', version: '10.11.18' },
    failing: [failing('timeout', 'sizes/by_table')],
    lastFailureAt: new Date(AT.getTime() + 1),
    lastProbe: took(1),
  }),
  target('db-e', { state: 'disabled' }),
];

const names = (selection: Partial<Selection>): string =>
  select(FLEET, { ...EVERYTHING, ...selection })
    .map(({ name }) => name.slice(3))
    .join('');

test('orders', () => {
  assert.equal(names({}), 'abcde');
  assert.equal(names({ sort: 'state' }), 'acdbe');
  assert.equal(names({ sort: 'duration' }), 'acbde');
  assert.equal(names({ sort: 'last_failure' }), 'cabde');
});

test('only what is wrong, or one state', () => {
  assert.equal(names({ onlyWrong: true }), 'ac');
  assert.equal(names({ state: 'up' }), 'b');
  assert.equal(names({ state: 'up', onlyWrong: true }), '');
});

test('each word is found in name, label, group, reason, query or server, in any case', () => {
  assert.equal(names({ text: 'DB-A' }), 'a');
  assert.equal(names({ text: 'region=eu' }), 'b');
  assert.equal(names({ text: 'prod db' }), 'b');
  assert.equal(names({ text: 'refused' }), 'a');
  assert.equal(names({ text: '  timeout   by_table ' }), 'c');
  assert.equal(names({ text: 'mariadb 10.11' }), 'c');
  assert.equal(names({ text: 'prod refused' }), '');
  assert.equal(names({ text: 'words' }), '');
});
