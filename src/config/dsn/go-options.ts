/**
 * The options after the `?` of a go-sql-driver DSN: some have a meaning here, some are ignored, some refused.
 *
 * No option reaches the driver by its name. Messages never repeat values or unknown names: part of a password with an
 * unescaped `?` would be among them.
 */

import { type Parsed, parsed, refused } from '../../diagnostics/parsed.ts';
import type { TlsMode } from '../../model/config.ts';
import { VARIABLE_NAME } from '../../sql/system-variable.ts';
import { parseDuration } from '../check/duration.ts';
import type { Dsn } from './dsn-fields.ts';

export type DsnOptions = Pick<
  Dsn,
  'tlsMode' | 'connectTimeoutMs' | 'queryTimeoutMs' | 'session' | 'warnings'
>;

/** Each would let a hostile server or a careless query do harm. They are always off, so false is accepted. */
const DANGEROUS = new Set([
  'allowAllFiles',
  'allowCleartextPasswords',
  'allowFallbackToPlaintext',
  'multiStatements',
]);

const MEANINGLESS = new Set([
  'allowNativePasswords',
  'allowOldPasswords',
  'charset',
  'checkConnLiveness',
  'clientFoundRows',
  'collation',
  'columnsWithAlias',
  'compress',
  'connectionAttributes',
  'interpolateParams',
  'loc',
  'maxAllowedPacket',
  'parseTime',
  'rejectReadOnly',
  'serverPubKey',
  'timeTruncate',
  'writeTimeout',
]);

const TLS: ReadonlyMap<string, TlsMode> = new Map([
  ['1', 'verify_identity'],
  ['true', 'verify_identity'],
  ['0', 'disabled'],
  ['false', 'disabled'],
  ['skip-verify', 'required'],
  ['preferred', 'preferred'],
]);

/** Reads `key=value&...` as go-sql-driver splits it: a part without `=` is skipped. */
export function readDsnOptions(text: string): Parsed<DsnOptions> {
  const found: Writable<Omit<DsnOptions, 'session' | 'warnings'>> = {};
  const session: Record<string, string | number> = {};
  const warnings: string[] = [];
  for (const part of text.split('&')) {
    const equals = part.indexOf('=');
    if (equals < 0) continue;
    const key = part.slice(0, equals);
    const value = decode(part.slice(equals + 1));
    if (value === undefined)
      return refused('the value of a DSN option has a % that is no percent-encoding: write %25');

    if (key === 'tls') {
      const mode = TLS.get(value.toLowerCase());
      if (mode === undefined)
        return refused(
          'the DSN option tls must be true, false, skip-verify or preferred; more is possible with the key tls of the target',
        );
      found.tlsMode = mode;
    } else if (key === 'timeout' || key === 'readTimeout') {
      const duration = parseDuration(value);
      if (!duration.ok) return refused(`the DSN option ${key} must be a duration such as 500ms or 5s`);
      if (duration.value === 0) warnings.push(`the DSN option ${key} is zero, which means none: ignored`);
      else found[key === 'timeout' ? 'connectTimeoutMs' : 'queryTimeoutMs'] = duration.value;
    } else if (DANGEROUS.has(key)) {
      if (!/^(?:0|false)$/i.test(value)) return refused(`the DSN option ${key} is refused: it is not safe`);
    } else if (MEANINGLESS.has(key)) {
      warnings.push(`the DSN option ${key} has no meaning here, ignored`);
    } else if (VARIABLE_NAME.test(key)) {
      session[key] = variableValue(value);
    } else {
      return refused(
        'the DSN has an option that is neither known nor the name of a system variable (letters, digits, _ and .)',
      );
    }
  }
  return parsed({ ...found, session, warnings });
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** go-sql-driver pastes the value into `SET`, so there a text has its own quotes, and true is 1. */
function variableValue(text: string): string | number {
  if (/^true$/i.test(text)) return 1;
  if (/^false$/i.test(text)) return 0;
  if (/^-?\d+(?:\.\d+)?$/.test(text) && Number.isSafeInteger(Math.trunc(Number(text)))) return Number(text);
  const quoted = /^'(.*)'$/s.exec(text);
  return quoted?.[1] ?? text;
}

/** As Go's url.QueryUnescape: a plus is a space. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
