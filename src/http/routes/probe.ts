/** `/probe?target=NAME`: one target, asked now. */

import { sendText } from '../plain-text.ts';
import { parseProbe } from '../probe-request.ts';
import type { Route } from '../route.ts';

export const PROBE: Route = {
  path: '/probe',
  GET: async ({ generation, reply, request }, { answers, prober }) => {
    const parsed = parseProbe(request.query, generation.catalog);
    if (!parsed.ok) return sendText(reply, parsed.status, parsed.sentence);
    const { plan } = parsed;
    return await answers.send({ request, reply }, plan.target.scrapeTimeoutMs, async (until) => {
      const { registry } = await prober.probe(plan, until);
      return answers.encode(registry);
    });
  },
  HEAD: ({ generation, request }) => {
    const parsed = parseProbe(request.query, generation.catalog);
    return parsed.ok ? 200 : parsed.status;
  },
};
