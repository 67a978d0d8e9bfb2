/**
 * A real Prometheus with the recipe that users copy, its rules too, but quicker.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { stopChild, temporaryFolder } from '../../harness/children.ts';
import { freePort } from '../../harness/free-port.ts';
import { findPrometheus } from '../../harness/programs.ts';
import { startPrometheus, writePrometheusConfig } from '../../harness/prometheus.ts';
import type { Exporter } from './exporter.ts';

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

export interface ActiveAlert {
  readonly state: 'pending' | 'firing';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RunningPrometheus {
  /** The series of an expression now; an Error when Prometheus does not take it. */
  ask(query: string): Promise<readonly Series[]>;
  alerts(): Promise<readonly ActiveAlert[]>;
  stop(): Promise<void>;
}

interface Options {
  /** Files, instead of those of the recipe. */
  readonly rules?: readonly string[];
  /** Between scrapes, and at most for one. */
  readonly seconds?: number;
}

export async function runPrometheus(
  exporter: Exporter,
  targets: readonly string[],
  { rules, seconds = 1 }: Options = {},
): Promise<RunningPrometheus> {
  // Goes with the process: Prometheus still writes to it when it is told to stop.
  const folder = temporaryFolder('prometheus');
  const config = await writePrometheusConfig(folder, new URL(exporter.url).host, targets);
  let text = (await readFile(config, 'utf8'))
    .replace(/evaluation_interval: \d+s/, 'evaluation_interval: 1s')
    .replace(/scrape_(interval|timeout): \d+s/g, `scrape_$1: ${seconds}s`);
  if (rules !== undefined)
    text = text.replace(/^rule_files:\n( +- .*\n)+/m, `rule_files: ${JSON.stringify(rules)}\n`);
  await writeFile(config, text);
  const { child, url } = await startPrometheus(await findPrometheus(), folder, config, await freePort());

  const get = async <Data>(path: string): Promise<Data> => {
    const response = await fetch(`${url}/api/v1/${path}`);
    const answer = (await response.json()) as { status: string; error?: string; data: Data };
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  };
  return {
    ask: async (query) =>
      (await get<{ result: readonly Series[] }>(`query?query=${encodeURIComponent(query)}`)).result,
    alerts: async () => (await get<{ alerts: readonly ActiveAlert[] }>('alerts')).alerts,
    stop: () => stopChild(child, 5000),
  };
}
