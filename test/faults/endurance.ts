/**
 * Many probes, with faults coming and going: at the end the exporter holds what it held at the beginning.
 *
 * Before that a run without faults and an orderly stop, after which no server has counted an aborted client.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { REASONS } from '../../src/probe/reason.ts';
import type { Exporter } from '../e2e/exporter.ts';
import { type Expected, judge, WHOLE } from './judge.ts';
import { type FaultProxy, faultProxy, type Mode } from './proxy.ts';
import { Scraper } from './scrape.ts';
import {
  addressOf,
  expectHeld,
  held,
  SCRAPE_SECONDS,
  startExporter,
  type Target,
  type World,
} from './world.ts';

const TARGETS = 24;
/** So many of them are sick at a time. */
const SICK = 3;
const FAULT_MS = 700;
const CONCURRENCY = 12;
/** Of all probes so many are without faults. */
const CALM_SHARE = 0.2;

const FAULTS: readonly Mode[] = [
  { kind: 'stall', after: 0 },
  { kind: 'stall', after: 'greeting' },
  { kind: 'stall', after: 8_000 },
  { kind: 'cut', after: 0 },
  { kind: 'cut', after: 'greeting' },
  { kind: 'cut', after: 8_000 },
  { kind: 'corrupt', after: 8_000 },
  { kind: 'trickle', bytes: 1_000, everyMs: 20 },
  { kind: 'delay', ms: 200 },
  { kind: 'refuse' },
];

/** A fault at any moment may give any of these, but never a refused login, a mistake in SQL or a false value. */
const OF_FAULTS: Expected = {
  reasons: REASONS.filter((reason) =>
    ['refused', 'connect_timeout', 'queue', 'timeout', 'canceled', 'limit', 'lost'].includes(reason),
  ),
  mustFail: false,
};

interface Course {
  readonly world: World;
  readonly exporter: Exporter;
  readonly targets: readonly (Target & { readonly proxy: FaultProxy })[];
}

export async function testEndurance(world: World): Promise<void> {
  const { servers } = world;
  const targets = await Promise.all(
    Array.from({ length: TARGETS }, async (_, i) => {
      const proxy = await faultProxy(`127.0.6.${i + 1}`, servers[i % servers.length]!);
      return { name: `target-${i}`, address: addressOf(proxy), proxy };
    }),
  );
  try {
    await calm(world, targets);
    await stormy(world, targets);
  } finally {
    await Promise.all(targets.map(({ proxy }) => proxy.close()));
  }
}

/** Normal probing and SIGTERM: Aborted_clients and Aborted_connects stay what they are. */
async function calm(world: World, targets: Course['targets']): Promise<void> {
  const { ledger, scale, servers } = world;
  const aborted = async () =>
    await Promise.all(
      servers.flatMap((server) =>
        (['Aborted_clients', 'Aborted_connects'] as const).map((name) => server.globalStatus(name)),
      ),
    );
  const before = await aborted();
  const exporter = await startExporter(targets);
  await probeAll({ world, exporter, targets }, scale.endurance * CALM_SHARE, () => WHOLE);
  exporter.signal('SIGTERM');
  const code = await exporter.exited();
  await exporter[Symbol.asyncDispose]();
  if (code !== 0) ledger.wrong(`SIGTERM after normal probing: exit code ${code}`);
  await sleep(200); // a server counts when it has noticed
  const after = await aborted();
  ledger.note(`endurance: aborted clients and connects ${before.join(' ')} -> ${after.join(' ')}`);
  if (after.join() !== before.join())
    ledger.leaked(
      `aborted clients and connects of the servers: ${before.join(' ')} before, ${after.join(' ')} after`,
    );
  for (const server of servers) {
    const connections = await server.connections('exporter');
    if (connections > 0) ledger.leaked(`${server.name}: ${connections} connections after a clean stop`);
  }
}

