/**
 * The registry of the exporter's own few metrics, as prom-client keeps and renders them.
 *
 * With probe-registry.ts the only place that knows prom-client: its successor (`@prometheus-io/client`) is
 * a change of this room.
 */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** A family of the exporter's own, as OWN_METRICS lists them. */
export interface OwnFamily {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** Names of labels; their values come from closed lists of the exporter. */
  readonly labels?: readonly string[];
}

/** One series of a gauge. */
export interface Reading {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface OwnCounter {
  inc(amount?: number): void;
}

export class OwnRegistry {
  readonly #registry = new Registry();
  #underWay: Promise<string> | undefined;

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** A counter without labels, shown from 0 on. */
  counter({ help, name }: OwnFamily & { readonly type: 'counter' }): OwnCounter {
    return new Counter({ name, help, registers: [this.#registry] });
  }

  /** A counter for each value of the one label, all shown from 0 on. */
  counters<T extends string>(
    {
      help,
      labels: [label],
      name,
    }: OwnFamily & { readonly type: 'counter'; readonly labels: readonly [string] },
    values: readonly T[],
  ): (value: T) => void {
    const counter = new Counter({ name, help, labelNames: [label], registers: [this.#registry] });
    for (const value of values) counter.inc({ [label]: value }, 0);
    return (value) => counter.inc({ [label]: value });
  }

  /** A gauge whose series are read when it is scraped. */
  gauge(
    { help, labels = [], name }: OwnFamily & { readonly type: 'gauge' },
    read: () => readonly Reading[],
  ): void {
    new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [this.#registry],
      collect() {
        for (const { labels: of, value } of read()) this.set({ ...of }, value);
      },
    });
  }

  /** Requests of one moment share the text: to look at the process takes milliseconds where it has many files open. */
  #whole(): Promise<string> {
    this.#underWay ??= this.#registry.metrics().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  /** In the text format, without the families of these names. */
  async text(except: ReadonlySet<string> = new Set()): Promise<string> {
    if (except.size === 0) return await this.#whole();
    const names = this.#registry.getMetricsAsArray().map(({ name }) => name);
    const kept = names.filter((name) => !except.has(name));
    const texts = await Promise.all(kept.map((name) => this.#registry.getSingleMetricAsString(name)));
    return texts.map((text) => `${text}\n\n`).join('');
  }
}
