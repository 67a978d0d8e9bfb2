/**
 * targets.yml: which keys there are and what each takes. What depends on other keys or files is checked in
 * settings.ts and targets.ts.
 */
import { z } from 'zod';
import { TLS_MODES } from '../../model/config.ts';
import {
  count,
  flag,
  keys,
  labels,
  moduleName,
  name,
  paramValue,
  text,
  timeout,
  variableName,
} from '../check/schema-parts.ts';

const MAX_CONNECTIONS = 100;

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
  });

const tlsKeys = keys({
  mode: z.enum(TLS_MODES).optional(),
  ca_file: text.optional(),
  cert_file: text.optional(),
  key_file: text.optional(),
  server_name: text.optional(),
  min_version: tlsVersion.optional(),
});

const credentialKeys = {
  user: text.optional(),
  password: z.string().optional(),
  password_file: text.optional(),
};

const settingKeys = {
  database: text.optional(),
  auth_module: text.optional(),
  allow_auth_modules: z.array(text).optional(),
  ...credentialKeys,
  tls: tlsKeys.optional(),
  allow_public_key_retrieval: flag.optional(),
  labels: labels.optional(),
  query_sets: z.array(text).optional(),
  max_connections: count(1, MAX_CONNECTIONS).optional(),
  connect_timeout: timeout.optional(),
  query_timeout: timeout.optional(),
  scrape_timeout: timeout.optional(),
  idle_timeout: timeout.optional(),
  session: z
    .record(variableName, z.union([z.string(), z.number()], { error: 'expected text or a number' }))
    .optional(),
  params: z.record(name, z.record(name, paramValue)).optional(),
  enabled: flag.optional(),
};

export const groupSchema = keys(settingKeys);
export const defaultsSchema = keys({ ...settingKeys, groups: z.array(text).optional() });
export const targetSchema = keys({
  dsn: text.optional(),
  address: text.optional(),
  ...settingKeys,
  groups: z.array(text).optional(),
});
export const authModuleSchema = keys({ ...credentialKeys, user: text });

export const scrapeSchema = keys({
  groups: z.array(text).optional(),
  targets: z.array(text).optional(),
  query_sets: z.array(text).min(1).optional(),
});

/** A part of a URL, so without what has a meaning there. */
const scrapeName = z
  .string()
  .regex(
    /^[a-zA-Z0-9_][a-zA-Z0-9_.-]*$/,
    'the name of a scrape has letters, digits, _, . and - and begins with neither . nor -',
  );

const targetName = z
  .string()
  .regex(/^[^\p{Cc}]+$/u, 'the name of a target must not be empty or have control characters');

/** The whole of targets.yml. */
export const targetsFileSchema = keys({
  query_files: z.array(text).min(1).optional(),
  defaults: defaultsSchema.optional(),
  auth_modules: z.record(moduleName, authModuleSchema).optional(),
  groups: z.record(name, groupSchema).optional(),
  // Nothing at all is enough for one whose name is its address.
  targets: z.record(targetName, targetSchema.nullable()),
  scrapes: z.record(scrapeName, scrapeSchema).optional(),
});

/** What one level (a target, a group, the defaults) says; everything may be missing. */
export type SettingKeys = z.output<typeof groupSchema>;
export type TargetKeys = z.output<typeof targetSchema>;
