/**
 * Servers that mean no good beside one that does: each gets its reason, none a secret, and memory stays bounded.
 *
 * The whole exporter against all of them at once. Packet by packet they are in test/mysql: text-query.test.ts (wrong
 * lengths, endless and huge results, LOCAL INFILE, columns), security.test.ts (logins that ask for too much),
 * fuzz.test.ts (anything). The last of them is a real server whose every row is a series never seen before.
 */
import type { Exporter } from '../../support/exporter.ts';
import { judge, WHOLE } from '../judge.ts';
import { Scraper } from '../scrape.ts';
import {
  addressOf,
  expectHeld,
  held,
  residentMiB,
  startExporter,
  type Target,
  type World,
} from '../world.ts';
import { openRogueHouse, type RogueHouse } from './rogue-house.ts';
import { SECRET } from './rogues.ts';

const MOST_GROWTH_MIB = 200;
const ROWS = 10_000;

export async function testRogueServer(world: World): Promise<void> {
  const { servers } = world;
  const house = await openRogueHouse();
  const honest: readonly Target[] = servers.map((server) => ({
    name: server.name,
    address: addressOf(server),
  }));
  const targets: Target[] = [
    ...honest,
    ...house.rogues.map(({ address, more, name }) => ({
      name,
      address,
      more: { query_sets: ['exact'], password: SECRET, ...more },
    })),
  ];
  targets.push({ name: INVENTOR, address: house.inventor, more: { query_sets: ['global_status'] } });
  const exporter = await startExporter(world, targets);
  try {
    await besideHonest(world, exporter, house, honest);
    await inventedNames(world, exporter, honest);
    await distinctLabels(world, exporter, honest);
  } finally {
    await exporter[Symbol.asyncDispose]();
    await house.close();
  }
}

async function besideHonest(
  { ledger, scale, scrapeSeconds }: World,
  exporter: Exporter,
  { report, rogues }: RogueHouse,
  honest: readonly Target[],
): Promise<void> {
  using scraper = new Scraper(exporter.url, scrapeSeconds);
  const of = new Map(rogues.map(({ expected, name }) => [name, expected]));
  const groups = [true, false].map((floods) => [
    ...rogues.filter((rogue) => (rogue.floods ?? false) === floods),
    ...honest,
  ]);
  const before = await residentMiB(exporter);
  for (let round = 0; round < scale.rogueRounds; round++) {
    for (const { name } of rogues) ledger.injected(`rogue server: ${name}`);
    for (const group of groups) {
      const names = group.map(({ name }) => name);
      const answers = await scraper.round(names, 300);
      if (answers.some(({ text }) => text.includes(SECRET))) ledger.wrong('the password is in an answer');
      judge(ledger, answers, scrapeSeconds, (target) => of.get(target) ?? WHOLE);
    }
  }
  const grown = (await residentMiB(exporter)) - before;
  ledger.note(`rogue servers: resident memory grew by ${grown.toFixed(0)} MiB`);
  if (grown > MOST_GROWTH_MIB)
    ledger.leaked(`rogue servers: resident memory grew by ${grown.toFixed(0)} MiB`);
  const { longestTurnMs, told } = await report();
  ledger.note(`rogue servers: they accept after ${longestTurnMs.toFixed(0)} ms at most`);
  for (const { file, name, open, password } of told) {
    if (password) ledger.wrong(`${name}: it was told the password`);
    if (file) ledger.wrong(`${name}: it was given a file`);
    // Two connections of the target, and one that kills.
    if (open > 3) ledger.leaked(`${name}: ${open} connections`);
  }
  if (exporter.log.includes(SECRET)) ledger.wrong('the password is in the log');
  if (NOT_PRINTABLE.test(exporter.log)) ledger.wrong('letters that change a terminal are in the log');
}

/** Controls but the ends of lines, and what changes the direction of text. */
const NOT_PRINTABLE = /[^\P{Cc}\n]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** Status variables nobody has heard of, others each time: the families of honest servers stay what they are. */
async function inventedNames(world: World, exporter: Exporter, honest: readonly Target[]): Promise<void> {
  const { ledger, scale, scrapeSeconds } = world;
  using scraper = new Scraper(exporter.url, scrapeSeconds);
  const familiesOf = async (target: string) => {
    const { ms, text } = await scraper.scrape(target, '&query_set=global_status');
    ledger.answered();
    if (ms > scrapeSeconds * 1000) ledger.late(`${target}: global_status after ${Math.round(ms)} ms`);
    return text.match(/^# TYPE mysql_global_status_/gm)?.length ?? 0;
  };
  const before = await Promise.all(honest.map(({ name }) => familiesOf(name)));
  for (let i = 0; i < 4 * scale.rogueRounds; i++) await familiesOf(INVENTOR);
  ledger.injected('rogue server: 3,000 invented status variables', 4 * scale.rogueRounds);
  const after = await Promise.all(honest.map(({ name }) => familiesOf(name)));
  for (const [i, { name }] of honest.entries())
    if (before[i] === 0 || before[i] !== after[i])
      ledger.wrong(
        `${name}: ${before[i]} families of its status before another's inventions, ${after[i]} after`,
      );
}

const INVENTOR = 'invents status variables';

/** Series that nobody has seen before with every scrape: no memory of a label may outlive its answer. */
async function distinctLabels(world: World, exporter: Exporter, honest: readonly Target[]): Promise<void> {
  const { ledger, scale, scrapeSeconds, servers } = world;
  using scraper = new Scraper(exporter.url, scrapeSeconds);
  const scrape = async (target: Target): Promise<void> => {
    const { ms, status, text } = await scraper.scrape(target.name, '&query_set=fresh');
    ledger.answered();
    const series = text.split('\nfaults_fresh{').length - 1;
    if (status !== 200 || series !== ROWS)
      ledger.wrong(`${target.name}: HTTP ${status}, ${series} of ${ROWS} series`);
    if (ms > scrapeSeconds * 1000) ledger.late(`${target.name}: ${ROWS} series after ${Math.round(ms)} ms`);
  };
  for (const target of honest) await scrape(target);
  const before = await held(exporter, servers);
  await Promise.all(
    honest.map(async (target) => {
      for (let i = 0; i < scale.distinctLabels / ROWS / honest.length; i++) await scrape(target);
    }),
  );
  ledger.injected('label value never seen before', scale.distinctLabels);
  const bounds = { heapMiB: 15, descriptors: 10, connections: 4 };
  await expectHeld('distinct labels', () => held(exporter, servers), before, bounds, world);
}
