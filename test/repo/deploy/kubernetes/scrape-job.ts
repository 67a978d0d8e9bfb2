/** A ScrapeConfig as the job that Prometheus Operator makes of it, as far as ours say something. */
import type * as z from 'zod';
import type { scrapeConfig } from './objects.ts';

/** `sourceLabels` is `source_labels` in Prometheus' own files. */
const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const withSnakeKeys = (object: object) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [snake(key), value]));

export interface ScrapeJob {
  readonly job_name: string;
  readonly scrape_interval: string;
  readonly scrape_timeout: string;
  readonly http_sd_configs: readonly { readonly url: string; readonly refresh_interval: string }[];
  readonly relabel_configs: readonly object[];
}

/** `exporter` is where the list of targets comes from in place of the Service. */
export function asPrometheus({ spec }: z.infer<typeof scrapeConfig>, exporter: string): ScrapeJob {
  const { httpSDConfigs, jobName, relabelings, scrapeInterval, scrapeTimeout } = spec;
  return {
    job_name: jobName,
    scrape_interval: scrapeInterval,
    scrape_timeout: scrapeTimeout,
    http_sd_configs: httpSDConfigs.map(({ refreshInterval, url }) => {
      const { pathname, search } = new URL(url);
      return { url: `http://${exporter}${pathname}${search}`, refresh_interval: refreshInterval };
    }),
    relabel_configs: relabelings.map(withSnakeKeys),
  };
}
