/**
 * What TLS has come to on an open connection.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

export interface TlsInUse {
  /** Such as TLSv1.3. */
  readonly version: string;
  /** By its standard name. */
  readonly cipher: string;
  /** Of the server's certificate, as OpenSSL writes a time; undefined when it has none. */
  readonly certificateEnd: string | undefined;
}

/** A session that is resumed brings no certificate: it is the one of the session's beginning. */
const ends = new WeakMap<Socket, string>();

/** Notes until when the server's certificate holds. */
export function noteCertificateEnd(socket: Socket, end: string): void {
  ends.set(socket, end);
}

/** Undefined for a socket in clear. */
export function tlsIn(socket: Socket): TlsInUse | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  return {
    version: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    certificateEnd: ends.get(socket),
  };
}
