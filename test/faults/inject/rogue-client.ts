/**
 * One client that means no good: floods, slow requests, hang-ups. Meanwhile Prometheus goes on scraping, and
 * afterwards nothing is left of it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exporter } from '../../support/exporter.ts';
import { judge, WHOLE, whyWrong } from '../judge.ts';
import type { Ledger } from '../ledger.ts';
import { Scraper } from '../scrape.ts';
import { expectHeld, held, residentMiB, startExporter, type Target, type World } from '../world.ts';
import { Attacker } from './flood.ts';
import { attackByConnections } from './rogue-connections.ts';

const TARGETS = 50;
const MAX_REQUESTS = 64;
const SIMULTANEOUS = 500;
const SLOW_CLIENTS = 200;
const HANG_UPS = 100;
/** Node's own limit for all headers of a request. */
const HEADER_LIMIT = 16 << 10;
const SOCKETS = 16;
/** As for receiving a request in src/http/server.ts, and some for a busy machine. */
const RECEIVE_MS = 10_000 + 5_000;

interface Attack {
  readonly world: World;
  readonly exporter: Exporter;
  readonly attacker: Attacker;
  readonly targets: readonly string[];
}

export async function testRogueClient(world: World): Promise<void> {
  const { ledger, scrapeSeconds, servers } = world;
  const targets: readonly Target[] = Array.from({ length: TARGETS }, (_, i) => ({
    name: `target-${i}`,
    address: `127.0.5.${i + 1}:${servers[i % servers.length]!.port}`,
  }));
  const exporter = await startExporter(world, targets, { flags: [`--web.max-requests=${MAX_REQUESTS}`] });
  try {
    const names = targets.map(({ name }) => name);
    const attack: Attack = { world, exporter, attacker: new Attacker(exporter.url), targets: names };
    using scraper = new Scraper(exporter.url, scrapeSeconds);
    judge(ledger, await scraper.round(names, 500), scrapeSeconds, () => WHOLE);
    const before = await held(exporter, servers);
    await simultaneous(attack);
    judge(ledger, await scraper.round(names, 500), scrapeSeconds, () => WHOLE); // at the next scrape all is well
    await meanwhile(scraper, names, ledger, async () => {
      const patience = new AbortController();
      const slow = slowRequests(attack, patience.signal);
      await floods(attack);
      await bigHeaders(attack);
      await hangUps(attack);
      await attackByConnections({ ...attack, ...world, target: names[0] ?? '', receiveMs: RECEIVE_MS });
      if (!world.scale.isPatient) patience.abort();
      await slow;
    });
    const bounds = { heapMiB: 15, descriptors: 20, connections: TARGETS * 2 - before.connections };
    bounds.descriptors += bounds.connections; // a target may open its second connection at any time
    await expectHeld('rogue client', () => held(exporter, servers), before, bounds, world);
    ledger.injected('log that nobody reads any more');
    exporter.closeLog();
    judge(ledger, await scraper.round(names, 500), scrapeSeconds, () => WHOLE);
  } finally {
    await exporter[Symbol.asyncDispose]();
  }
}

/** Scrapes all the time while `work` goes on: each answer whole and in time. */
async function meanwhile(
  scraper: Scraper,
  targets: readonly string[],
  ledger: Ledger,
  work: () => Promise<void>,
): Promise<void> {
  let isOver = false;
  const scraping = (async () => {
    while (!isOver) {
      const answers = await scraper.round(targets, 2_000);
      judge(ledger, answers, scraper.timeoutSeconds, () => WHOLE);
    }
  })();
  try {
    await work();
  } finally {
    isOver = true;
    await scraping;
  }
}

/** Above the cap 503 with Retry-After, below it whole answers; nothing in between. */
async function simultaneous({ exporter, targets, world }: Attack): Promise<void> {
  const { ledger, scrapeSeconds } = world;
  ledger.injected('simultaneous probe of a rogue client', SIMULTANEOUS);
  using scraper = new Scraper(exporter.url, scrapeSeconds);
  const answers = await Promise.all(
    Array.from({ length: SIMULTANEOUS }, (_, i) =>
      scraper.scrape(targets[i % targets.length]!, '&query_set=slow'),
    ),
  );
  const refused = answers.filter(({ status }) => status === 503);
  ledger.answered(answers.length);
  if (refused.length === 0) ledger.wrong(`none of ${SIMULTANEOUS} simultaneous probes was refused`);
  for (const answer of answers) {
    if (answer.status === 503 && !/^\d+$/.test(answer.retryAfter ?? ''))
      ledger.wrong('503 without Retry-After');
    const wrong = answer.status === 503 ? undefined : whyWrong(answer, WHOLE);
    if (wrong !== undefined) ledger.wrong(`one of ${SIMULTANEOUS} simultaneous probes: ${wrong}`);
  }
  // Those that were refused are told at once; the accepted ones keep to their deadline.
  const slowest = Math.max(...answers.map(({ ms }) => ms));
  if (slowest > scrapeSeconds * 1000) ledger.late(`a simultaneous probe after ${Math.round(slowest)} ms`);
  ledger.note(`rogue client: ${refused.length} of ${SIMULTANEOUS} simultaneous probes refused with 503`);
}

