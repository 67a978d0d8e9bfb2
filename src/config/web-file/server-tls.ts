/**
 * The section `tls_server_config`: from names and files to what OpenSSL takes.
 *
 * The one place that builds a context, for the start and for every rotation: what one of them left out, the other
 * would have.
 */
import { constants, createPrivateKey, X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { createSecureContext, DEFAULT_CIPHERS, type SecureContextOptions } from 'node:tls';
import type { z } from 'zod';
import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import type { ClientAuth, WebTls } from '../../model/web.ts';
import { isGiven, type Salvaged } from '../check/salvage.ts';
import { readPart } from './pem-files.ts';
import type { tlsKeys } from './schema.ts';
import { CIPHERS, CURVES, HTTP2_CIPHERS, isOlder, TLS_VERSIONS, TLS13_CIPHERS } from './tls-names.ts';

type TlsKeys = z.output<typeof tlsKeys>;

export interface ServerTlsContext {
  /** Relative paths are below it. */
  readonly folder: string;
  readonly http2: boolean;
}

/** Any of these with a text switches TLS on. */
const SWITCHES = [
  ...(['cert', 'cert_file', 'key', 'key_file'] as const),
  ...(['client_ca', 'client_ca_file', 'client_auth_type'] as const),
];

/** What the section says; undefined for plain HTTP, and together with an error. */
export async function readServerTls(
  salvaged: Salvaged<TlsKeys>,
  { folder, http2 }: ServerTlsContext,
  diagnostics: Diagnostics,
): Promise<WebTls | undefined> {
  const { faulty, value } = salvaged;
  if (!SWITCHES.some((key) => Boolean(value[key]) || faulty.has(key))) {
    if (value.client_allowed_sans !== undefined)
      diagnostics.at('client_allowed_sans').warn('has no effect without TLS: there is no certificate');
    return undefined;
  }
  const pem = new PemParts(salvaged, folder, diagnostics);
  const cert = await pem.required('cert');
  const key = await pem.required('key');
  const ca = await pem.part('client_ca');
  const isPair = checkPair(cert, key, diagnostics);
  if (ca !== undefined) certificateOf(ca);
  const clientAuth = readClientAuth(salvaged, diagnostics);
  checkCiphers(value, http2, diagnostics);
  if (!isPair || cert === undefined || key === undefined || diagnostics.hasErrors) return undefined;
  const context = contextOf(value, { cert: cert.bytes, key: key.bytes, ca: ca?.bytes });
  if (!canServe(context, diagnostics)) return undefined;
  const { client_allowed_sans: names } = value;
  return { context, clientAuth, allowedSans: names && new Set(names) };
}

/** A text of PEM, and which key it came from. */
interface Pem {
  readonly bytes: Buffer;
  readonly at: Diagnostics;
  /** How a message calls it. */
  readonly what: string;
}

type PemKey = 'cert' | 'key' | 'client_ca';

/** The three parts that stand in the file or in one of their own, where the latter wins. */
class PemParts {
  readonly #salvaged: Salvaged<TlsKeys>;
  readonly #folder: string;
  readonly #diagnostics: Diagnostics;

  /** @param folder that relative paths are below */
  constructor(salvaged: Salvaged<TlsKeys>, folder: string, diagnostics: Diagnostics) {
    this.#salvaged = salvaged;
    this.#folder = folder;
    this.#diagnostics = diagnostics;
  }

  async required(key: 'cert' | 'key'): Promise<Pem | undefined> {
    const { faulty, value } = this.#salvaged;
    if (value[key] || value[`${key}_file`]) return await this.part(key);
    if (!faulty.has(key) && !faulty.has(`${key}_file`))
      this.#diagnostics.error(`TLS is on here and needs ${key}_file (or ${key} with the PEM text itself)`);
    return undefined;
  }

  async part(key: PemKey): Promise<Pem | undefined> {
    const { value } = this.#salvaged;
    const path = value[`${key}_file`];
    const inline = value[key];
    if (path) return await this.#ofFile(`${key}_file`, path);
    if (!inline) return undefined;
    return { bytes: Buffer.from(inline), at: this.#diagnostics.at(key), what: key };
  }

  async #ofFile(key: `${PemKey}_file`, path: string): Promise<Pem | undefined> {
    const at = this.#diagnostics.at(key);
    const read = await readPart(resolve(this.#folder, path), at);
    const what = `${key}: the file ${path.length > 200 || path.includes('\n') ? '' : JSON.stringify(path)}`;
    if (read.ok) return { bytes: read.value, at, what };
    at.error(`${what} ${read.message}`, 'value');
    return undefined;
  }
}

function checkPair(cert: Pem | undefined, key: Pem | undefined, diagnostics: Diagnostics): boolean {
  const certificate = cert && certificateOf(cert);
  const secret = key && keyOf(key);
  if (certificate === undefined || secret === undefined) return false;
  if (!certificate.checkPrivateKey(secret)) {
    (key?.at ?? diagnostics).error('the key does not belong to the certificate', 'value');
    return false;
  }
  if (Date.parse(certificate.validTo) < Date.now())
    cert?.at.warn(
      `the certificate is out of date since ${certificate.validTo}: clients that verify refuse it`,
    );
  return true;
}

function certificateOf({ at, bytes, what }: Pem): X509Certificate | undefined {
  try {
    return new X509Certificate(bytes);
  } catch {
    at.error(`${what} holds no certificate (PEM)`, 'value');
    return undefined;
  }
}

function keyOf({ at, bytes, what }: Pem) {
  try {
    return createPrivateKey(bytes);
  } catch (error) {
    const isLocked = error instanceof Error && 'code' in error && error.code === 'ERR_MISSING_PASSPHRASE';
    const problem = isLocked
      ? 'is protected by a passphrase, which cannot be given'
      : 'holds no private key (PEM)';
    at.error(`${what} ${problem}`, 'value');
    return undefined;
  }
}

function readClientAuth(salvaged: Salvaged<TlsKeys>, diagnostics: Diagnostics): ClientAuth {
  const { faulty, value } = salvaged;
  const written = value.client_auth_type || 'NoClientCert';
  const policy = written === 'RequireClientCert' ? 'RequireAnyClientCert' : written;
  if (faulty.has('client_auth_type')) return policy;
  for (const key of ['client_ca_file', 'client_ca'] as const)
    if (policy === 'NoClientCert' && value[key])
      diagnostics
        .at(key)
        .error(`${key} has no effect without client_auth_type, such as RequireAndVerifyClientCert`);
  if (isGiven(salvaged, 'client_allowed_sans') && value.client_allowed_sans !== undefined) {
    const at = diagnostics.at('client_allowed_sans');
    if (!policy.startsWith('Require'))
      at.error(
        'client_allowed_sans needs client_auth_type RequireAndVerifyClientCert or RequireAnyClientCert',
      );
    else if (value.client_allowed_sans.length === 0) at.warn('the list is empty: every client is refused');
    else if (policy === 'RequireAnyClientCert')
      at.warn(
        'nobody vouches for the names of a certificate that is not verified: RequireAndVerifyClientCert does',
      );
  }
  return policy;
}

function checkCiphers(value: Partial<TlsKeys>, http2: boolean, diagnostics: Diagnostics): void {
  const { cipher_suites: ciphers = [], max_version: most = 'TLS13', min_version: least = 'TLS12' } = value;
  if (isOlder(most, least))
    diagnostics
      .at('max_version')
      .error(`max_version ${most} is below min_version ${least}: nobody could connect`);
  const isListed = ciphers.length > 0 && isOlder(least, 'TLS13');
  if (isListed && http2 && !HTTP2_CIPHERS.some((cipher) => ciphers.includes(cipher)))
    diagnostics
      .at('cipher_suites')
      .error(`HTTP/2 needs one of ${HTTP2_CIPHERS.join(', ')}: add one, or say http2: false`);
  if (isListed && isOlder(most, 'TLS13') && ciphers.every((cipher) => CIPHERS[cipher] === undefined))
    diagnostics.at('cipher_suites').error('none of these is for TLS 1.2: nobody could connect');
}

/** Sessions are resumed by tickets of this server only, whose keys go with the context. */
const SESSION_CONTEXT = 'mysql-query-exporter';

function contextOf(
  value: Partial<TlsKeys>,
  pem: { readonly cert: Buffer; readonly key: Buffer; readonly ca: Buffer | undefined },
): SecureContextOptions {
  const {
    min_version: least = 'TLS12',
    max_version: most = 'TLS13',
    cipher_suites,
    curve_preferences,
  } = value;
  const listed = (cipher_suites ?? []).flatMap((name) => CIPHERS[name] ?? []);
  const named = cipher_suites?.length ? [...TLS13_CIPHERS, ...listed] : [DEFAULT_CIPHERS];
  // Signatures of TLS 1.0 and 1.1 are below what OpenSSL 3 takes by itself.
  const ciphers = isOlder(least, 'TLS12') ? [...named, '@SECLEVEL=0'] : named;
  const isModern = cipher_suites?.length && listed.length === 0;
  return {
    cert: pem.cert,
    key: pem.key,
    ...(pem.ca && { ca: pem.ca }),
    minVersion: TLS_VERSIONS[isModern ? 'TLS13' : least],
    maxVersion: TLS_VERSIONS[most],
    ciphers: ciphers.join(':'),
    ...(curve_preferences?.length && { ecdhCurve: curve_preferences.map((name) => CURVES[name]).join(':') }),
    honorCipherOrder: true,
    sessionIdContext: SESSION_CONTEXT,
    // A client that renegotiates makes the server work for nothing; HTTP/2 forbids it anyway.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    // Go trusts whatever is in the file, be it no root.
    allowPartialTrustChain: true,
  };
}

/** What OpenSSL alone knows, such as a certificate whose key is too short for it. */
function canServe(context: SecureContextOptions, diagnostics: Diagnostics): boolean {
  try {
    createSecureContext(context);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    diagnostics.error(`OpenSSL does not take these settings (${code})`);
    return false;
  }
}
