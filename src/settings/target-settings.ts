/**
 * The settings of one target as they hold, in the form of targets.yml, each with its origin. Nothing secret is among them.
 */
import { addressText } from '../model/address-text.ts';
import type { Config, Target } from '../model/config.ts';
import { stringifyDuration } from '../model/duration-text.ts';
import { pathOf } from '../model/origins.ts';
import type { QuerySettings } from '../model/query-settings.ts';
import { loginOf } from './login.ts';
import { type Origin, type TargetOrigins, targetOrigins } from './origin.ts';
import { group, list, type Plain, type Setting, setting } from './setting.ts';

type OriginOf = (...paths: readonly string[]) => Origin | undefined;

/** Of the target or pattern alone: what stands below its name. */
export function settingsOfTarget({ origins }: Pick<Config, 'origins'>, target: Target): readonly Setting[] {
  const from = origins && targetOrigins(origins, target);
  const of: OriginOf = (...paths) => from?.of(...paths);
  const ms = (key: string, value: number | undefined) =>
    setting(key, value === undefined ? undefined : stringifyDuration(value), of(key));
  return [
    ...addressOf(target, from),
    ...networksOf(target, of),
    ...setting('database', target.database, of('database')),
    ...setting('enabled', target.enabled, of('enabled')),
    ...list('groups', target.groups, (name) => from?.ofEntry('groups', name)),
    ...map('labels', target.labels, (name) => of(pathOf('labels', name))),
    ...loginOf(target, { origins }, from),
    ...list('allow_auth_modules', [...target.authModules.keys()], (name) =>
      from?.ofEntry('allow_auth_modules', name),
    ),
    ...group('tls', tlsOf(target, of)),
    ...setting(
      'allow_public_key_retrieval',
      target.allowPublicKeyRetrieval,
      of('allow_public_key_retrieval'),
    ),
    ...setting('pipelining', target.pipelining, of('pipelining')),
    ...list('query_sets', target.querySets, (name) => from?.ofQuerySet(name)),
    ...group(
      'params',
      Object.entries(target.params ?? {}).flatMap(([set, values]) =>
        map(set, values, (key) => of(pathOf('params', set, key))),
      ),
    ),
    ...group('queries', queriesOf(target, of)),
    ...setting('max_connections', target.maxConnections, of('max_connections')),
    ...ms('connect_timeout', target.connectTimeoutMs),
    ...ms('query_timeout', target.queryTimeoutMs),
    ...ms('scrape_timeout', target.scrapeTimeoutMs),
    ...ms('scrape_interval', target.scrapeIntervalMs),
    ...ms('idle_timeout', target.idleTimeoutMs),
    ...ms('max_connection_age', target.maxConnectionAgeMs),
    ...setting('max_load', percentText(target.maxLoad), of('max_load')),
    ...map('session', target.session, (key) => of(pathOf('session', key))),
  ];
}

/** Without the digits that a fraction in binary adds. */
const percentText = (share: number): string => `${Number((share * 100).toPrecision(9))}%`;

function addressOf({ address }: Target, from: TargetOrigins | undefined): readonly Setting[] {
  // A pattern: each of its targets is where its own name says.
  if (address.kind === 'tcp' && address.port === 0) return [];
  const said = from?.of('address');
  return setting('address', addressText(address), said?.place === undefined ? from?.ofName : said);
}

/** Only a pattern itself may have these keys; of a target that it matches they hold too. */
function networksOf({ address, networks, pattern }: Target, of: OriginOf): readonly Setting[] {
  if (pattern === undefined) return [];
  const isPatternItself = address.kind === 'tcp' && address.port === 0;
  const limits: readonly (readonly [string, Plain | undefined])[] = [
    ['networks', networks],
    ['max_names', pattern.maxNames],
  ];
  return limits.flatMap(([key, value]): readonly Setting[] => {
    if (isPatternItself || value === undefined) return setting(key, value, of(key));
    return [
      { key, note: typeof value === 'object' ? `[${value.join(', ')}]` : String(value), origin: of(key) },
    ];
  });
}

function tlsOf({ tls }: Target, of: OriginOf): readonly Setting[] {
  const at = (key: string, value: string | undefined) => setting(key, value, of(pathOf('tls', key)));
  return [
    ...at('mode', tls.mode),
    ...at('ca_file', tls.caFile),
    ...at('cert_file', tls.certFile),
    ...at('key_file', tls.keyFile),
    ...at('server_name', tls.serverName),
    ...at('full_login', tls.fullLogin),
    ...at('min_version', tls.minVersion?.replace('TLSv', '')),
  ];
}

function queriesOf({ queries = {} }: Target, of: OriginOf): readonly Setting[] {
  return Object.entries(queries).flatMap(([set, ofSet]) =>
    Object.entries(ofSet).flatMap(([query, settings]) => {
      const name = `${set}/${query}`;
      const said = plainSettings(settings).flatMap(([key, value]) =>
        setting(key, value, of(pathOf('queries', name, key), pathOf('queries', set, key))),
      );
      return group(name, said);
    }),
  );
}

function plainSettings(settings: QuerySettings): readonly (readonly [string, Plain | undefined])[] {
  const ms = (value: number | undefined) => (value === undefined ? undefined : stringifyDuration(value));
  return [
    ['enabled', settings.enabled],
    ['timeout', ms(settings.timeoutMs)],
    ['min_interval', ms(settings.minIntervalMs)],
    ['max_rows', settings.maxRows],
    ['max_series', settings.maxSeries],
  ];
}

function map(
  key: string,
  values: Readonly<Record<string, Plain>>,
  originOf: (name: string) => Origin | undefined,
): readonly Setting[] {
  return group(
    key,
    Object.entries(values).flatMap(([name, value]) => setting(name, value, originOf(name))),
  );
}
