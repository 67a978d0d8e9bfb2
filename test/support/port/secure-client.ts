/** A client of a port with TLS, over HTTP/1.1 or HTTP/2, on a connection of its own for each request. */
import { once } from 'node:events';
import { request as requestHttp } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';

import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';

export interface SecureAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Such as `TLSv1.3`. */
  readonly tls: string | null;
  /** The serial number of the server's certificate. */
  readonly serial: string;
}

export interface SecureRequest {
  readonly method?: string;
  /** `name:password` */
  readonly login?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const HTTP_VERSIONS = ['http/1.1', 'h2'] as const;
export type HttpVersion = (typeof HTTP_VERSIONS)[number];

const headersOf = ({ headers, login }: SecureRequest): Record<string, string> => ({
  ...headers,
  ...(login !== undefined && { authorization: `Basic ${Buffer.from(login).toString('base64')}` }),
});

/** Rejects when there is no connection, or no answer. */
export async function askSecurely(
  version: HttpVersion,
  options: ConnectionOptions,
  path: string,
  request: SecureRequest = {},
): Promise<SecureAnswer> {
  // An error that comes when the answer is there, or already the refusal, is no news.
  const socket = connect({ host: '127.0.0.1', ...options, ALPNProtocols: [version] }).on('error', () => {});
  try {
    await once(socket, 'secureConnect');
    if (version === 'h2') return await askOnSession(sessionOn(socket), path, request);
    return await askHttp1(socket, path, request);
  } finally {
    socket.destroy();
  }
}

function sessionOn(socket: TLSSocket): ClientHttp2Session {
  return connectHttp2('https://localhost', { createConnection: () => socket }).on('error', () => {});
}

/** A session over which many requests may go. */
export async function openSession(options: ConnectionOptions): Promise<ClientHttp2Session> {
  const socket = connect({ host: '127.0.0.1', ...options, ALPNProtocols: ['h2'] }).on('error', () => {});
  await once(socket, 'secureConnect');
  return sessionOn(socket);
}

/** One request of a session. */
export async function askOnSession(
  session: ClientHttp2Session,
  path: string,
  request: SecureRequest = {},
): Promise<SecureAnswer> {
  const stream = session.request({
    ...{ ':path': path, ':method': request.method ?? 'GET', ...headersOf(request) },
  });
  const text = textOf(stream);
  const closed = once(session, 'close').then(() => {
    throw new Error('the session ended');
  });
  closed.catch(() => {});
  const [headers] = (await Promise.race([once(stream, 'response'), closed])) as [
    IncomingHttpHeaders & { ':status': number },
  ];
  const answer = { status: headers[':status'], headers, text: await text };
  return { ...answer, ...tlsOf(session.socket as TLSSocket) };
}

async function askHttp1(socket: TLSSocket, path: string, request: SecureRequest): Promise<SecureAnswer> {
  const sent = requestHttp({
    ...{ host: 'localhost', path, method: request.method ?? 'GET', headers: headersOf(request) },
    createConnection: () => socket,
  });
  sent.end();
  const [response] = await once(sent, 'response');
  const answer = { status: response.statusCode, headers: response.headers, text: await textOf(response) };
  return { ...answer, ...tlsOf(socket) };
}

const tlsOf = (socket: TLSSocket) => ({
  tls: socket.getProtocol(),
  serial: socket.getPeerCertificate().serialNumber,
});

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk;
  return text;
}
