/**
 * `/api/v1`: what the status pages show, as JSON for programs. Times are texts as in RFC 3339, durations are in seconds.
 */
import type { FastifyReply } from 'fastify';
import { fleetAnswer } from '../../fleet/answer.ts';
import { reportQueries } from '../../status/query-report.ts';
import { select } from '../../status/selection.ts';
import { describeTarget } from '../../status/target-detail.ts';
import { countStates, summarize } from '../../status/target-summary.ts';
import type { Route } from '../route.ts';
import { findTarget, fleetReport, parseSelection, statusSources } from '../status-request.ts';

export const API_TARGETS: Route = {
  path: '/api/v1/targets',
  GET: async ({ generation, reply, request }, services) => {
    const parsed = parseSelection(request.query);
    if (!parsed.ok) return refuse(reply, 400, parsed.sentence);
    const targets = await summarize(statusSources(generation, services));
    return sendJson(reply, 200, {
      counts: countStates(targets),
      targets: select(targets, parsed.selection),
    });
  },
  HEAD: ({ request }) => (parseSelection(request.query).ok ? 200 : 400),
};

export const API_TARGET: Route = {
  path: '/api/v1/targets/*',
  GET: ({ generation, reply, request }, services) => {
    const found = findTarget(request, generation);
    return found.ok
      ? sendJson(reply, 200, describeTarget(found.target, statusSources(generation, services)))
      : refuse(reply, 404, found.sentence);
  },
  HEAD: ({ generation, request }) => (findTarget(request, generation).ok ? 200 : 404),
};

export const API_QUERIES: Route = {
  path: '/api/v1/queries',
  GET: async ({ generation, reply }, services) => {
    const sources = statusSources(generation, services);
    const queries = await reportQueries(sources);
    return sendJson(reply, 200, { historySize: sources.history?.size ?? 0, queries });
  },
  HEAD: () => 200,
};

export const API_FLEET: Route = {
  path: '/api/v1/fleet',
  GET: async ({ generation, reply }, services) =>
    sendJson(reply, 200, fleetAnswer(await fleetReport(generation, services))),
  HEAD: () => 200,
};

function sendJson(reply: FastifyReply, status: number, value: unknown): FastifyReply {
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(`${JSON.stringify(value)}\n`);
}

const refuse = (reply: FastifyReply, status: number, error: string): FastifyReply =>
  sendJson(reply, status, { error });
