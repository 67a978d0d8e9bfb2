/**
 * One flipped bit at a time in what a real server says: the answer is in time, and a failure or the truth.
 *
 * What can be promised depends on where the bit is. Inside TLS no byte changes unnoticed. In clear text the lengths
 * and numbers of packets, the counts and markers and the lengths of cells betray a change, or it does no harm; a
 * digit of a cell does not: the protocol has no checksum, so another digit is another number. The scramble and the
 * thread id of a greeting are no better off. Those are left alone here, see wire-layout.ts.
 */

import { type FaultProxy, faultProxy } from './inject/proxy.ts';
import { encryptedBytes, type Place, structureOf } from './inject/wire-layout.ts';
import { type Expected, judge, reasonsOf, WHOLE } from './judge.ts';
import { Scraper } from './scrape.ts';
import { addressOf, ENCRYPTED, type Scale, startExporter, type Target, type World } from './world.ts';

/** Targets of each kind, so that the flips that end in a timeout wait side by side. */
const LANES = 8;
const BITS = 8;

const BETRAYED: Expected['reasons'] = [
  'lost',
  'timeout',
  'connect_timeout',
  'queue',
  'limit',
  'sql',
  'missing_column',
];
const BROKEN_TLS: Expected['reasons'] = ['lost', 'tls', 'timeout', 'connect_timeout', 'queue'];

/**
 * One connection, and a timeout that is rounded to the same whether a connection has to be opened or not: then a
 * server says the same bytes nearly each time.
 */
const settings = ({ patience }: Scale) => ({
  query_sets: ['exact'],
  max_connections: 1,
  query_timeout: `${1_600 * patience + 40}ms`,
});

interface Lane extends Target {
  readonly proxy: FaultProxy;
}

interface Kind {
  readonly name: string;
  readonly lanes: readonly Lane[];
  readonly layout: (heard: Buffer) => readonly Place[];
  readonly reasons: Expected['reasons'];
}

/** Flips bits in what both servers say, in clear text and inside TLS. */
export async function testCorruption(world: World): Promise<void> {
  const kinds: Kind[] = [];
  for (const [at, server] of world.servers.entries())
    for (const encrypted of [false, true]) {
      const name = `${server.name} ${encrypted ? 'TLS' : 'in clear text'}`;
      const more = { ...settings(world.scale), ...(encrypted ? ENCRYPTED : {}) };
      const lanes = await Promise.all(
        Array.from({ length: LANES }, async (_, i): Promise<Lane> => {
          const proxy = await faultProxy(`127.0.8.${20 * (2 * at + Number(encrypted)) + i + 1}`, server);
          return { name: `${name} ${i}`, address: addressOf(proxy), more, proxy };
        }),
      );
      const [layout, reasons] = encrypted ? [encryptedBytes, BROKEN_TLS] : [structureOf, BETRAYED];
      kinds.push({ name, lanes, layout, reasons });
    }
  const lanes = kinds.flatMap((kind) => kind.lanes);
  const exporter = await startExporter(world, lanes);
  try {
    using scraper = new Scraper(exporter.url, world.scrapeSeconds);
    await Promise.all(kinds.map((kind) => corrupt(world, scraper, kind)));
  } finally {
    await exporter[Symbol.asyncDispose]();
    await Promise.all(lanes.map(({ proxy }) => proxy.close()));
  }
}

async function corrupt({ ledger, scale, scrapeSeconds }: World, scraper: Scraper, kind: Kind): Promise<void> {
  const { lanes, layout, name, reasons } = kind;
  // The first login is a longer one: of the account in MySQL, of the session in TLS.
  for (let login = 0; login < 2; login++)
    for (const lane of lanes) {
      await lane.proxy.set({ kind: 'flip', at: -1, mask: 0 });
      judge(ledger, [await scraper.scrape(lane.name)], scrapeSeconds, () => WHOLE);
    }
  const places = layout(lanes[0]!.proxy.heard);
  const flips = chosen(places, scale.flips);
  const outcomes = new Map<string, number>();
  const left = flips.values();
  await Promise.all(
    lanes.map(async (lane) => {
      for (const { at, mask } of left) {
        await lane.proxy.set({ kind: 'flip', at, mask });
        const answer = await scraper.scrape(lane.name);
        // What stood there in this conversation: one statement more, and all that follows has moved.
        const struck = layout(lane.proxy.heard).find((place) => place.at === at);
        if (struck !== undefined) {
          ledger.injected(`flipped bit, ${name}`);
          // Who has lost a connection at once may ask again over another, and gets a true answer.
          const mustFail = struck.isFelt && lane.proxy.opened === 1;
          judge(ledger, [answer], scrapeSeconds, () => ({ reasons, mustFail }));
        }
        const outcome = struck === undefined ? 'elsewhere' : reasonsOf(answer).join(' and ') || 'whole';
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        if (outcome === 'whole') await askAgain(lane);
        await lane.proxy.set({ kind: 'pass' });
        judge(ledger, [await scraper.scrape(lane.name)], scrapeSeconds, () => WHOLE);
      }
    }),
  );
  /** Over the same connection, which may be out of step by now: if so it gives no answer rather than a false one. */
  async function askAgain({ name, proxy }: Lane): Promise<void> {
    const { opened } = proxy;
    const answer = await scraper.scrape(name);
    if (proxy.opened === opened) judge(ledger, [answer], scrapeSeconds, () => ({ reasons, mustFail: false }));
  }
  const tally = [...outcomes].sort(([, a], [, b]) => b - a).map(([outcome, times]) => `${times} ${outcome}`);
  ledger.note(`corruption: ${name}, ${flips.length} of ${places.length * BITS} bits: ${tally.join(', ')}`);
}

/** So many bits, evenly over all of them. */
function chosen(places: readonly Place[], count: number): readonly (Place & { readonly mask: number })[] {
  const bits = places.flatMap((place) =>
    Array.from({ length: BITS }, (_, bit) => ({ ...place, mask: 1 << bit })),
  );
  // A step without a divisor in common with the number of bits in a byte: each position has its turn.
  const step = Math.max(1, Math.floor(bits.length / count) | 1);
  return bits.filter((_, i) => i % step === 0);
}
