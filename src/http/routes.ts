/** All that the exporter serves. */
import type { Route } from './route.ts';
import { API_FLEET, API_QUERIES, API_TARGET, API_TARGETS } from './routes/api.ts';
import { FLEET } from './routes/fleet.ts';
import { HEALTHY, READY } from './routes/health.ts';
import { METRICS } from './routes/metrics.ts';
import { CONFIG, QUERIES, TARGET, TARGETS } from './routes/pages.ts';
import { PROBE } from './routes/probe.ts';
import { RELOAD } from './routes/reload.ts';
import { SCRAPES } from './routes/scrapes.ts';
import { SD } from './routes/sd.ts';

export const ROUTES: readonly Route[] = [
  ...[PROBE, METRICS, FLEET, SD, HEALTHY, READY, RELOAD],
  ...[TARGETS, TARGET, QUERIES, CONFIG, API_TARGETS, API_TARGET, API_QUERIES, API_FLEET],
  SCRAPES,
];
