/**
 * `--web.config.file`: TLS, logins, headers and the rate limit of the port, in the format of Prometheus' exporter
 * toolkit.
 *
 * All errors are found in one go, where the toolkit names the first.
 */
import { dirname, resolve } from 'node:path';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { DiagnosticList, type Diagnostics } from '../../diagnostics/diagnostics.ts';
import { haveChanged, type Input } from '../../diagnostics/input.ts';
import type { RateLimit, WebSettings } from '../../model/web.ts';
import { entriesOf, valueAt } from '../check/maps.ts';
import { salvage } from '../check/salvage.ts';
import { reportIssues } from '../check/zod-issues.ts';
import { contentOf } from '../yaml/located.ts';
import { readYaml } from '../yaml/source.ts';
import { readPart } from './pem-files.ts';
import { costOf, httpKeys, rateKeys, SECRET_KEYS, tlsKeys, webFileSchema } from './schema.ts';
import { readServerTls } from './server-tls.ts';

/** What was found in a web file and the files that it names. */
export interface WebReading {
  /** Undefined only together with an error. */
  readonly settings: WebSettings | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** All that was read. */
  readonly inputs: readonly Input[];
}

/** A web file that is read now and again. */
export interface WebFile {
  readonly read: () => Promise<WebReading>;
  /** Whether any of the files has other content than in that reading. */
  readonly hasChanged: (since: WebReading) => Promise<boolean>;
}

/** Reads nothing yet. */
export const webFile = (file: string): WebFile => ({
  read: () => readWebFile(file),
  hasChanged: ({ inputs }) => haveChanged(inputs),
});

/** Reads and checks a web file, its certificates and its key. */
export async function readWebFile(file: string): Promise<WebReading> {
  const found = new DiagnosticList();
  const settings = await readSettings(file, found);
  return {
    settings: found.hasErrors ? undefined : settings,
    diagnostics: found.sorted(),
    inputs: found.inputs,
  };
}

const NOTHING: WebSettings = {
  tls: undefined,
  http2: true,
  headers: [],
  users: new Map(),
  rateLimit: undefined,
};

/** Whether the file has no value, which means that nothing is set. */
const isEmpty = (text: string): boolean =>
  text.split('\n').every((line) => /^(?:---|null|~)?\s*(?:#.*)?$/.test(line.trim()));

async function readSettings(file: string, found: DiagnosticList): Promise<WebSettings | undefined> {
  const read = await readPart(resolve(file), found);
  if (!read.ok) {
    found.in(file).error(`the file ${read.message}`);
    return undefined;
  }
  const text = read.value.toString('utf8');
  if (isEmpty(text)) return NOTHING;
  const content = contentOf(readYaml(file, text), found);
  if (content === undefined) return undefined;
  const { diagnostics, value } = content;
  reportIssues(webFileSchema, value, diagnostics, SECRET_KEYS);
  const http = salvage(httpKeys, valueAt(value, 'http_server_config')).value;
  const http2 = http.http2 ?? true;
  const tls = await readServerTls(
    salvage(tlsKeys, valueAt(value, 'tls_server_config')),
    { folder: dirname(resolve(file)), http2 },
    diagnostics.at('tls_server_config'),
  );
  const headers = Object.entries(http.headers ?? {}).flatMap(([name, header]) =>
    header === undefined ? [] : [[name, header] as const],
  );
  const users = readUsers(valueAt(value, 'basic_auth_users'), diagnostics.at('basic_auth_users'));
  const rateLimit = readRate(valueAt(value, 'rate_limit'), diagnostics.at('rate_limit'));
  return { tls, http2, headers, users, rateLimit };
}

/** One check takes a second and more: 157 to 264 ms at cost 10, measured, and each step doubles it. */
const SLOW_COST = 13;

function readUsers(raw: unknown, diagnostics: Diagnostics): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  for (const [user, hash] of entriesOf(raw)) {
    const cost = typeof hash === 'string' ? costOf(hash) : undefined;
    if (cost === undefined || typeof hash !== 'string') continue; // reported
    users.set(user, hash);
    const at = diagnostics.at(user);
    if (cost >= SLOW_COST)
      at.warn(`the cost ${cost} of this hash makes the first login take seconds; 10 is usual`);
    if (user.includes(':')) at.warn('a user with a colon cannot log in: the colon ends the name');
  }
  return users;
}

function readRate(raw: unknown, diagnostics: Diagnostics): RateLimit | undefined {
  const { faulty, value } = salvage(rateKeys, raw);
  const { burst = 0, interval = 0 } = value;
  if (typeof valueAt(raw, 'interval') === 'number' && interval !== 0)
    diagnostics.at('interval').warn('a bare number is nanoseconds here: write 1s for a second');
  if (interval <= 0) return undefined;
  if (burst < 1 && !faulty.has('burst'))
    diagnostics.warn('without a burst of 1 at least every request is refused');
  return { intervalMs: interval, burst };
}
