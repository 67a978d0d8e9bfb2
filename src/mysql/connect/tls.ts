/**
 * TLS towards one server: what its mode demands, and the upgrade of a connection that has begun in clear text.
 *
 * The upgrade replaces the driver's own, which checks a certificate for an IP address against the name
 * "localhost" and offers no server name (mysql2 3.24.6, sidorares/node-mysql2#2172).
 */
import { readFile, stat } from 'node:fs/promises';
import { isIP, type Socket } from 'node:net';
import * as tls from 'node:tls';
import type { Address, TlsSettings } from '../../model/config.ts';
import { failure, type MysqlFailure } from '../failure.ts';

/** How one target's connections are encrypted. Keeps the certificates and the last session for reuse. */
export interface TlsPolicy {
  /** Whether a connection is encrypted, given what the server offers; a failure when the mode forbids what it offers. */
  decide(offered: boolean): Promise<TlsDecision>;
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
  const verify = provesIdentity(settings);
  const host = address.kind === 'tcp' ? address.host : 'localhost';
  const name = settings.serverName ?? host;
  let session: Buffer | undefined;
  let context: { readonly version: string; readonly secure: tls.SecureContext } | undefined;

  async function secureContext(): Promise<tls.SecureContext> {
    const files = [settings.caFile, settings.certFile, settings.keyFile];
    const version = (await Promise.all(files.map(versionOf))).join();
    if (context?.version !== version) {
      const [ca, cert, key] = await Promise.all(
        files.map((file) => (file === undefined ? undefined : readFile(file))),
      );
      context = {
        version,
        secure: tls.createSecureContext({ ca, cert, key, minVersion: settings.minVersion }),
      };
      session = undefined;
    }
    return context.secure;
  }

  const upgradeWith =
    (secure: tls.SecureContext): Upgrade =>
    (socket, done) => {
      const encrypted = tls.connect({
        socket,
        secureContext: secure,
        rejectUnauthorized: verify,
        ...(isIP(name) === 0 ? { servername: name } : {}),
        ...(session === undefined ? {} : { session }),
        checkServerIdentity: (_host, certificate) =>
          settings.mode === 'verify_identity' ? tls.checkServerIdentity(name, certificate) : undefined,
      });
      encrypted.on('session', (fresh) => {
        session = fresh;
      });
      encrypted.once('secureConnect', () => {
        encrypted.off('error', done);
        done();
      });
      encrypted.once('error', done);
      return encrypted;
    };

  return {
    async decide(offered) {
      if (settings.mode === 'disabled' || (settings.mode === 'preferred' && !offered)) {
        return { ok: true, upgrade: undefined };
      }
      if (!offered)
        return failure('tls', `the server offers no TLS, and tls mode ${settings.mode} requires it`);
      try {
        return { ok: true, upgrade: upgradeWith(await secureContext()) };
      } catch (error) {
        return failure(
          'tls',
          `the TLS files cannot be used: ${error instanceof Error ? error.message : error}`,
        );
      }
    },
  };
}

async function versionOf(file: string | undefined): Promise<string> {
  if (file === undefined) return '';
  const { mtimeMs, size } = await stat(file);
  return `${mtimeMs}/${size}`;
}
