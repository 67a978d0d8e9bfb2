/**
 * A name server for tests, on a UDP port of 127.0.0.1: answers from a table, or is silent.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { TestContext } from 'node:test';

export interface Zone {
  /** By name, in small letters: addresses of both kinds. A name that is missing does not exist. */
  [name: string]: readonly string[];
}

export type Mood = 'answers' | 'silent' | 'fails' | 'silent for IPv6';

export interface NameServer {
  /** As `ip:port`. */
  readonly address: string;
  /** Every name that was asked for, once per question of either kind. */
  readonly asked: readonly string[];
  zone: Zone;
  ttl: number;
  mood: Mood;
}

const TYPE_A = 1;
const TYPE_AAAA = 28;
const SERVFAIL = 2;
const NXDOMAIN = 3;

export async function nameServer(t: TestContext, zone: Zone, mood: Mood = 'answers'): Promise<NameServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  const server: NameServer = { address: `127.0.0.1:${socket.address().port}`, asked, zone, ttl: 60, mood };
  socket.on('message', (question, from) => {
    const { name, end, type } = parseQuestion(question);
    asked.push(name);
    if (server.mood === 'silent' || (server.mood === 'silent for IPv6' && type === TYPE_AAAA)) return;
    const known = server.zone[name];
    const addresses = (known ?? []).filter((address) => address.includes(':') === (type === TYPE_AAAA));
    const code = server.mood === 'fails' ? SERVFAIL : known === undefined ? NXDOMAIN : 0;
    const header = Buffer.alloc(12);
    question.copy(header, 0, 0, 2); // its number
    header.writeUInt16BE(0x8180 | code, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(code === 0 ? addresses.length : 0, 6);
    const answers = code === 0 ? addresses.map((address) => record(address, type, server.ttl)) : [];
    socket.send(Buffer.concat([header, question.subarray(12, end), ...answers]), from.port, from.address);
  });
  return server;
}

function parseQuestion(message: Buffer): {
  readonly name: string;
  readonly end: number;
  readonly type: number;
} {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5, type: message.readUInt16BE(at + 1) };
}

function record(address: string, type: number, ttl: number): Buffer {
  const data = type === TYPE_A ? Buffer.from(address.split('.').map(Number)) : ipv6(address);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0); // the name of the question
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttl, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

/** Only `x::y`, which is all that these tests need. */
function ipv6(address: string): Buffer {
  const [left = '', right = ''] = address.split('::');
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16BE(Number.parseInt(left || '0', 16), 0);
  bytes.writeUInt16BE(Number.parseInt(right || '0', 16), 14);
  return bytes;
}
