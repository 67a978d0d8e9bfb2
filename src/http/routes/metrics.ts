/**
 * `/metrics`: the exporter itself; with a file of query-exporter-simple its target too, whose families win.
 */
import { sendMetrics } from '../plain-text.ts';
import type { Route } from '../route.ts';

export const METRICS: Route = {
  path: '/metrics',
  GET: async ({ generation, reply, request }, { answers, prober, registry: own }) => {
    const plan = generation.catalog.metricsPlan;
    if (plan === undefined) {
      const text = Buffer.from(await own.text());
      return await sendMetrics(request, reply, { text, filled: [], duplicates: 0 });
    }
    return await answers.send({ request, reply }, plan.target.scrapeTimeoutMs, async (until) => {
      const { registry } = await prober.probe(plan, until);
      const encoded = answers.encode(registry);
      const text = Buffer.concat([Buffer.from(await own.text(registry.names)), encoded.text]);
      return { ...encoded, text };
    });
  },
  HEAD: () => 200,
};
