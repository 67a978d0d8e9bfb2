/**
 * `/scrape/NAME`, and the paths of query-exporter's files: several targets in one answer.
 *
 * The configuration chooses these paths, so this route takes whatever no other one does.
 */
import type { FastifyRequest } from 'fastify';
import { fanOut } from '../../probe/fan-out.ts';
import { clientOf } from '../client-address.ts';
import { sendNothing } from '../no-route.ts';
import { ANY_OTHER, type Route } from '../route.ts';

export const SCRAPES: Route = {
  path: ANY_OTHER,
  holds: (path, { catalog }) => catalog.scrapes.has(path),
  GET: async ({ generation, reply, request }, { answers, prober }) => {
    const { scrapes } = generation.catalog;
    const path = pathOf(request);
    const scrape = scrapes.get(path);
    if (scrape === undefined) return sendNothing(reply, path, scrapes.keys());
    return await answers.send({ request, reply }, scrape.timeoutMs, async (until) =>
      answers.encode(await fanOut(scrape, prober, until, clientOf(request))),
    );
  },
  HEAD: ({ generation, request }) => (generation.catalog.scrapes.has(pathOf(request)) ? 200 : 404),
};

/** Decoded, and without the slash before it. */
const pathOf = ({ params }: FastifyRequest): string => (params as { readonly '*': string })['*'];
