/**
 * targets.yml: which keys there are and what each takes. What depends on other keys or files is checked in
 * precedence.ts and targets.ts.
 */
import * as z from 'zod';
import { FULL_LOGINS, TLS_MODES } from '../../model/config.ts';
import {
  count,
  durationOrNone,
  flag,
  keys,
  labels,
  moduleName,
  name,
  paramValue,
  share,
  text,
  timeout,
  variableName,
} from '../check/schema-parts.ts';
import { MAX_ROWS } from '../query-file/schema.ts';
import { PROFILE_NAMES } from './profiles.ts';

const MAX_CONNECTIONS = 100;
const MAX_NAMES = 100_000;
export const DEFAULT_MAX_NAMES = 1_000;

const TLS_VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
type TlsVersion = (typeof TLS_VERSIONS)[number];

/** `1.2` is a number in YAML, so both are taken. */
const tlsVersion = z
  .union([z.string(), z.number()], { error: `expected one of ${TLS_VERSIONS.join(', ')}` })
  .transform((value, context): TlsVersion => {
    const written = String(value).replace(/^(?:tls)?v?/i, '');
    const version = TLS_VERSIONS.find((known) => known === `TLSv${written}`);
    if (version !== undefined) return version;
    context.addIssue({ code: 'custom', message: `expected one of ${TLS_VERSIONS.join(', ')}` });
    return z.NEVER;
  })
  .meta({ kind: TLS_VERSIONS.map((version) => `\`${version.replace('TLSv', '')}\``).join(', ') });

const tlsKeys = keys({
  mode: z.enum(TLS_MODES).optional().meta({
    description: "Whether to encrypt, and what to verify: as mysql's --ssl-mode",
    fallback: 'preferred',
  }),
  ca_file: text
    .optional()
    .describe(
      'Certificates (PEM) of the authorities to trust; those that Node.js brings along when left out',
    ),
  cert_file: text
    .optional()
    .describe('Certificate (PEM) that the exporter shows to the server, with key_file'),
  key_file: text.optional().describe('The key (PEM) of cert_file'),
  server_name: text
    .optional()
    .describe('The name that the certificate must carry; the host of the address when left out'),
  full_login: z
    .enum(FULL_LOGINS)
    .optional()
    .meta({
      description:
        'To whom a full login of caching_sha2_password or sha256_password may give the password inside TLS: any ' +
        "server, as mysql's own clients do, or only one that verify_ca or verify_identity has verified",
      fallback: 'any',
    }),
  min_version: tlsVersion
    .optional()
    .describe('The oldest TLS version to accept; that of Node.js, 1.2, when left out'),
}).meta({ section: 'TLS' });

const credentialKeys = {
  user: text.optional().describe('The account'),
  user_file: text
    .optional()
    .describe(
      'A file with the account in place of user, relative to this one; read anew for each new connection, as password_file is',
    ),
  password: z
    .string()
    .optional()
    .describe('Its password; better a variable, such as ${MYSQL_PASSWORD}, or password_file'),
  password_file: text
    .optional()
    .describe('A file with the password, relative to this one; read anew for each new connection'),
  password_command: z
    .array(z.string())
    .min(1)
    .optional()
    .describe(
      'A program that prints the password, and its arguments, in which {host}, {port} and {user} are filled in; no shell, ' +
        'at most 10 seconds',
    ),
  password_ttl: durationOrNone
    .optional()
    .describe(
      'How long what password_command printed is used for new connections, 10m when left out; 0 runs it for each. One ' +
        'that the server refuses is replaced at once',
    ),
};

/** A query set, or one query of it. */
const setOrQuery = z
  .string()
  .regex(
    /^[a-zA-Z_][a-zA-Z0-9_.]*(?:\/.+)?$/,
    'expected the name of a query set, or SET/QUERY for one of its queries',
  )
  .meta({ kind: 'query set or set/query' });

