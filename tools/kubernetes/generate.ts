/**
 * `npm run kubernetes`: writes the PrometheusRule of deploy/kubernetes anew from the rules of deploy/prometheus.
 */
import { writeFile } from 'node:fs/promises';
import { PROMETHEUS_RULE, prometheusRule } from './prometheus-rule.ts';

await writeFile(PROMETHEUS_RULE, await prometheusRule());
