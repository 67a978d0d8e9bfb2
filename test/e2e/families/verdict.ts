/**
 * What an answer says of one probe, read so strictly that families which contradict each other do not get through.
 */
import assert from 'node:assert/strict';
import { type ProbeFamilyName as Family, PROBE_FAMILIES } from '../../../src/model/families.ts';
import { parseExposition, type Sample } from '../../support/parse-exposition.ts';

export interface Verdict {
  readonly up: number;
  /** Why the server answered nothing. */
  readonly down?: string;
  /** By `set/query`: `ok` or the reason, with the rows that were read; or why it was not asked. */
  readonly queries: Readonly<Record<string, string>>;
  /** What the query sets themselves expose. */
  readonly samples: Readonly<Record<string, number>>;
  /** In an answer of several targets. */
  readonly status?: number;
}

/** The labels of each family, as they are declared. */
const LABELS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.values(PROBE_FAMILIES).map(({ name, labels }) => [name, labels]),
);

/** What an answer may lose of its time, or take beyond it, on a busy machine; what hangs takes far longer. */
const LOST_SECONDS = 5;

/**
 * Reads the samples of one target.
 *
 * @param allowedSeconds how long the probe was allowed to take
 * @param instance its label in an answer of several targets
 */
export function verdictOf(text: string, allowedSeconds: number, instance?: string): Verdict {
  const all = parseExposition(text).filter(({ labels }) => labels['instance'] === instance);
  const own = ownFamilies(all, instance);
  const at = (family: Family) => own.get(family) ?? [];
  const values = (family: Family) => at(family).map(({ value }) => value);

  const [up = Number.NaN] = values('mysql_up');
  const [seconds = Number.NaN] = values('query_exporter_probe_duration_seconds');
  const [allowed = Number.NaN] = values('query_exporter_probe_timeout_seconds');
  assert.ok(up === 0 || up === 1, `mysql_up ${up}`);
  assert.deepEqual(values('query_exporter_probe_error'), up === 0 ? [1] : [], 'a reason exactly when down');
  assert.ok(seconds > 0 && seconds < allowedSeconds + LOST_SECONDS, `the probe took ${seconds} s`);
  assert.ok(allowed <= allowedSeconds && allowed > allowedSeconds / 2, `it had ${allowed} s`);

  const queries = readQueries(at, seconds);
  checkCollectors(at, queries, seconds);
  const status = values('query_exporter_status');
  assert.equal(status.length, instance === undefined ? 0 : 1, 'a status exactly in an answer of several');
  const down = at('query_exporter_probe_error')[0]?.labels['reason'];
  return {
    up,
    ...(down === undefined ? {} : { down }),
    queries: Object.fromEntries([...queries].map(([key, { outcome }]) => [key, outcome])),
    samples: Object.fromEntries(
      all.filter(({ name }) => !(name in LABELS)).map(({ name, value }) => [name, value]),
    ),
    ...(status[0] === undefined ? {} : { status: status[0] }),
  };
}

type At = (family: Family) => readonly Sample[];

/** Exactly the labels that a family has, and one series of it where there are none. */
function ownFamilies(all: readonly Sample[], instance: string | undefined): ReadonlyMap<string, Sample[]> {
  const own = new Map<string, Sample[]>();
  for (const [family, labels] of Object.entries(LABELS)) {
    const found = all.filter(({ name }) => name === family);
    const expected = [...new Set([...labels, ...(instance === undefined ? [] : ['instance'])])].sort();
    for (const sample of found) assert.deepEqual(Object.keys(sample.labels).sort(), expected, family);
    own.set(family, found);
  }
  return own;
}

interface ReadQuery {
  readonly set: string;
  readonly outcome: string;
  readonly seconds: number;
  readonly failed: boolean;
}

/** Success, duration and rows of each query that was asked, and a reason exactly when it failed. */
function readQueries(at: At, probeSeconds: number): ReadonlyMap<string, ReadQuery> {
  const read = new Map<string, ReadQuery>();
  const byQuery = (family: Family) => new Map(at(family).map((sample) => [keyOf(sample), sample]));
  const durations = byQuery('query_exporter_query_duration_seconds');
  const rows = byQuery('query_exporter_query_rows');
  const errors = byQuery('query_exporter_query_error');
  const ages = byQuery('query_exporter_query_age_seconds');
  for (const [key, { labels, value }] of byQuery('query_exporter_query_success')) {
    const seconds = durations.get(key)?.value ?? Number.NaN;
    // A kept result tells how long it took when it was asked for.
    assert.ok(seconds >= 0 && (seconds <= probeSeconds || ages.has(key)), `${key} took ${seconds} s`);
    assert.ok(value === 0 || value === 1, `${key}: success ${value}`);
    const failed = value === 0;
    assert.equal(errors.get(key)?.value, failed ? 1 : undefined, `${key}: an error exactly when it failed`);
    const outcome = failed ? errors.get(key)?.labels['reason'] : 'ok';
    const without = at('query_exporter_metric_error').filter((sample) => keyOf(sample) === key);
    for (const { value } of without) assert.equal(value, 1, key);
    assert.ok(failed || without.length === 0, `${key}: a success that lacks a metric`);
    const lacks = without.map(({ labels: { metric, reason } }) => `, without ${metric}: ${reason}`);
    const unseen = at('query_exporter_query_incomplete').filter((sample) => keyOf(sample) === key);
    for (const { value } of unseen) assert.equal(value, 1, key);
    assert.ok(
      outcome === 'ok' || without.length > 0 || unseen.length === 0,
      `${key}: no answer, and incomplete`,
    );
    lacks.push(...unseen.map(({ labels: { privilege } }) => `, lacks ${privilege}`));
    const described = `${outcome}, rows: ${rows.get(key)?.value}${lacks.join('')}`;
    read.set(key, { set: labels['query_set'] ?? '', outcome: described, seconds, failed });
  }
  for (const family of [durations, rows, errors, ages])
    for (const key of family.keys()) assert.ok(read.has(key), `${key} tells nothing of its success`);
  for (const [key, { labels, value }] of byQuery('query_exporter_query_skipped')) {
    assert.equal(value, 1, key);
    assert.ok(!read.has(key), `${key} was asked and skipped`);
    const outcome = `skipped: ${labels['reason']}`;
    read.set(key, { set: labels['query_set'] ?? '', outcome, seconds: 0, failed: false });
  }
  return read;
}

function keyOf({ labels }: Sample): string {
  return `${labels['query_set']}/${labels['query']}`;
}

/** A set succeeds when all of its queries do, and takes as long as the longest. */
function checkCollectors(at: At, queries: ReadonlyMap<string, ReadQuery>, probeSeconds: number): void {
  const success: Record<string, number> = {};
  const longest: Record<string, number> = {};
  for (const { failed, seconds, set } of queries.values()) {
    const collector = `collect.${set}`;
    success[collector] = Math.min(success[collector] ?? 1, failed ? 0 : 1);
    longest[collector] = Math.max(longest[collector] ?? 0, seconds);
  }
  const shown = (family: Family) =>
    Object.fromEntries(at(family).map(({ labels, value }) => [labels['collector'], value]));
  assert.deepEqual(shown('mysql_exporter_collector_success'), success);
  const { connection = 0, ...durations } = shown('mysql_exporter_collector_duration_seconds');
  assert.deepEqual(durations, longest);
  assert.ok(connection >= 0 && connection <= probeSeconds, `connecting took ${connection} s`);
}
