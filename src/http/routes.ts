/** All that the exporter serves. */
import type { Route } from './route.ts';
import { HEALTHY, READY } from './routes/health.ts';
import { LANDING } from './routes/landing.ts';
import { METRICS } from './routes/metrics.ts';
import { PROBE } from './routes/probe.ts';
import { RELOAD } from './routes/reload.ts';
import { SCRAPES } from './routes/scrapes.ts';
import { SD } from './routes/sd.ts';

export const ROUTES: readonly Route[] = [LANDING, PROBE, METRICS, SD, HEALTHY, READY, RELOAD, SCRAPES];
