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

/** Undefined for a socket in clear. */
export function tlsIn(socket: Socket): TlsInUse | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const { valid_to: end } = socket.getPeerCertificate();
  return {
    version: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    certificateEnd: end || undefined,
  };
}