async function slowRequests({ attacker, world: { ledger } }: Attack, patience: AbortSignal): Promise<void> {
  ledger.injected('slow request headers', SLOW_CLIENTS);
  const ended = await Promise.all(Array.from({ length: SLOW_CLIENTS }, () => attacker.drip(500, patience)));
  const slowest = Math.max(...ended.map(({ ms }) => ms));
  if (slowest > RECEIVE_MS) ledger.late(`a slow request was cut off after ${Math.round(slowest)} ms`);
}

async function floods({ attacker, exporter, targets, world: { ledger, scale } }: Attack): Promise<void> {
  const rssBefore = await residentMiB(exporter);
  const floods = [
    ['unknown target', scale.unknownTargets, '404', (i: number) => `GET /probe?target=nobody-${i}`],
    ['HEAD', scale.flood, '200', () => `HEAD /probe?target=${targets[0]}`],
    ['OPTIONS', scale.flood, '405', () => 'OPTIONS /probe'],
  ] as const;
  for (const [name, count, expected, line] of floods) {
    ledger.injected(`flood: ${name}`, count);
    const seen = await attacker.flood(count, SOCKETS, (i) => `${line(i)} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const right = seen.get(expected) ?? 0;
    ledger.answered(count);
    if (right !== count) ledger.wrong(`flood of ${name}: ${right} of ${count} answers are ${expected}`);
  }
  const grown = (await residentMiB(exporter)) - rssBefore;
  ledger.note(`rogue client: resident memory grew by ${grown.toFixed(0)} MiB during the floods`);
  if (grown > 200) ledger.leaked(`floods: resident memory grew by ${grown.toFixed(0)} MiB`);
}

async function bigHeaders({ attacker, targets, world: { ledger, scale } }: Attack): Promise<void> {
  const request = (bytes: number) =>
    `GET /probe?target=${targets[1]} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Big: ${'x'.repeat(bytes)}\r\n\r\n`;
  const count = scale.flood / 20;
  ledger.injected('headers at the limit', 2 * count);
  for (let i = 0; i < count; i += SOCKETS)
    for (const [bytes, expected] of [
      [HEADER_LIMIT - 200, 'HTTP/1.1 200 OK'],
      [HEADER_LIMIT + 200, 'HTTP/1.1 431 Request Header Fields Too Large'],
    ] as const) {
      const ended = await Promise.all(Array.from({ length: SOCKETS }, () => attacker.send(request(bytes))));
      ledger.answered(SOCKETS);
      for (const { status } of ended)
        if (status !== expected) ledger.wrong(`headers of ${bytes} bytes: "${status}", expected ${expected}`);
    }
}

/**
 * Clients that leave midway: within a second nothing of theirs runs on a server.
 *
 * What they wait for is a lock and not SLEEP(): a KILL QUERY that meets other SLEEP()s takes two seconds in
 * MariaDB 10.11 (measured), with GET_LOCK() a millisecond.
 */
async function hangUps({ attacker, targets, world: { ledger, scale, servers } }: Attack): Promise<void> {
  ledger.injected('hang-up midway', HANG_UPS);
  const holders = await Promise.all(servers.map((server) => server.connect()));
  for (const holder of holders) await holder.query("SELECT GET_LOCK('faults', 0)");
  // Not more at once than the cap leaves free for Prometheus.
  for (let i = 0; i < HANG_UPS; i += MAX_REQUESTS / 4) {
    const sockets = targets.slice(0, MAX_REQUESTS / 4).map((target) => {
      const socket = attacker.open();
      socket.write(`GET /probe?target=${target}&query_set=hanging HTTP/1.1\r\nHost: x\r\n\r\n`);
      return socket;
    });
    await sleep(200);
    for (const socket of sockets) socket.resetAndDestroy();
    await sleep(100);
  }
  const left = (
    await Promise.all(
      servers.map(async (server) => {
        const giveUp = performance.now() + 3_000 * scale.patience;
        for (;;) {
          const running = await server.statementsRunning('exporter');
          const hanging = running.filter(({ sql }) => sql?.includes('GET_LOCK') === true);
          if (hanging.length === 0 || performance.now() > giveUp) return hanging;
          await sleep(50);
        }
      }),
    )
  ).flat();
  for (const holder of holders) await holder.end();
  if (left.length > 0) ledger.leaked(`hang-ups: ${left.length} statements run on`);
}