const querySettingsKeys = keys({
  enabled: flag.optional().meta({ description: 'false: it is not asked', fallback: 'true' }),
  timeout: timeout.optional().describe('How long it may take, in place of its own timeout'),
  min_interval: durationOrNone
    .optional()
    .describe(
      'How long a successful result is kept and exposed again instead of asking; 0 asks at each probe',
    ),
  max_rows: count(1, MAX_ROWS).optional().describe('A result with more rows fails'),
  max_series: count(1, MAX_ROWS).optional().describe('A result that becomes more series fails'),
}).meta({ section: 'Settings of a query' });

const groupNames = z.array(text).optional();
const GROUPS_OF_A_TARGET =
  'Groups whose settings hold for the target, of several the last wins; in the defaults for targets that name none';

const settingKeys = {
  database: text.optional().describe('The default database of the sessions; none when left out'),
  auth_module: text.optional().describe('Who logs in: a name from auth_modules'),
  allow_auth_modules: z.array(text).optional().meta({
    description:
      'Auth modules that a URL may choose with auth_module=, besides the own one, which may also be called client when no other is',
    fallback: '[]',
  }),
  ...credentialKeys,
  tls: tlsKeys.optional().describe('Encryption of the connection; the keys of several levels are joined'),
  allow_public_key_retrieval: flag.optional().meta({
    description:
      'Lets a password login without TLS encrypt the password with a key that the server names, which only a trusted network makes safe',
    fallback: 'false',
  }),
  pipelining: flag.optional().meta({
    description:
      'Sends statements that the server answers quickly in one go, on one connection; for a proxy that does not show as one and mixes answers up: false',
    fallback: 'true',
  }),
  labels: labels.optional().meta({
    description:
      'Labels that tell people and service discovery about the target; samples carry them only with target_labels. Those of ' +
      'several levels are joined',
    fallback: '{}',
  }),
  query_sets: z
    .array(text)
    .optional()
    .describe(
      'What to ask: names of query sets; the six that mysqld_exporter has on by default when left out',
    ),
  max_connections: count(1, MAX_CONNECTIONS).optional().meta({
    description:
      'Connections to this target at the same time; one more, for a moment, when a statement must be killed',
    fallback: '3',
  }),
  connect_timeout: timeout
    .optional()
    .meta({ description: 'For name, TCP, TLS and login together', fallback: '3s' }),
  query_timeout: timeout
    .optional()
    .meta({ description: 'For each query without a timeout of its own', fallback: '5s' }),
  scrape_timeout: timeout.optional().meta({
    description: "For the whole probe; the scraper's own timeout counts too, the shorter one wins",
    fallback: '10s',
  }),
  scrape_interval: timeout
    .optional()
    .describe(
      'How often Prometheus is to ask for the target: service discovery (/sd) tells it, and nothing else uses it. Left ' +
        "out, the interval of Prometheus' own job holds",
    ),
  idle_timeout: timeout
    .optional()
    .meta({ description: 'A connection that was not used for so long is closed', fallback: '5m' }),
  max_connection_age: timeout.optional().meta({
    description:
      'A connection is replaced after about so long, between two probes: new rights and another server behind ' +
      'the same address are seen then',
    fallback: '10m',
  }),
  max_load: share.optional().meta({
    description:
      'The share of time that one query may take on the server: after a run of d it is asked again after d / max_load, five ' +
      'minutes at most, and until then its last result is exposed with its age. 100% asks it at each probe',
    fallback: '10%',
  }),
  session: z
    .record(variableName, z.union([z.string(), z.number()], { error: 'expected text or a number' }))
    .optional()
    .meta({
      description: 'System variables set on each new connection; those of several levels are joined',
      fallback: '{}',
    }),
  params: z.record(name, z.record(name, paramValue)).optional().meta({
    description:
      'Values for the parameters of query sets: set, then name. Those of several levels are joined',
    fallback: '{}',
  }),
  profiles: z.array(z.enum(PROFILE_NAMES)).optional().meta({
    description:
      'Names that dashboards ask for: parameters of the shipped sets that belong together, below the params of the same level',
    fallback: '[]',
  }),
  queries: z
    .record(setOrQuery, querySettingsKeys)
    .optional()
    .meta({
      description:
        'How queries are asked, where that is other than their query file says: by query set, or by set/query for one of its ' +
        'queries, which wins over its set. Those of several levels are joined',
      fallback: '{}',
    }),
  enabled: flag.optional().meta({ description: 'Whether the target may be probed', fallback: 'true' }),
};

