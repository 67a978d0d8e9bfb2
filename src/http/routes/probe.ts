/** `/probe?target=NAME`: one target, asked now. */

import type { FastifyReply } from 'fastify';
import type { Target } from '../../model/config.ts';
import { traceText } from '../../probe/trace-text.ts';
import { clientOf } from '../client-address.ts';
import { sendText } from '../plain-text.ts';
import { parseProbe } from '../probe-request.ts';
import type { Exchange, Route, Services } from '../route.ts';

export const PROBE: Route = { path: '/probe', GET: answerProbe, HEAD: probeStatus };

/** Asks the target that the URL names, or refuses the request. */
export async function answerProbe(
  { generation, reply, request }: Exchange,
  { answers, prober }: Services,
): Promise<FastifyReply> {
  const parsed = parseProbe(request.query, generation.catalog);
  if (!parsed.ok) return sendText(reply, parsed.status, parsed.sentence);
  const target = prober.admit(parsed.target);
  if (target === undefined) return refuseName(reply, parsed.target);
  const plan = generation.catalog.plan(target, parsed.querySets, parsed.authModule);
  if (parsed.debug)
    return await answers.sendText({ request, reply }, plan.target.scrapeTimeoutMs, async (until) => {
      const budgetMs = until.left;
      return traceText(plan, await prober.probeTraced(plan, until, clientOf(request)), budgetMs);
    });
  return await answers.send({ request, reply }, plan.target.scrapeTimeoutMs, async (until) => {
    const { registry } = await prober.probe(plan, until, clientOf(request));
    return answers.encode(registry);
  });
}

/** Some name is forgotten in an hour at the latest, but nobody knows when. */
function refuseName(reply: FastifyReply, { pattern }: Target): FastifyReply {
  const sentence = `the pattern ${pattern?.text} has ${pattern?.maxNames} names in use, and takes no other one (max_names)`;
  return sendText(reply.header('retry-after', '60'), 503, sentence);
}

/** The status of that answer, as far as it is known without asking the server. */
export function probeStatus({ generation, request }: Exchange): number {
  const parsed = parseProbe(request.query, generation.catalog);
  return parsed.ok ? 200 : parsed.status;
}
