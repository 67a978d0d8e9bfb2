/**
 * The last probes of one target and of each of its queries.
 *
 * All numbers stand in one array, since a thousand targets have one each: the probes first, then a record for each
 * query. Two codes of durations share a word.
 */
import { type Failure, REASONS, type Reason, type Unmet } from '../model/reason.ts';
import { durationCode, durationOf } from './duration-code.ts';
import { type Episode, Episodes, type Subject } from './episodes.ts';
import type { FinishedProbe, FinishedQuery } from './finished-probe.ts';

/** One probe of the past. */
export interface PastProbe {
  /** When it was over, in milliseconds since 1970. */
  readonly at: number;
  readonly seconds: number;
  /** Why the target was down; undefined when it was up. */
  readonly reason: Reason | undefined;
  /** Queries that were asked or skipped. */
  readonly queries: number;
  readonly failed: number;
  readonly rows: number;
  readonly series: number;
  readonly bytes: number;
  /** Requests that it has answered. */
  readonly requests: number;
}

/** What is known of one query of the target. */
export interface PastQuery {
  /** In milliseconds since 1970; undefined when there was none. */
  readonly lastSuccessAt: number | undefined;
  readonly lastFailureAt: number | undefined;
  /** Of the last time that it was asked. */
  readonly rows: number;
  readonly series: number;
  /** In seconds, the last at the end. */
  readonly durations: readonly number[];
  /** Of the last time; undefined when it was not asked then. */
  readonly sql: string | undefined;
  /** Why it was not asked the last time. */
  readonly skipped: Unmet | undefined;
}

/** Words of a probe. */
const AT = 0;
const MICROS = 1;
const ROWS = 2;
const SERIES = 3;
const BYTES = 4;
/** Queries in the upper half, those that failed in the lower. */
const QUERIES = 5;
/** Requests in the upper half, the reason's place among all plus 1 in the lower. */
const REQUESTS = 6;
const PROBE_WORDS = 7;

/** Words of a query, before its durations. */
const SUCCESS_AT = 0;
const FAILURE_AT = 1;
const LAST_ROWS = 2;
const LAST_SERIES = 3;
const ASKED = 4;
const DURATIONS = 5;

const MOST = 0xffff_ffff;
const HALF = 0xffff;
/** Times are in tenths of a second since the process began, plus 1: 0 is never. Enough for 13 years. */
const TICK_MS = 100;

export class TargetHistory {
  readonly #size: number;
  /** Undefined while nothing has failed. */
  #episodes: Episodes | undefined;
  /** The ids of queries, in the order of their records; made anew for another one, since arrays that grow have room to spare. */
  #ids: readonly number[] = [];
  /** The statement that each was asked as the last time, or why it was not. */
  #last: (string | Unmet | undefined)[] = [];
  #words: Uint32Array;
  #probes = 0;

  /** @param size how many probes are kept, and how many failures */
  constructor(size: number) {
    this.#size = size;
    this.#words = new Uint32Array(size * PROBE_WORDS);
  }

  /** @param ids those of its queries, in their order; may be kept */
  add(probe: FinishedProbe, ids: readonly number[]): void {
    const { down, endedAt, queries } = probe;
    this.#addProbe(probe);
    // The queries of a target that is down have not failed on their own.
    if (down !== undefined) {
      this.#failed('target', down, endedAt);
      return;
    }
    this.#episodes?.succeeded('target');
    this.#grow(ids);
    for (const [i, query] of queries.entries()) this.#addQuery(query, ids[i]!, endedAt);
  }

