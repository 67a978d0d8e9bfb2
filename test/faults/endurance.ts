/**
 * Many probes, with faults coming and going: at the end the exporter holds what it held at the beginning.
 *
 * Most of them ask one cheap query: what is counted is how often something could be left over.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { REASONS } from '../../src/model/reason.ts';
import type { Exporter } from '../support/exporter.ts';
import { type FaultProxy, faultProxy, type Mode } from './inject/proxy.ts';
import { type Expected, judge, WHOLE } from './judge.ts';
import { Scraper } from './scrape.ts';
import { killAll } from './ward.ts';
import { addressOf, ENCRYPTED, expectHeld, held, startExporter, type Target, type World } from './world.ts';

const TARGETS = 24;
/** So many of them are sick at a time. */
const SICK = 3;
const FAULT_MS = 700;
const CONCURRENCY = 16;
/** Probes of one target at a time; without it all would soon wait for the sick ones. */
const AT_ONCE = 2;
/** Every so many probes ask for the results that are long enough to be cut and stalled midway. */
const LONG_EVERY = 4;

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
    ['refused', 'connect_timeout', 'queue', 'timeout', 'canceled', 'tls', 'limit', 'lost'].includes(reason),
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
      return { name: `target-${i}`, address: addressOf(proxy), proxy, more: i % 3 > 0 ? {} : ENCRYPTED };
    }),
  );
  try {
    await endure(world, targets);
  } finally {
    await Promise.all(targets.map(({ proxy }) => proxy.close()));
  }
}

async function endure(world: World, targets: Course['targets']): Promise<void> {
  const { ledger, scale, scrapeSeconds, servers } = world;
  const exporter = await startExporter(world, targets);
  try {
    const course: Course = { world, exporter, targets };
    await probeAll(course, TARGETS * 10, () => WHOLE);
    const before = await held(exporter, servers);
    const weather = new Weather(course);
    const blowing = weather.blow();
    try {
      await probeAll(course, scale.endurance, (target) => weather.expected(target));
    } finally {
      await weather.settle(blowing);
    }
    using scraper = new Scraper(exporter.url, scrapeSeconds);
    const names = targets.map(({ name }) => name);
    judge(ledger, await scraper.round(names, 500), scrapeSeconds, () => WHOLE); // the first scrape after it all
    const more = TARGETS * 2 - before.connections;
    const bounds = { heapMiB: 15, descriptors: more + 10, connections: more };
    await expectHeld('endurance', () => held(exporter, servers), before, bounds, world);
  } finally {
    await exporter[Symbol.asyncDispose]();
  }
  const open = targets.reduce((sum, { proxy }) => sum + proxy.open, 0);
  if (open > 0) ledger.leaked(`endurance: ${open} sockets of an exporter that has ended`);
}

/** Round robin over the targets that are not busy; what an answer may be is asked when its probe begins and again when it ends. */
async function probeAll(
  { exporter, targets, world: { ledger, scrapeSeconds } }: Course,
  count: number,
  expected: (target: string) => Expected,
): Promise<void> {
  using scraper = new Scraper(exporter.url, scrapeSeconds);
  const underWay = new Map<string, number>(targets.map(({ name }) => [name, 0]));
  let begun = 0;
  let turn = 0;
  const next = (): string => {
    for (;;) {
      const { name } = targets[turn++ % targets.length]!;
      if ((underWay.get(name) ?? 0) < AT_ONCE) return name;
    }
  };
  const worker = async () => {
    while (begun < count) {
      const set = begun++ % LONG_EVERY === 0 ? 'watched' : 'quick';
      const name = next();
      underWay.set(name, (underWay.get(name) ?? 0) + 1);
      const atBeginning = expected(name);
      const answer = await scraper.scrape(name, `&query_set=${set}`);
      underWay.set(name, (underWay.get(name) ?? 0) - 1);
      const fits = atBeginning === WHOLE ? expected(name) : atBeginning;
      judge(ledger, [answer], scrapeSeconds, () => fits);
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
      for (const { name } of struck) this.#until.set(name, performance.now() + world.scrapeSeconds * 1000);
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
    await killAll(server, 'exporter');
    world.ledger.injected('endurance: KILL of all connections to a server');
    for (const { name } of struck) this.#until.set(name, performance.now() + world.scrapeSeconds * 1000);
  }
}
