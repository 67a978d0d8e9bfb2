/**
 * TLS towards one server: what its mode demands, and the upgrade of a connection that has begun in clear text.
 *
 * The upgrade replaces the driver's own, which checks a certificate for an IP address against the name
 * "localhost" and offers no server name (mysql2 3.24.6, sidorares/node-mysql2#2172).
 */
import { isIP, type Socket } from 'node:net';
import * as tls from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import type { Deadline } from '../../deadline.ts';
import type { Address, TlsSettings } from '../../model/config.ts';
import { failure, type MysqlFailure } from '../failure.ts';
import { readShared } from './files.ts';
import { noteCertificateEnd } from './tls-in-use.ts';

/** How one target's connections are encrypted. Keeps the certificates and the last session for reuse. */
export interface TlsPolicy {
  /** Whether a connection is encrypted, given what the server offers; a failure when the mode forbids what it offers. */
  decide(offered: boolean, until: Deadline): Promise<TlsDecision>;
}

export type TlsDecision = { readonly ok: true; readonly upgrade: Upgrade | undefined } | MysqlFailure;

/** Encrypts a socket; `done` is called once, with an error or when the peer has been accepted. */
export type Upgrade = (socket: Socket, done: (error?: Error) => void) => tls.TLSSocket;

/** Whether the server's identity is proven, so that a password may be sent through the connection as it is. */
export function provesIdentity(settings: TlsSettings): boolean {
  return settings.mode === 'verify_ca' || settings.mode === 'verify_identity';
}

/** Makes the policy of one target; reads no file before the first connection. */
export function createTlsPolicy(settings: TlsSettings, address: Address): TlsPolicy {
  const { mode } = settings;
  const host = address.kind === 'tcp' ? address.host : 'localhost';
  const peer: Peer = { mode, name: settings.serverName ?? host, verify: provesIdentity(settings) };
  const contextNow = watchedContext(settings);
  return {
    async decide(offered, until) {
      if (mode === 'disabled' || (mode === 'preferred' && !offered)) return { ok: true, upgrade: undefined };
      if (!offered) return failure('tls', `the server offers no TLS, and tls mode ${mode} requires it`);
      const found = await contextNow(until);
      return 'detail' in found
        ? failure('tls', `the TLS files cannot be used: ${found.detail}`)
        : { ok: true, upgrade: (socket, done) => encrypt(socket, peer, found, done) };
    },
  };
}

/** Who must be at the other end. */
interface Peer {
  readonly mode: TlsSettings['mode'];
  /** What the certificate must carry, and SNI sends unless it is an IP address. */
  readonly name: string;
  readonly verify: boolean;
}

/** The certificates as they stand in their files, and the session to resume. */
interface Context {
  readonly contents: readonly (Buffer | undefined)[];
  readonly secure: tls.SecureContext;
  session: Buffer | undefined;
  /** Of the server's certificate, as OpenSSL writes a time. */
  certificateEnd: string | undefined;
}

/** The context of the files; it is made anew when one of them has changed. */
function watchedContext({
  caFile,
  certFile,
  keyFile,
  minVersion,
}: TlsSettings): (until: Deadline) => Promise<Context | { readonly detail: string }> {
  const files = [caFile, certFile, keyFile];
  let known: Context | undefined;
  return async (until) => {
    const contents: (Buffer | undefined)[] = [];
    for (const file of files) {
      const read = file === undefined ? undefined : await readShared(file, until);
      if (read?.ok === false) return { detail: `${file} ${read.detail}` };
      contents.push(read?.bytes);
    }
    if (known !== undefined && isDeepStrictEqual(known.contents, contents)) return known;
    try {
      const [ca, cert, key] = contents;
      known = {
        contents,
        secure: tls.createSecureContext({ ca, cert, key, minVersion }),
        session: undefined,
        certificateEnd: undefined,
      };
      return known;
    } catch (error) {
      return { detail: error instanceof Error ? error.message : String(error) };
    }
  };
}

function encrypt(
  socket: Socket,
  { mode, name, verify }: Peer,
  context: Context,
  done: (error?: Error) => void,
): tls.TLSSocket {
  const encrypted = tls.connect({
    socket,
    secureContext: context.secure,
    rejectUnauthorized: verify,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(context.session === undefined ? {} : { session: context.session }),
    checkServerIdentity: (_host, certificate) =>
      mode === 'verify_identity' ? tls.checkServerIdentity(name, certificate) : undefined,
  });
  encrypted.on('session', (fresh) => {
    context.session = fresh;
  });
  encrypted.once('secureConnect', () => {
    encrypted.off('error', done);
    if (!encrypted.isSessionReused()) context.certificateEnd = encrypted.getPeerCertificate().valid_to;
    if (context.certificateEnd) noteCertificateEnd(encrypted, context.certificateEnd);
    done();
  });
  encrypted.once('error', done);
  return encrypted;
}
