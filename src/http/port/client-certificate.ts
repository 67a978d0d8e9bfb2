/** Whether a client's certificate is what the web file asks for, once the handshake is over. */
import { SocketAddress } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { WebTls } from '../../model/web.ts';

/** What is wrong with it; undefined when the client may go on. */
export function refusalOf(socket: TLSSocket, { allowedSans, clientAuth }: WebTls): string | undefined {
  if (clientAuth === 'NoClientCert') return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined)
    return clientAuth.startsWith('Require') ? 'the client shows no certificate' : undefined;
  const isVerified = clientAuth === 'VerifyClientCertIfGiven' || clientAuth === 'RequireAndVerifyClientCert';
  if (isVerified && !socket.authorized)
    return `the certificate of the client is not verified (${String(socket.authorizationError)})`;
  if (allowedSans === undefined) return undefined;
  const names = namesIn(certificate.subjectAltName ?? '');
  return names.some((name) => allowedSans.has(name))
    ? undefined
    : 'no name of the certificate of the client is among client_allowed_sans';
}

/** `DNS:a, IP Address:::1, URI:"odd, one"`: a value with a comma or a quote stands in quotes, as JSON. */
const ENTRY = /([^:,]*):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy;
const KINDS = ['DNS', 'email', 'IP Address', 'URI'];

/**
 * DNS names, mail addresses, addresses in their canonical form and URIs, as Node.js writes the extension. Behind what is
 * written in another way there are none.
 */
export function namesIn(subjectAltName: string): readonly string[] {
  const names: string[] = [];
  for (const [, kind = '', value = ''] of subjectAltName.matchAll(ENTRY)) {
    if (!KINDS.includes(kind)) continue;
    const text = value.startsWith('"') ? (JSON.parse(value) as string) : value;
    names.push(kind === 'IP Address' ? canonical(text) : text);
  }
  return names;
}

/** OpenSSL writes `0:0:0:0:0:0:0:1`, Go and people `::1`. */
function canonical(address: string): string {
  return address.includes(':') ? new SocketAddress({ address, family: 'ipv6' }).address : address;
}
