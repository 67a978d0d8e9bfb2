/**
 * What a client does with its connections to hold what others need: requests ahead and nothing read, idle ones by the
 * hundred, bodies that never come, one side closed, headers of the worst letters, choices in every order.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Exporter } from '../../support/exporter.ts';
import type { Ledger } from '../ledger.ts';
import { residentMiB, type Scale } from '../world.ts';
import type { Attacker } from './flood.ts';

export interface ConnectionAttack {
  readonly attacker: Attacker;
  readonly exporter: Exporter;
  readonly target: string;
  readonly ledger: Ledger;
  readonly scale: Scale;
  /** For receiving a request, and some for a busy machine. */
  readonly receiveMs: number;
}

const NEVER_READ = 20;
/** Far above what is taken, and just what is. */
const AHEAD = [2_000, 8] as const;
const IDLE = 500;
const HALF_CLOSED = 50;
const NEVER_ENDED = 50;
const SOCKETS = 16;
/** For what never reads, besides what the buffers of the kernel hold. */
const MOST_GROWTH_MIB = 200;

/** All of them, one after the other; connections are held until all is done. */
export async function attackByConnections(attack: ConnectionAttack): Promise<void> {
  const { exporter, ledger } = attack;
  const before = await residentMiB(exporter);
  const held: Socket[] = [];
  try {
    held.push(...(await neverRead(attack)), ...(await idle(attack)));
    const unending = neverEnd(attack);
    await halfClose(attack);
    await worstHeaders(attack);
    await permutations(attack);
    await unending;
    const grown = (await residentMiB(exporter)) - before;
    ledger.note(`rogue client: resident memory grew by ${grown.toFixed(0)} MiB beside its connections`);
    if (grown > MOST_GROWTH_MIB)
      ledger.leaked(`connections: resident memory grew by ${grown.toFixed(0)} MiB`);
  } finally {
    for (const socket of held) socket.destroy();
  }
}

const ask = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

async function opened({ attacker }: ConnectionAttack, count: number, bytes: string): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => attacker.open().pause());
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  for (const socket of sockets) socket.write(bytes);
  return sockets;
}

async function neverRead(attack: ConnectionAttack): Promise<Socket[]> {
  const opening = AHEAD.map((ahead) => {
    attack.ledger.injected('request sent ahead, whose answer nobody reads', NEVER_READ * ahead);
    return opened(attack, NEVER_READ, ask('/metrics').repeat(ahead));
  });
  return (await Promise.all(opening)).flat();
}

async function idle(attack: ConnectionAttack): Promise<Socket[]> {
  attack.ledger.injected('idle client', IDLE);
  return await opened(attack, IDLE, ask('/-/healthy'));
}

/** Answered, and closed when the body does not come. */
async function neverEnd({ attacker, ledger, receiveMs, scale }: ConnectionAttack): Promise<void> {
  ledger.injected('body that never comes', NEVER_ENDED);
  const request = 'POST /probe HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n';
  const ended = await Promise.all(Array.from({ length: NEVER_ENDED }, () => attacker.send(request)));
  ledger.answered(NEVER_ENDED);
  for (const { ms, status } of ended) {
    if (!/^HTTP\/1.1 40[05]/.test(status)) ledger.wrong(`a body that never comes: "${status}"`);
    if (ms > receiveMs * scale.patience)
      ledger.late(`a body that never comes: closed after ${ms.toFixed(0)} ms`);
  }
}

/** A client that ends its side behind its request wants its answer. */
async function halfClose({ attacker, ledger, target }: ConnectionAttack): Promise<void> {
  ledger.injected('one side closed behind the request', HALF_CLOSED);
  const request = ask(`/probe?target=${target}`);
  const ended = await Promise.all(Array.from({ length: HALF_CLOSED }, () => attacker.sendAndEnd(request)));
  ledger.answered(HALF_CLOSED);
  for (const { status } of ended)
    if (status !== 'HTTP/1.1 200 OK') ledger.wrong(`one side closed behind the request: "${status}"`);
}

/** Such as made a pattern of ours take time with the square of their length. */
async function worstHeaders({ attacker, ledger, scale, target }: ConnectionAttack): Promise<void> {
  const headers = [
    `X-Prometheus-Scrape-Timeout-Seconds: ${'1'.repeat(15_000)}x`,
    `Accept-Encoding: ${'gzip;q=1,'.repeat(1_600)}x`,
    `Accept-Encoding: ${' '.repeat(15_000)}x`,
    `Accept: ${'text/plain;'.repeat(1_300)}x`,
  ];
  const count = scale.flood / 10;
  ledger.injected('headers of the worst letters', count);
  const seen = await attacker.flood(count, SOCKETS, (i) =>
    ask(`/probe?target=${target}`, `${headers[i % headers.length]}\r\n`),
  );
  ledger.answered(count);
  if (seen.get('200') !== count) ledger.wrong(`headers of the worst letters: ${JSON.stringify([...seen])}`);
}

const SETS = ['watched', 'exact', 'quick', 'clock', 'slow', 'endless', 'fresh', 'hanging'];

/** The same choice of query sets in another order each time; HEAD asks no server. */
async function permutations({ attacker, ledger, scale, target }: ConnectionAttack): Promise<void> {
  ledger.injected('query sets in another order', scale.flood);
  const seen = await attacker.flood(scale.flood, SOCKETS, (i) => {
    const sets = permutation(SETS, i).map((set) => `&query_set=${set}`);
    return `HEAD /probe?target=${target}${sets.join('')} HTTP/1.1\r\nHost: x\r\n\r\n`;
  });
  ledger.answered(scale.flood);
  if (seen.get('200') !== scale.flood)
    ledger.wrong(`query sets in another order: ${JSON.stringify([...seen])}`);
}

/** One of all orders, by its number. */
function permutation(values: readonly string[], number: number): readonly string[] {
  const left = [...values];
  let rest = number;
  return values.map(() => {
    const [taken = ''] = left.splice(rest % left.length, 1);
    rest = Math.floor(rest / (left.length + 1));
    return taken;
  });
}
