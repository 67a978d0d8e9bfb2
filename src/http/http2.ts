/** HTTP/2 on connections that someone else has accepted, and its limits of one connection. */
import {
  createServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';

/** Of one connection; a scraper of more targets opens another one. */
const MAX_STREAMS = 250;
/** Of one request over HTTP/2, as HTTP/1.1 has it. */
const MAX_HEADER_BYTES = 16 << 10;
/** In megabytes. Node.js counts the answers that wait for their reader too, and those have a bound here. */
const MAX_SESSION_MB = 1_000;

type OnStream = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

/**
 * What makes a session of a socket.
 *
 * @param idleMs how long nothing may happen on it, in milliseconds
 */
export function serveHttp2(
  idleMs: number,
  onStream: OnStream,
): (socket: TLSSocket) => ServerHttp2Session | undefined {
  const settings = {
    maxConcurrentStreams: MAX_STREAMS,
    maxHeaderListSize: MAX_HEADER_BYTES,
    enablePush: false,
  };
  const server = createServer({ settings, maxSessionMemory: MAX_SESSION_MB }, onStream);
  let latest: ServerHttp2Session | undefined;
  server.on('session', (session) => {
    latest = session;
    session.on('error', () => {}).setTimeout(idleMs, () => session.close());
  });
  server.on('sessionError', () => {}); // of one client, whose connection is closed
  return (socket) => {
    latest = undefined;
    server.emit('connection', socket); // makes the session before it returns
    return latest;
  };
}
