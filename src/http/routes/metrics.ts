/**
 * `/metrics`: the exporter itself; with a file of query-exporter-simple its target too, whose families win.
 *
 * With a target in the URL it is `/probe`: mysqld_exporter answers so, and jobs that name no `metrics_path` rely on it.
 * The exporter's own metrics under the label of a database would hide that the database is down.
 */

import { clientOf } from '../client-address.ts';
import { sendMetrics, sendText } from '../plain-text.ts';
import { namesTarget, unknownParameter } from '../probe-request.ts';
import type { Exchange, Route } from '../route.ts';
import { answerProbe, probeStatus } from './probe.ts';

export const METRICS: Route = {
  path: '/metrics',
  GET: async (exchange, services) => {
    const { generation, reply, request } = exchange;
    const { answers, prober, registry: own } = services;
    if (namesTarget(request.query)) return await answerProbe(exchange, services);
    const refusal = refusalOf(exchange);
    if (refusal !== undefined) return sendText(reply, 400, refusal);
    const plan = generation.catalog.metricsPlan;
    if (plan === undefined) {
      const text = Buffer.from(await own.text());
      return await sendMetrics(request, reply, { text, filled: [], duplicates: 0 });
    }
    return await answers.send({ request, reply }, plan.target.scrapeTimeoutMs, async (until) => {
      const { registry } = await prober.probe(plan, until, clientOf(request));
      const encoded = answers.encode(registry);
      const text = Buffer.concat([Buffer.from(await own.text(registry.names)), encoded.text]);
      return { ...encoded, text };
    });
  },
  HEAD: (exchange) => {
    if (namesTarget(exchange.request.query)) return probeStatus(exchange);
    return refusalOf(exchange) === undefined ? 200 : 400;
  },
};

/**
 * A misspelt `target` would be answered with the exporter's own metrics. With a file of query-exporter-simple this is the
 * path that its users scrape, and that program ignored every parameter.
 */
const refusalOf = ({ generation, request }: Exchange): string | undefined =>
  generation.catalog.metricsPlan === undefined ? unknownParameter(request.query) : undefined;