export const groupSchema = keys(settingKeys).meta({ section: 'Group' });
export const defaultsSchema = keys({
  ...settingKeys,
  target_labels: flag.optional().meta({
    description:
      'Puts the labels of a target on every sample of its probe, where nobody can relabel; such answers take more time',
    fallback: 'false',
  }),
  groups: groupNames.meta({ description: GROUPS_OF_A_TARGET, fallback: '[]' }),
}).meta({ section: 'Defaults' });
export const targetSchema = keys({
  dsn: text
    .optional()
    .describe(
      'Instead of address: user:password@tcp(host:port)/database or mysql://user:password@host/database',
    ),
  address: text
    .optional()
    .describe(
      "host:port, [IPv6]:port or unix:///path/to/socket; the target's name, if it is one with a port, when left out",
    ),
  ...settingKeys,
  groups: groupNames.meta({ description: GROUPS_OF_A_TARGET, fallback: '[]' }),
  networks: z
    .array(text)
    .min(1)
    .optional()
    .describe(
      'For a name with *: addresses that may be dialled, such as 10.0.0.0/8; needed when the pattern could name any host',
    ),
  max_names: count(1, MAX_NAMES)
    .optional()
    .meta({
      description:
        'For a name with *: most names in use at once; one that is not asked for an hour is forgotten',
      fallback: String(DEFAULT_MAX_NAMES),
    }),
}).meta({ section: 'Target' });
export const authModuleSchema = keys(credentialKeys).meta({ section: 'Auth module' });

export const scrapeSchema = keys({
  groups: groupNames.describe(
    'The targets of these groups; all targets when groups and targets are left out',
  ),
  targets: z.array(text).optional().describe('These targets'),
  query_sets: z
    .array(text)
    .min(1)
    .optional()
    .describe("Exactly these query sets; each target's own when left out"),
}).meta({ section: 'Scrape' });

/** A part of a URL, so without what has a meaning there. */
const scrapeName = z
  .string()
  .regex(
    /^[a-zA-Z0-9_][a-zA-Z0-9_.-]*$/,
    'the name of a scrape has letters, digits, _, . and - and begins with neither . nor -',
  )
  .meta({ kind: 'name' });

const targetName = z
  .string()
  .regex(/^[^\p{Cc}]+$/u, 'the name of a target must not be empty or have control characters')
  .meta({ kind: 'name' });

/** The whole of targets.yml. */
export const targetsFileSchema = keys({
  query_files: z
    .array(text)
    .min(1)
    .optional()
    .describe(
      'Query files, relative to this file; patterns such as queries/*.yml. `builtin` means the shipped sets, which are also what there is when this is left out',
    ),
  defaults: defaultsSchema
    .optional()
    .describe('What holds for every target unless the target or its group says otherwise'),
  auth_modules: z.record(moduleName, authModuleSchema).optional().describe('Credentials by name'),
  groups: z.record(name, groupSchema).optional().describe('Settings by name that several targets share'),
  // Nothing at all is enough for one whose name is its address.
  targets: z
    .record(targetName, targetSchema.nullable())
    .describe('The servers by the name that Prometheus asks for'),
  scrapes: z
    .record(scrapeName, scrapeSchema)
    .optional()
    .describe('Several targets in one answer, by the name in the URL /scrape/NAME'),
}).meta({ section: 'File' });

/** What one level (a target, a group, the defaults) says; everything may be missing. */
export type SettingKeys = z.output<typeof groupSchema>;
export type QuerySettingsKeys = z.output<typeof querySettingsKeys>;
export type TargetKeys = z.output<typeof targetSchema>;
