/**
 * Routes on Fastify: which of them takes a request, and with what.
 *
 * The only place that turns paths of routes into those of URLs; with a prefix they are registered in a scope that has it.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Generation } from '../probe/generation.ts';
import { sendNotAllowed, sendNothing } from './no-route.ts';
import { type Handler, type HeadStatus, METHODS, type Method, type Route, type Services } from './route.ts';

/**
 * Lets `app` answer at the paths of the routes, and refuse everything else.
 *
 * @param current the generation that a request is answered from; asked for once per request
 */
export function addRoutes(
  app: FastifyInstance,
  routes: readonly Route[],
  services: Services,
  current: () => Generation,
): void {
  const answer = (handler: Handler) => (request: FastifyRequest, reply: FastifyReply) =>
    handler({ request, reply, generation: current() }, services);
  for (const route of routes)
    for (const [method, handler] of handlersOf(route))
      app.route({ method, url: route.path, handler: answer(handler), prefixTrailingSlash: 'slash' });
  const answerNoRoute = answer(({ generation, reply, request }) => {
    const path = pathOf(request);
    const route = routes.find((one) => isAt(one, path.slice(app.prefix.length), generation));
    return route === undefined ? sendNothing(reply) : sendNotAllowed(reply, path, methodsOf(route));
  });
  app.setNotFoundHandler(answerNoRoute);
}

/** What the router has to know of a route. */
function handlersOf(route: Route): readonly (readonly [method: Method, handler: Handler])[] {
  const refuse: Handler = ({ reply, request }) => sendNotAllowed(reply, pathOf(request), methodsOf(route));
  const handlers: Readonly<Record<Method, Handler | undefined>> = {
    // A path that has only a POST refuses these itself, for ANY_OTHER takes them of every path.
    GET: route.GET ?? refuse,
    HEAD: route.HEAD === undefined ? refuse : statusOnly(route.HEAD),
    POST: route.POST,
    PUT: route.PUT,
  };
  return METHODS.flatMap((method) => {
    const handler = handlers[method];
    return handler === undefined ? [] : [[method, handler] as const];
  });
}

const statusOnly =
  (status: HeadStatus): Handler =>
  (exchange, services) =>
    exchange.reply.code(status(exchange, services)).send();

const methodsOf = (route: Route): readonly Method[] =>
  METHODS.filter((method) => route[method] !== undefined);

const pathOf = ({ url }: FastifyRequest): string => url.split('?', 1)[0] ?? '';

function isAt(route: Route, path: string, generation: Generation): boolean {
  if (route.holds !== undefined) return route.holds(decoded(path).slice(1), generation);
  return route.path.endsWith('/*') ? path.startsWith(route.path.slice(0, -1)) : route.path === path;
}

/** As the router decodes a path; as it is when that is not possible. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