async function stormy(world: World, targets: Course['targets']): Promise<void> {
  const { ledger, scale, servers } = world;
  const exporter = await startExporter(targets);
  try {
    const course: Course = { world, exporter, targets };
    await probeAll(course, TARGETS * 10, () => WHOLE);
    const before = await held(exporter, servers);
    const weather = new Weather(course);
    const blowing = weather.blow();
    try {
      await probeAll(course, scale.endurance * (1 - CALM_SHARE), (target) => weather.expected(target));
    } finally {
      await weather.settle(blowing);
    }
    using scraper = new Scraper(exporter.url, SCRAPE_SECONDS);
    const names = targets.map(({ name }) => name);
    judge(ledger, await scraper.round(names, 500), SCRAPE_SECONDS, () => WHOLE); // the first scrape after it all
    const more = TARGETS * 2 - before.connections;
    const bounds = { heapMiB: 15, descriptors: more + 10, connections: more };
    await expectHeld('endurance', () => held(exporter, servers), before, bounds, ledger);
  } finally {
    await exporter[Symbol.asyncDispose]();
  }
  const open = targets.reduce((sum, { proxy }) => sum + proxy.open, 0);
  if (open > 0) ledger.leaked(`endurance: ${open} sockets of an exporter that has ended`);
}

/** Round robin over the targets; what an answer may be is asked when its probe begins and again when it ends. */
async function probeAll(
  { exporter, targets, world: { ledger } }: Course,
  count: number,
  expected: (target: string) => Expected,
): Promise<void> {
  using scraper = new Scraper(exporter.url, SCRAPE_SECONDS);
  let begun = 0;
  const worker = async () => {
    while (begun < count) {
      const { name } = targets[begun++ % targets.length]!;
      const atBeginning = expected(name);
      const answer = await scraper.scrape(name);
      const fits = atBeginning === WHOLE ? expected(name) : atBeginning;
      judge(ledger, [answer], SCRAPE_SECONDS, () => fits);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

/** Faults that come over a few targets at a time, in an order that is the same in every run. */
class Weather {
  readonly #course: Course;
  /** Until when an answer of this target may show a fault, on the clock of `performance.now()`. */
  readonly #until = new Map<string, number>();
  #isOver = false;
  #turn = 0;

  constructor(course: Course) {
    this.#course = course;
  }

  expected(target: string): Expected {
    return (this.#until.get(target) ?? 0) > performance.now() ? OF_FAULTS : WHOLE;
  }

  async blow(): Promise<void> {
    const { targets, world } = this.#course;
    while (!this.#isOver) {
      const turn = this.#turn++;
      const struck = Array.from({ length: SICK }, (_, i) => targets[(turn * 7 + i * 5) % targets.length]!);
      const mode = FAULTS[turn % FAULTS.length]!;
      for (const { name } of struck) this.#until.set(name, Number.POSITIVE_INFINITY);
      await Promise.all(struck.map(({ proxy }) => proxy.set(mode)));
      world.ledger.injected(`endurance: ${mode.kind}${'after' in mode ? ` after ${mode.after}` : ''}`, SICK);
      await sleep(FAULT_MS);
      await Promise.all(struck.map(({ proxy }) => proxy.set({ kind: 'pass' })));
      // Probes that began during the fault end within their deadline; one that joins them shares their fate.
      for (const { name } of struck) this.#until.set(name, performance.now() + SCRAPE_SECONDS * 1000);
      if (turn % 5 === 4) await this.#kill();
    }
  }

  /** Ends the weather, the fault that is under way included. */
  async settle(blowing: Promise<void>): Promise<void> {
    this.#isOver = true;
    await blowing;
  }

  /** KILL of every connection of one server: who works at that moment is hurt, the next scrape is not. */
  async #kill(): Promise<void> {
    const { targets, world } = this.#course;
    const at = Math.floor(this.#turn / 5) % world.servers.length;
    const server = world.servers[at]!;
    const struck = targets.filter((_, i) => i % world.servers.length === at);
    for (const { name } of struck) this.#until.set(name, Number.POSITIVE_INFINITY);
    const rows = await server.root(
      "SELECT id AS id FROM information_schema.processlist WHERE user = 'exporter'",
    );
    // Some may be gone by now: an error about one is none about the others.
    for (const { id } of rows) await server.root(`KILL ${Number(id)}`).catch(() => []);
    world.ledger.injected('endurance: KILL of all connections to a server');
    for (const { name } of struck) this.#until.set(name, performance.now() + SCRAPE_SECONDS * 1000);
  }
}
