/**
 * The least that an exporter in Node.js does: bytes in, bytes out, and no look at them.
 *
 * For each request of HTTP it writes the statements of a probe in one write to a connection that it keeps, waits for
 * the last packet of their answers, and answers with bytes made before. No metrics, no deadlines, no compression.
 * A process of its own (least-process.ts starts it and talks to it); ends with the one that started it.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createConnection } from 'mysql2';
import { comQuery, HEADER_BYTES, MARKER_ERR, payloadLength } from '../../src/mysql/protocol/packet.ts';
import { answerMessages } from '../worker.ts';
import type { LeastJob, LeastResult } from './least-process.ts';

const MARKER_EOF = 0xfe;
/** With that marker a longer one is a row. */
const MOST_EOF_BYTES = 8;
/** Behind the columns and behind the rows: mysql2 does without CLIENT_DEPRECATE_EOF. */
const ENDS_PER_STATEMENT = 2;

/** Logs in with mysql2, as the exporter does, and goes on without it. */
function logIn({ account, port }: LeastJob, host: string): Promise<Socket> {
  const connection = createConnection({ host, port, ...account, flags: ['-CLIENT_QUERY_ATTRIBUTES'] });
  return new Promise((resolve, reject) =>
    connection.connect((error) => {
      if (error !== null) return reject(error);
      const { stream } = connection as unknown as { readonly stream: Socket };
      stream.removeAllListeners();
      resolve(stream);
    }),
  );
}

/** Calls back when so many statements have been answered. */
function onAnswers(stream: Socket, statements: number, answered: () => void): void {
  let ends = 0;
  /** Of a packet that has begun, still to come. */
  let left = 0;
  let rest: Buffer = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = left;
    while (at + HEADER_BYTES < bytes.length) {
      const length = payloadLength(bytes, at);
      const marker = bytes[at + HEADER_BYTES];
      if (marker === MARKER_ERR) throw new Error('the server refused a statement');
      if (marker === MARKER_EOF && length <= MOST_EOF_BYTES) ends++;
      at += HEADER_BYTES + length;
    }
    left = Math.max(0, at - bytes.length);
    rest = bytes.subarray(Math.min(at, bytes.length));
    if (ends < statements * ENDS_PER_STATEMENT) return;
    ends = 0;
    answered();
  });
}

async function serve(job: LeastJob): Promise<LeastResult> {
  const { gzip, hosts, statements } = job;
  const body = Buffer.from(job.body, 'base64');
  const headers = { 'content-type': 'text/plain', ...(gzip && { 'content-encoding': 'gzip' }) };
  const request = Buffer.concat(statements.map(comQuery));
  const waiting = new Map<string, ServerResponse>();
  const streams = new Map<string, Socket>();
  for (const host of hosts) {
    const stream = await logIn(job, host);
    streams.set(host, stream);
    onAnswers(stream, statements.length, () => waiting.get(host)?.writeHead(200, headers).end(body));
  }
  const server = createServer(({ url = '' }, response) => {
    const host = url.slice(url.indexOf('=') + 1);
    waiting.set(host, response);
    streams.get(host)?.write(request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port };
}

answerMessages(serve);
