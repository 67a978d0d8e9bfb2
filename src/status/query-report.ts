/**
 * Each query over all targets: how often it fails, how long it takes, and what it costs the fleet.
 */
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { durationOf } from '../history/duration-code.ts';
import type { History } from '../history/history.ts';
import type { Reason } from '../model/reason.ts';
import { percentile } from './percentile.ts';
import type { StatusSources } from './sources.ts';

export interface QueryReport {
  /** `set/query` */
  readonly name: string;
  /** Targets that have asked or skipped it. */
  readonly targets: number;
  /** Since the start: times that servers were asked, and times that they had nothing to be asked for. */
  readonly asked: number;
  readonly skipped: number;
  /** By reason. */
  readonly failed: Readonly<Partial<Record<Reason, number>>>;
  /** All that servers and the way to them have taken for it since the start. */
  readonly totalSeconds: number;
  /** Of the probes that the histories have. */
  readonly p50Seconds?: number;
  readonly p99Seconds?: number;
  readonly maxSeconds?: number;
  /** The targets where it took longest, by their middle duration. */
  readonly slowest: readonly { readonly target: string; readonly p50Seconds: number }[];
}

const SHOWN = 5;
/** Targets that are looked at before others may have the thread. */
const AT_ONCE = 100;

/** All queries that were asked since the start, the most expensive first. */
export async function reportQueries({
  history,
}: Pick<StatusSources, 'history'>): Promise<readonly QueryReport[]> {
  if (history === undefined) return [];
  const found = await durationsOf(history);
  const reports: QueryReport[] = [];
  for (const [name, totals] of history.totals) {
    const { byTarget, codes } = found.get(name) ?? { byTarget: [], codes: [] };
    const sorted = Uint16Array.from(codes).sort();
    const [p50, p99, max] = [percentile(sorted, 0.5), percentile(sorted, 0.99), sorted.at(-1)];
    reports.push({
      name,
      targets: byTarget.length,
      asked: totals.asked,
      skipped: totals.skipped,
      failed: Object.fromEntries(totals.failed),
      totalSeconds: Math.round(totals.seconds * 1e6) / 1e6,
      ...(p50 === undefined ? {} : { p50Seconds: durationOf(p50) }),
      ...(p99 === undefined ? {} : { p99Seconds: durationOf(p99) }),
      ...(max === undefined ? {} : { maxSeconds: durationOf(max) }),
      slowest: slowestOf(byTarget),
    });
    await turnOfTheLoop();
  }
  return reports.sort((one, other) => other.totalSeconds - one.totalSeconds);
}

interface Durations {
  readonly codes: number[];
  /** `code`: the middle one, undefined when it was only skipped. */
  readonly byTarget: { readonly target: string; readonly code: number | undefined }[];
}

async function durationsOf(history: History): Promise<ReadonlyMap<string, Durations>> {
  const found = new Map<string, Durations>();
  let looked = 0;
  for (const target of [...history.targets]) {
    const past = history.of(target);
    for (const id of past?.queryIds ?? []) {
      const codes = past?.codesOf(id) ?? [];
      if (codes.length === 0 && past?.query(id)?.skipped === undefined) continue;
      const name = history.nameOf(id);
      const known = found.get(name) ?? { codes: [], byTarget: [] };
      found.set(name, known);
      for (const code of codes) known.codes.push(code);
      known.byTarget.push({ target, code: percentile([...codes].sort(ascending), 0.5) });
    }
    if (++looked % AT_ONCE === 0) await turnOfTheLoop();
  }
  return found;
}

const ascending = (one: number, other: number): number => one - other;

function slowestOf(byTarget: Durations['byTarget']): QueryReport['slowest'] {
  return byTarget
    .flatMap(({ code, target }) => (code === undefined ? [] : [{ target, code }]))
    .sort((one, other) => other.code - one.code)
    .slice(0, SHOWN)
    .map(({ code, target }) => ({ target, p50Seconds: durationOf(code) }));
}
