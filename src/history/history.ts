/**
 * What became of the last probes of each target, for people who want to know why something is down.
 *
 * It outlives a reload for targets that have not changed.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Target } from '../model/config.ts';
import type { Reason, Unmet } from '../model/reason.ts';
import type { FinishedProbe, FinishedQuery } from './finished-probe.ts';
import { TargetHistory } from './target-history.ts';

/** One query of all targets together since the start, without the probes of targets that were down. */
export interface QueryTotals {
  readonly asked: number;
  readonly skipped: number;
  readonly failed: ReadonlyMap<Reason, number>;
  readonly seconds: number;
}

/** Who has asked for a target. */
export interface SeenClient {
  readonly address: string;
  /** In milliseconds since 1970. */
  readonly at: number;
}

interface Entry {
  /** A configuration's targets are immutable, so the same object needs no comparison. */
  target: Target;
  readonly history: TargetHistory;
  clients: readonly SeenClient[];
}

interface Totals {
  asked: number;
  skipped: number;
  seconds: number;
  readonly failed: Map<Reason, number>;
}

/** Of each target; two servers of Prometheus, and somebody who looks. */
const MOST_CLIENTS = 4;
const MOST_SHARED = 1_000;

export class History {
  readonly size: number;
  readonly #entries = new Map<string, Entry>();
  /** `set/query` by id. Only a configuration brings names. */
  readonly #names: string[] = [];
  readonly #totals: Totals[] = [];
  readonly #idsByName = new Map<string, number>();
  readonly #ids = new WeakMap<object, number>();
  /** Lists of ids: most targets of a fleet have the same. */
  readonly #lists = new Map<string, readonly number[]>();
  /** Why queries were skipped: the same for most servers of a fleet. */
  readonly #unmet = new Map<string, Unmet>();

  /** @param size probes, and failures, that are kept for each target: 1 or more */
  constructor(size: number) {
    this.size = size;
  }

  add(target: Target, probe: FinishedProbe): void {
    const entry = this.#entryOf(target);
    entry.clients = seen(entry.clients, probe);
    // The queries of a target that is down did not fail on their own.
    if (probe.down !== undefined) {
      entry.history.add(probe, []);
      return;
    }
    const own = probe.queries.map(({ query }) => this.#idOf(query));
    const ids = share(this.#lists, own.join(), own);
    entry.history.add(this.#sharing(probe), ids);
    for (const [i, query] of probe.queries.entries()) count(this.#totals[ids[i]!]!, query);
  }

  /** Undefined when it was not probed yet. */
  of(target: string): TargetHistory | undefined {
    return this.#entries.get(target)?.history;
  }

  /** Who asked for it last, the latest first. */
  clientsOf(target: string): readonly SeenClient[] {
    return this.#entries.get(target)?.clients ?? [];
  }

  /** The names of all targets that were probed. */
  get targets(): Iterable<string> {
    return this.#entries.keys();
  }

  /** `set/query` of an id. */
  nameOf(id: number): string {
    return this.#names[id] ?? '';
  }

  /** By `set/query`, of all queries that were asked or skipped. */
  get totals(): ReadonlyMap<string, QueryTotals> {
    return new Map(this.#names.map((name, id) => [name, this.#totals[id]!]));
  }

  /** Forgets the targets of a former configuration that are gone or have changed. */
  adopt(targetOf: (name: string) => Target | undefined): void {
    for (const [name, entry] of this.#entries) {
      const target = targetOf(name);
      if (target !== undefined && isDeepStrictEqual(target, entry.target)) entry.target = target;
      else this.#entries.delete(name);
    }
  }

  forget(names: ReadonlySet<string>): void {
    for (const name of names) this.#entries.delete(name);
  }

  #entryOf(target: Target): Entry {
    const known = this.#entries.get(target.name);
    if (known !== undefined) return known;
    const entry: Entry = { target, history: new TargetHistory(this.size), clients: [] };
    this.#entries.set(target.name, entry);
    return entry;
  }

  #idOf(query: FinishedQuery['query']): number {
    const known = this.#ids.get(query);
    if (known !== undefined) return known;
    const name = `${query.set}/${query.name}`;
    const id = this.#idsByName.get(name) ?? this.#addName(name);
    this.#ids.set(query, id);
    return id;
  }

  #sharing(probe: FinishedProbe): FinishedProbe {
    if (probe.queries.every(({ skipped }) => skipped === undefined)) return probe;
    const queries = probe.queries.map((query) => {
      const { skipped } = query;
      if (skipped === undefined) return query;
      return { ...query, skipped: share(this.#unmet, `${skipped.reason} ${skipped.detail}`, skipped) };
    });
    return { ...probe, queries };
  }

  #addName(name: string): number {
    const id = this.#names.push(name) - 1;
    this.#totals.push({ asked: 0, skipped: 0, seconds: 0, failed: new Map() });
    this.#idsByName.set(name, id);
    return id;
  }
}

/** The first value of an equal key. Some keys have the words of servers, so that there is no end of them. */
function share<Value>(known: Map<string, Value>, key: string, value: Value): Value {
  const first = known.get(key);
  if (first !== undefined) return first;
  if (known.size >= MOST_SHARED) known.clear();
  known.set(key, value);
  return value;
}

function count(totals: Totals, { failure, seconds, skipped }: FinishedQuery): void {
  if (skipped !== undefined) totals.skipped++;
  else {
    totals.asked++;
    totals.seconds += seconds;
  }
  if (failure !== undefined) totals.failed.set(failure.reason, (totals.failed.get(failure.reason) ?? 0) + 1);
}

function seen(before: readonly SeenClient[], { clients, endedAt }: FinishedProbe): readonly SeenClient[] {
  const at = Math.round(performance.timeOrigin + endedAt);
  const others = before.filter(({ address }) => !clients.includes(address));
  return [...clients.map((address) => ({ address, at })), ...others].slice(0, MOST_CLIENTS);
}
