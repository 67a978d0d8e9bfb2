/**
 * The registry of the exporter's own few metrics, as prom-client keeps and renders them.
 *
 * With probe-registry.ts the only place that knows prom-client: its successor (`@prometheus-io/client`) is
 * a change of this room.
 */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export interface OwnCounter {
  inc(amount?: number): void;
}

export class OwnRegistry {
  readonly #registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** A counter without labels, shown from 0 on. */
  counter(name: string, help: string): OwnCounter {
    return new Counter({ name, help, registers: [this.#registry] });
  }

  /** A counter for each value of one label, all shown from 0 on. */
  counters<T extends string>(
    name: string,
    help: string,
    label: string,
    values: readonly T[],
  ): (value: T, amount?: number) => void {
    const counter = new Counter({ name, help, labelNames: [label], registers: [this.#registry] });
    for (const value of values) counter.inc({ [label]: value }, 0);
    return (value, amount = 1) => counter.inc({ [label]: value }, amount);
  }

  /** A gauge whose series are read when it is scraped. */
  gauge(
    name: string,
    help: string,
    read: () => readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[],
  ): void {
    const labelNames = [...new Set(read().flatMap(({ labels }) => Object.keys(labels ?? {})))];
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        for (const { labels, value } of read()) this.set({ ...labels }, value);
      },
    });
  }

  /** In the text format, without the families of these names. */
  async text(except: ReadonlySet<string> = new Set()): Promise<string> {
    if (except.size === 0) return await this.#registry.metrics();
    const names = this.#registry.getMetricsAsArray().map(({ name }) => name);
    const kept = names.filter((name) => !except.has(name));
    const texts = await Promise.all(kept.map((name) => this.#registry.getSingleMetricAsString(name)));
    return texts.map((text) => `${text}\n\n`).join('');
  }
}
