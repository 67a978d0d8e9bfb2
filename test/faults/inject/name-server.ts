/**
 * A name server that can die: it knows every name of the form `ip-127-0-1-2.faults.test`, or is silent.
 *
 * test/support/dns-server.ts plays more moods from a table; here the name tells its address.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export interface MortalNameServer {
  /** As `ip:port`. */
  readonly address: string;
  isDead: boolean;
  close(): void;
}

const HEADER_BYTES = 12;
const RESPONSE = 0x8180;
const TTL_SECONDS = 60;

export const nameOf = (ip: string) => `ip-${ip.replaceAll('.', '-')}.faults.test`;

export async function mortalNameServer(): Promise<MortalNameServer> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const server = {
    address: `127.0.0.1:${socket.address().port}`,
    isDead: false,
    close: () => void socket.close(),
  };
  socket.on('message', (question, from) => {
    if (!server.isDead) socket.send(answerTo(question), from.port, from.address);
  });
  return server;
}

function answerTo(question: Buffer): Buffer {
  const end = question.indexOf(0, HEADER_BYTES) + 5; // behind the name: type and class
  const isForIpv4 = question[end - 3] === 1;
  const ip = /ip-(\d+)-(\d+)-(\d+)-(\d+)/.exec(question.toString('latin1', HEADER_BYTES, end));
  const address = isForIpv4 && ip !== null ? ip.slice(1).map(Number) : undefined;
  const header = Buffer.from(question.subarray(0, HEADER_BYTES));
  header.writeUInt16BE(RESPONSE, 2);
  header.writeUInt16BE(address === undefined ? 0 : 1, 6);
  header.fill(0, 8); // no more sections
  const record = [0xc0, HEADER_BYTES, 0, 1, 0, 1, 0, 0, 0, TTL_SECONDS, 0, 4, ...(address ?? [])];
  const parts = [header, question.subarray(HEADER_BYTES, end)];
  return Buffer.concat(address === undefined ? parts : [...parts, Buffer.from(record)]);
}