  /** The latest first. */
  get probes(): readonly PastProbe[] {
    const kept = Math.min(this.#probes, this.#size);
    return Array.from({ length: kept }, (_, i) => this.#probeAt((this.#probes - 1 - i) % this.#size));
  }

  get last(): PastProbe | undefined {
    return this.#probes === 0 ? undefined : this.#probeAt((this.#probes - 1) % this.#size);
  }

  /** When the first of the probes that are kept was over, in milliseconds since 1970; undefined without any. */
  get oldestAt(): number | undefined {
    const slot = this.#probes > this.#size ? this.#probes % this.#size : 0;
    return timeOf(this.#words[slot * PROBE_WORDS + AT]!);
  }

  /** Failures, the latest first. */
  get episodes(): readonly Episode[] {
    return this.#episodes?.all ?? [];
  }

  /** What fails now. */
  get failing(): readonly Episode[] {
    return this.#episodes?.current ?? [];
  }

  /** The queries that were asked or skipped, by their ids. */
  get queryIds(): readonly number[] {
    return this.#ids;
  }

  query(id: number): PastQuery | undefined {
    const i = this.#ids.indexOf(id);
    if (i < 0) return undefined;
    const base = this.#base(i);
    const at = (offset: number) => this.#words[base + offset]!;
    const last = this.#last[i];
    return {
      lastSuccessAt: timeOf(at(SUCCESS_AT)),
      lastFailureAt: timeOf(at(FAILURE_AT)),
      rows: at(LAST_ROWS),
      series: at(LAST_SERIES),
      durations: this.#codes(base).map(durationOf),
      sql: typeof last === 'string' ? last : undefined,
      skipped: typeof last === 'object' ? last : undefined,
    };
  }

  /** The codes of a query's durations, the last at the end. */
  codesOf(id: number): readonly number[] {
    const i = this.#ids.indexOf(id);
    return i < 0 ? [] : this.#codes(this.#base(i));
  }

  #addProbe({ down, endedAt, queries, requests, seconds }: FinishedProbe): void {
    const base = (this.#probes % this.#size) * PROBE_WORDS;
    this.#probes++;
    let [rows, series, bytes, failed] = [0, 0, 0, 0];
    for (const query of queries) {
      rows += query.rows;
      series += query.series;
      bytes += query.bytes;
      if (query.failure !== undefined) failed++;
    }
    const reason = down === undefined ? 0 : REASONS.indexOf(down.reason) + 1;
    const words = this.#words;
    words[base + AT] = ticksOf(endedAt);
    words[base + MICROS] = Math.min(MOST, Math.round(seconds * 1e6));
    words[base + ROWS] = Math.min(MOST, rows);
    words[base + SERIES] = Math.min(MOST, series);
    words[base + BYTES] = Math.min(MOST, bytes);
    words[base + QUERIES] = halves(queries.length, failed);
    words[base + REQUESTS] = halves(requests, reason);
  }

  #probeAt(slot: number): PastProbe {
    const at = (offset: number) => this.#words[slot * PROBE_WORDS + offset]!;
    return {
      at: timeOf(at(AT)) ?? 0,
      seconds: at(MICROS) / 1e6,
      reason: REASONS[(at(REQUESTS) & HALF) - 1],
      queries: at(QUERIES) >>> 16,
      failed: at(QUERIES) & HALF,
      rows: at(ROWS),
      series: at(SERIES),
      bytes: at(BYTES),
      requests: at(REQUESTS) >>> 16,
    };
  }

  #addQuery(query: FinishedQuery, id: number, endedAt: number): void {
    const { failure, rows, series, seconds, skipped, sql } = query;
    const i = this.#ids.indexOf(id);
    const base = this.#base(i);
    const words = this.#words;
    this.#last[i] = skipped ?? sql;
    if (failure === undefined) this.#episodes?.succeeded(id);
    else this.#failed(id, failure, endedAt);
    words[base + (failure === undefined ? SUCCESS_AT : FAILURE_AT)] = ticksOf(endedAt);
    if (skipped !== undefined) return;
    words[base + LAST_ROWS] = Math.min(MOST, rows);
    words[base + LAST_SERIES] = Math.min(MOST, series);
    this.#noteDuration(base, durationCode(seconds));
  }

  #failed(subject: Subject, failure: Failure, endedAt: number): void {
    this.#episodes ??= new Episodes(this.#size);
    this.#episodes.failed(subject, failure, endedAt);
  }

  #noteDuration(base: number, code: number): void {
    const words = this.#words;
    const slot = words[base + ASKED]! % this.#size;
    words[base + ASKED]! += 1;
    const at = base + DURATIONS + (slot >> 1);
    const pair = words[at]!;
    words[at] = slot % 2 === 0 ? halves(pair >>> 16, code) : halves(code, pair & HALF);
  }

  #codes(base: number): readonly number[] {
    const asked = this.#words[base + ASKED]!;
    const kept = Math.min(asked, this.#size);
    return Array.from({ length: kept }, (_, i) => {
      const slot = (asked - kept + i) % this.#size;
      const pair = this.#words[base + DURATIONS + (slot >> 1)]!;
      return slot % 2 === 0 ? pair & HALF : pair >>> 16;
    });
  }

  get #queryWords(): number {
    return DURATIONS + Math.ceil(this.#size / 2);
  }

  #base(i: number): number {
    return this.#size * PROBE_WORDS + i * this.#queryWords;
  }

  #grow(ids: readonly number[]): void {
    const more = ids.filter((id) => !this.#ids.includes(id));
    if (more.length === 0) return;
    this.#ids = this.#ids.length === 0 ? ids : [...this.#ids, ...more];
    this.#last = Array.from(this.#ids, (_, i) => this.#last[i]);
    const words = new Uint32Array(this.#base(this.#ids.length));
    words.set(this.#words);
    this.#words = words;
  }
}

const halves = (upper: number, lower: number): number =>
  ((Math.min(HALF, upper) << 16) | Math.min(HALF, lower)) >>> 0;

const ticksOf = (at: number): number => Math.round(at / TICK_MS) + 1;

const timeOf = (ticks: number): number | undefined =>
  ticks === 0 ? undefined : performance.timeOrigin + (ticks - 1) * TICK_MS;
