/** `/sd`: all targets for Prometheus' HTTP service discovery. */
import type { FastifyRequest } from 'fastify';
import { didYouMean } from '../../diagnostics/suggest.ts';
import type { Config } from '../../model/config.ts';
import { type DiscoveryRequest, discover, discoveryText } from '../discovery.ts';
import { addressOfUrl, type ExporterAddress, hostText } from '../exporter-address.ts';
import { sendText } from '../plain-text.ts';
import type { Exchange, Route, Services } from '../route.ts';
import { quote, urlParameters } from '../url-parameters.ts';

export const SD: Route = {
  path: '/sd',
  GET: (exchange, services) => {
    const parsed = parse(exchange, services);
    if (!parsed.ok) return sendText(exchange.reply, 400, parsed.sentence);
    const { targets } = exchange.generation.config;
    const list = discover(targets.values(), parsed.request);
    return exchange.reply.type('application/json; charset=utf-8').send(discoveryText(list));
  },
  HEAD: (exchange, services) => (parse(exchange, services).ok ? 200 : 400),
};

type Parsed =
  | { readonly ok: true; readonly request: DiscoveryRequest }
  | { readonly ok: false; readonly sentence: string };

const RECIPES = ['direct'] as const;
const parameters = urlParameters(['group', 'recipe']);

/** An error keeps the targets that Prometheus has; an empty list would remove them. */
function parse({ generation, request }: Exchange, services: Services): Parsed {
  const unknown = parameters.unknownIn(request.query);
  if (unknown !== undefined) return refused(unknown);
  const { group: groups, recipe: recipes } = parameters.read(request.query);
  const wrong = unknownGroup(groups, generation.config);
  if (wrong !== undefined) return refused(wrong);
  const [recipe, ...more] = recipes;
  if (more.length > 0) return refused('the parameter recipe is given more than once');
  if (recipe === undefined) return { ok: true, request: { groups, exporter: undefined } };
  if (!RECIPES.some((known) => known === recipe)) {
    const hint = didYouMean(recipe, RECIPES) || '; there is only "direct", or none';
    return refused(`unknown recipe ${quote(recipe)}${hint}`);
  }
  const exporter = exporterOf(request, services);
  return exporter === undefined
    ? refused('the Host header of this request is no host name with a port: start with --web.external-url')
    : { ok: true, request: { groups, exporter } };
}

function unknownGroup(groups: readonly string[], config: Config): string | undefined {
  const unknown = groups.find((group) => !config.groups.includes(group));
  if (unknown === undefined) return undefined;
  return `unknown group ${quote(unknown)}${didYouMean(unknown, config.groups)}`;
}

function exporterOf(request: FastifyRequest, { externalUrl }: Services): ExporterAddress | undefined {
  if (externalUrl !== undefined) return addressOfUrl(externalUrl);
  const host = hostText(request.host ?? '');
  return host === undefined ? undefined : { host, isSecure: request.protocol === 'https', prefix: '' };
}

const refused = (sentence: string): Parsed => ({ ok: false, sentence });
