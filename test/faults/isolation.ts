/**
 * 200 targets, a quarter of them sick in every way there is: the others must not notice.
 *
 * Rounds without and with sick targets take turns, in each of which a sick target is scraped once and a healthy one
 * twice (once in the briefest form). Each round without them is also the proof that everything recovered with the first scrape after the fault.
 *
 * The machine is noisy: the middle one of several rounds counts, and while the comparison is not won there are more
 * rounds, up to a limit. Noise hits both kinds alike and evens out; what the sick do to the healthy does not.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { median, percentile } from '../../bench/numbers.ts';
import { mortalNameServer, nameOf } from './inject/name-server.ts';
import { type FaultProxy, faultProxy } from './inject/proxy.ts';
import { FAR_AWAY, fallIll, SICKNESSES, type Sickness } from './inject/sicknesses.ts';
import { type Expected, judge, WHOLE } from './judge.ts';
import { type Scraped, Scraper } from './scrape.ts';
import { addressOf, ENCRYPTED, expectHeld, held, startExporter, type Target, type World } from './world.ts';

const HEALTHY = 146;
/** Names that nobody has resolved yet, so many in each pair of rounds: what was resolved once is remembered. */
const UNRESOLVED = 4;
/** The longest that one lasts, as src/mysql/connect/resolver.ts says. */
const LOOKUP_MS = 5_000;
const MOST_RATIO = 1.3;
/** 400 logins and a cold exporter: not too fast. */
const OPENING_MS = 4_000;
const CONNECTIONS_EACH = 2;

interface Patient extends Target {
  readonly proxy: FaultProxy;
  readonly sickness: Sickness;
}

interface Unresolved extends Target {
  readonly proxy: FaultProxy;
  readonly pair: number;
}

const namesOf = (targets: readonly Target[]) => targets.map(({ name }) => name);

