/**
 * `/fleet`: what the targets tell together, from the last results of their probes. Asks no server.
 *
 * A page for browsers, the text format for all others.
 */
import { ProbeRegistry } from '../../exposition/probe-registry.ts';
import { Samples } from '../../exposition/samples.ts';
import { exposeFleet } from '../../fleet/samples.ts';
import { fleetBody } from '../pages/fleet-page.ts';
import { sendPage } from '../pages/layout.ts';
import { prefersHtml, sendMetrics, sendText } from '../plain-text.ts';
import type { Exchange, Route } from '../route.ts';
import { fleetReport } from '../status-request.ts';
import { urlParameters } from '../url-parameters.ts';

export const FLEET: Route = {
  path: '/fleet',
  GET: async (exchange, services) => {
    const { generation, reply, request } = exchange;
    const refusal = refusalOf(exchange);
    if (refusal !== undefined) return sendText(reply, 400, refusal);
    const report = await fleetReport(generation, services);
    if (prefersHtml(request.headers.accept)) {
      const { version } = services;
      const page = { title: 'Fleet', at: 'fleet', root: '', version, body: fleetBody(report) } as const;
      return sendPage(reply.header('vary', 'Accept'), 200, page);
    }
    const samples = new Samples();
    exposeFleet(report, samples);
    const registry = new ProbeRegistry();
    registry.add(samples);
    return await sendMetrics(request, reply, registry.encode());
  },
  HEAD: (exchange) => (refusalOf(exchange) === undefined ? 200 : 400),
};

const parameters = urlParameters([]);

const refusalOf = ({ request }: Exchange): string | undefined => parameters.unknownIn(request.query);
