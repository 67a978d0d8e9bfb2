/**
 * The web file: which keys there are and what each takes. They are those of Prometheus' exporter toolkit, and so are the
 * verdicts: a file must mean the same to every exporter on a machine.
 *
 * A key without a value counts as left out, as it does there. No variable is replaced: hashes are full of dollars.
 */
import * as z from 'zod';
import { CLIENT_AUTH_TYPES } from '../../model/web.ts';
import { flag, keys } from '../check/schema-parts.ts';
import { CIPHERS, CURVES, TLS_VERSIONS } from './tls-names.ts';

const optional = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value) => value ?? undefined);

const namesOf = <T extends string>(names: Readonly<Record<T, unknown>>) =>
  z.enum(Object.keys(names) as [T, ...T[]]);

/** The words that YAML 1.1 takes for true and false, which other readers of this file know. */
const YES = /^(?:y|yes|on)$/i;
const NO = /^(?:n|no|off)$/i;
const oldFlag = z.preprocess((given) => {
  if (typeof given !== 'string') return given;
  return YES.test(given) ? true : NO.test(given) ? false : given;
}, flag);

export const tlsKeys = keys({
  cert: optional(z.string()),
  key: optional(z.string()),
  client_ca: optional(z.string()),
  cert_file: optional(z.string()),
  key_file: optional(z.string()),
  client_ca_file: optional(z.string()),
  client_auth_type: z.preprocess(
    (given) => given || undefined,
    optional(z.enum([...CLIENT_AUTH_TYPES, 'RequireClientCert'])),
  ),
  client_allowed_sans: optional(z.array(z.string())),
  min_version: optional(namesOf(TLS_VERSIONS)),
  max_version: optional(namesOf(TLS_VERSIONS)),
  cipher_suites: optional(z.array(namesOf(CIPHERS))),
  curve_preferences: optional(z.array(namesOf(CURVES))),
  prefer_server_cipher_suites: optional(oldFlag),
});

const UNSENDABLE = /[^\t\x20-\x7e\x80-\xff]/;
/** Lines are joined, as Go's server does: a policy in several lines is one header. */
const headerValue = z
  .string()
  .transform((value) =>
    value
      .split(/[\r\n]/)
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .join(' '),
  )
  .refine((value) => !UNSENDABLE.test(value), 'has a character that no header may have');

const headerKeys = keys({
  'Strict-Transport-Security': optional(headerValue),
  'X-Content-Type-Options': optional(z.enum(['nosniff'])),
  'X-Frame-Options': optional(z.enum(['deny', 'sameorigin'])),
  'X-XSS-Protection': optional(headerValue),
  'Content-Security-Policy': optional(headerValue),
});

export const httpKeys = keys({ http2: optional(oldFlag), headers: optional(headerKeys) });

/** What follows the cost is not looked at: a hash with another letter in it is one that nobody's password has. */
const HASH = /^\$2[aby]\$(\d\d)\$.{52,}$/s;
const LEAST_COST = 4;
const MOST_COST = 31;

/** The cost of a bcrypt hash, the binary logarithm of its rounds; undefined for any other text. */
export function costOf(hash: string): number | undefined {
  const cost = Number(HASH.exec(hash)?.[1] ?? Number.NaN);
  return cost >= LEAST_COST && cost <= MOST_COST ? cost : undefined;
}

const hash = z
  .string()
  .refine(
    (text) => costOf(text) !== undefined,
    'expected a bcrypt hash ($2a$, $2b$ or $2y$, cost 4 to 31), such as htpasswd -nBC 10 "" makes',
  );

export const userKeys = z.record(z.string(), hash);

const NANOSECONDS: Readonly<Record<string, number>> = {
  ...{ ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3 },
  ...{ ms: 1, s: 1000, m: 60_000, h: 3_600_000 },
};
const GO_DURATION = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const GO_PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy;
const NO_DURATION = 'expected a duration such as 250ms or 1s';

/** Milliseconds of a duration as Go writes it; a bare number is nanoseconds. */
const goDuration = z
  .union([z.string(), z.number().int()], { error: NO_DURATION })
  .transform((given, context): number => {
    if (typeof given === 'number') return given * 1e-6;
    if (given === '0') return 0;
    if (GO_DURATION.test(given)) {
      let ms = 0;
      for (const [, amount, unit = ''] of given.replace(/^[+-]/, '').matchAll(GO_PART))
        ms += Number(amount) * (NANOSECONDS[unit] ?? 0);
      return given.startsWith('-') ? -ms : ms;
    }
    context.addIssue({ code: 'custom', message: NO_DURATION });
    return z.NEVER;
  });

export const rateKeys = keys({
  interval: optional(goDuration),
  burst: optional(z.number({ error: 'expected a whole number' }).int('expected a whole number')),
});

export const webFileSchema = keys({
  tls_server_config: optional(tlsKeys),
  http_server_config: optional(httpKeys),
  basic_auth_users: optional(userKeys),
  rate_limit: optional(rateKeys),
});

/** At these keys stand secrets: their values are in no message. */
export const SECRET_KEYS: readonly string[] = ['cert', 'key', 'client_ca', 'basic_auth_users'];