export async function testIsolation(world: World): Promise<void> {
  const { ledger, scale, scrapeSeconds, servers } = world;
  const upstream = (index: number) => servers[index % servers.length]!;
  const healthy: readonly Target[] = Array.from({ length: HEALTHY }, (_, i) => ({
    name: `healthy-${i}`,
    address: `127.0.1.${i + 1}:${upstream(i).port}`,
    more: i % 4 < 2 ? {} : ENCRYPTED,
  }));
  const patients: Patient[] = [];
  for (const sickness of [...SICKNESSES, FAR_AWAY])
    for (let i = 0; i < sickness.targets; i++) {
      const proxy = await faultProxy(`127.0.2.${patients.length + 1}`, upstream(i));
      const more = sickness.encrypted === true ? ENCRYPTED : {};
      patients.push({ name: `${sickness.name} ${i}`, address: addressOf(proxy), proxy, sickness, more });
    }
  const unresolved: Unresolved[] = [];
  for (let i = 0; i < UNRESOLVED * scale.pairs[1]; i++) {
    const proxy = await faultProxy(`127.0.3.${i + 1}`, upstream(i));
    const address = `${nameOf(proxy.host)}:${proxy.port}`;
    unresolved.push({ name: `dead resolver ${i}`, address, proxy, pair: Math.floor(i / UNRESOLVED) });
  }
  const names = await mortalNameServer();
  const targets = [...healthy, ...patients, ...unresolved];
  const exporter = await startExporter(world, targets, { nameServer: names.address });
  try {
    using scraper = new Scraper(exporter.url, scrapeSeconds);
    const isHealthy = new Set(namesOf(healthy));
    const p99 = (answers: readonly Scraped[]) =>
      percentile(
        answers.filter(({ target }) => isHealthy.has(target)).map(({ ms }) => ms),
        0.99,
      );
    const round = async (
      among: readonly Target[],
      expected: (target: string) => Expected,
      first: readonly Target[] = [],
    ): Promise<number> => {
      // In the order of no group: the sick stand between the healthy, as in a list of targets.
      const order = [...namesOf(first), ...shuffled(namesOf([...among, ...(scale.isTwice ? healthy : [])]))];
      const answers = await scraper.round(order, scale.roundMs);
      judge(ledger, answers, scrapeSeconds, expected);
      return p99(answers);
    };
    const known = (pair: number) => unresolved.filter((target) => target.pair < pair);
    // Connections are opened and code is compiled before anything is measured.
    {
      using opening = new Scraper(exporter.url, scrapeSeconds);
      const answers = await opening.round(namesOf([...healthy, ...patients]), OPENING_MS);
      judge(ledger, answers, scrapeSeconds, () => WHOLE);
    }
    const before = await held(exporter, servers);
    const calm: number[] = [];
    const sick: number[] = [];
    if (scale.isTwice) await round([...healthy, ...patients], () => WHOLE);
    const [fewest, most] = scale.pairs;
    for (let pair = 0; pair < most && (pair < fewest || !isIsolated(calm, sick, scale.slackMs)); pair++) {
      calm.push(await round([...healthy, ...patients, ...known(pair)], () => WHOLE));
      await Promise.all(patients.map(({ proxy, sickness }) => fallIll(proxy, sickness)));
      for (const { sickness } of patients) ledger.injected(sickness.name);
      names.isDead = true;
      // Those that were resolved before open new connections, to the remembered address.
      for (const [i, { proxy }] of known(pair).entries()) proxy.failOver(upstream(i));
      ledger.injected('dead resolver, unknown name', UNRESOLVED);
      ledger.injected('dead resolver, known name', known(pair).length);
      const lookedUp = unresolved.filter((target) => target.pair === pair);
      const expected = expectations(patients, lookedUp);
      // First: a lookup goes on for a while, and who asks for the same name meanwhile shares its fate.
      const lookedUpAt = performance.now();
      sick.push(await round([...healthy, ...patients, ...known(pair)], expected, lookedUp));
      await Promise.all(patients.map(({ proxy }) => proxy.set({ kind: 'pass' })));
      names.isDead = false;
      await sleep(lookedUpAt + LOOKUP_MS - performance.now());
    }
    await round([...healthy, ...patients, ...known(sick.length)], () => WHOLE);
    ledger.note(`isolation: ${verdict(calm, sick)}`);
    ledger.ratio('p99 of the healthy beside the sick', median(sick) / median(calm), MOST_RATIO);
    if (!isIsolated(calm, sick, scale.slackMs))
      ledger.wrong(`the sick slow the healthy down: ${verdict(calm, sick)}`);
    scraper[Symbol.dispose](); // its kept connections are not the exporter's
    const bounds = {
      heapMiB: 15,
      descriptors: CONNECTIONS_EACH * targets.length - before.connections + 20,
      connections: CONNECTIONS_EACH * targets.length - before.connections,
    };
    await expectHeld('isolation', () => held(exporter, servers), before, bounds, world);
  } finally {
    await exporter[Symbol.asyncDispose]();
    names.close();
    await Promise.all([...patients, ...unresolved].map(({ proxy }) => proxy.close()));
  }
}

function expectations(
  patients: readonly Patient[],
  lookedUp: readonly Unresolved[],
): (target: string) => Expected {
  const of = new Map<string, Expected>(patients.map(({ name, sickness }) => [name, sickness.expected]));
  for (const { name } of lookedUp) of.set(name, { reasons: ['dns'], mustFail: true });
  return (target) => of.get(target) ?? WHOLE;
}

function isIsolated(calm: readonly number[], sick: readonly number[], slackMs: number): boolean {
  return median(sick) <= MOST_RATIO * median(calm) + slackMs;
}

function verdict(calm: readonly number[], sick: readonly number[]): string {
  const list = (values: readonly number[]) =>
    `${median(values).toFixed(1)} (${values.map((ms) => ms.toFixed(1)).join(' ')})`;
  return `p99 of ${HEALTHY} healthy targets in ms, without sick ones ${list(calm)}, beside them ${list(sick)}`;
}

/** The same order in every run. */
function shuffled<T>(values: readonly T[]): readonly T[] {
  const step = 37; // has no divisor in common with any count here that is no multiple of it
  const offset = values.length % step === 0 ? step + 1 : step;
  return values.map((_, i) => values[(i * offset) % values.length]!);
}
