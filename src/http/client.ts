/** A connection of a client and the requests on it, as `clients.ts` keeps them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';

/** One request, from its coming to the end of its answer. */
export interface Turn {
  readonly client: Client;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Its part of a connection over HTTP/2. */
  readonly stream: ServerHttp2Stream | undefined;
  /** When its handler has begun to wait. */
  receivedAt: number;
  /** Whether the event loop has looked at all sockets since then. */
  hasLooked: boolean;
  /** When its answer has begun to wait for its reader. */
  writingSince: number;
  unreadBytes: number;
  timer: NodeJS.Timeout | undefined;
}

export interface Client {
  /** As it was accepted; TLS may run on it. */
  readonly socket: Socket;
  /** Over HTTP/1.1. */
  current: Turn | undefined;
  /** Requests that came before the answer to an earlier one. */
  readonly waiting: Turn[];
  /** Over HTTP/2. */
  session: ServerHttp2Session | undefined;
  readonly streams: Set<Turn>;
  /** When the last answer over HTTP/2 was whole. */
  deliveredAt: number;
}

export const clientOn = (socket: Socket): Client => ({
  ...{ socket, current: undefined, waiting: [] },
  ...{ session: undefined, streams: new Set(), deliveredAt: 0 },
});

/** A request that has just come. */
export function turnOf(
  client: Client,
  request: IncomingMessage,
  response: ServerResponse,
  stream?: ServerHttp2Stream,
): Turn {
  const times = { receivedAt: 0, hasLooked: false, writingSince: 0 };
  return { client, request, response, stream, ...times, unreadBytes: 0, timer: undefined };
}
