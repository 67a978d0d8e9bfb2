/**
 * Servers that mean no good beside one that does: each gets its reason, none a secret, and memory stays bounded.
 *
 * The whole exporter against all of them at once. Packet by packet they are in test/mysql: text-query.test.ts (wrong
 * lengths, endless and huge results, LOCAL INFILE, columns), security.test.ts (logins that ask for too much),
 * fuzz.test.ts (anything). The last of them is a real server whose every row is a series never seen before.
 */
import type { Exporter } from '../../support/exporter.ts';
import {
  answering,
  authMoreData,
  authSwitch,
  column,
  eof,
  err,
  framed,
  greeting,
  lengthOf,
  ok,
  result,
  row,
  type Script,
  type ScriptedServer,
  scriptedServer,
} from '../../support/scripted-server.ts';
import { type Expected, judge, WHOLE } from '../judge.ts';
import { Scraper } from '../scrape.ts';
import { failing } from '../ward.ts';
import {
  addressOf,
  expectHeld,
  held,
  residentMiB,
  startExporter,
  type Target,
  type World,
} from '../world.ts';

/** Unlike anything else in the conversation, so that it would be found. */
const SECRET = 'a secret that stays here';
const MOST_GROWTH_MIB = 200;
const ROWS = 10_000;

interface Rogue {
  readonly name: string;
  readonly script: Script;
  readonly expected: Expected;
  /** Whether it sends as fast as it can: beside it the others here, in the same process, would be slow. */
  readonly floods?: boolean;
  readonly more?: Target['more'];
}

const CACHING = 'caching_sha2_password';
const cells = (t: string | Buffer) => (sql: string) =>
  sql.includes('60')
    ? result(['v', '__proto__', 't'], [['60', 'x', t]])
    : result(['v', 'toString'], [['5', 'x']]);

const ROGUES: readonly Rogue[] = [
  {
    name: 'rows without an end',
    script: answering(async (peer) => {
      peer.send(lengthOf(1), column('v'), eof());
      await peer.pour(Buffer.concat(Array.from({ length: 256 }, (_, i) => framed(row('1'), (4 + i) & 0xff))));
    }),
    expected: failing('limit', 'timeout', 'queue', 'lost'),
    floods: true,
  },
  {
    name: 'a packet without an end',
    script: answering(async (peer) => {
      peer.raw(Buffer.of(0xff, 0xff, 0xff, 1));
      await peer.pour(Buffer.alloc(1 << 16, 1));
    }),
    expected: failing('limit', 'timeout', 'queue', 'lost'),
    floods: true,
  },
  {
    name: 'bytes without an end in place of a greeting',
    script: async (peer) => {
      await peer.pour(Buffer.alloc(1 << 16, 10));
    },
    expected: failing('lost', 'connect_timeout'),
    floods: true,
  },
  {
    name: 'a cell longer than its packet',
    script: answering((peer) => peer.send(lengthOf(1), column('v'), eof(), lengthOf(2n ** 63n), eof())),
    expected: failing('lost'),
  },
  {
    name: '10,000 columns',
    script: answering((peer) =>
      peer.send(lengthOf(10_000), ...Array.from({ length: 100 }, () => column('v'))),
    ),
    expected: failing('limit'),
  },
  {
    name: 'LOCAL INFILE',
    script: answering((peer) => peer.send(Buffer.from('\xfb/etc/passwd', 'latin1'))),
    expected: failing('lost'),
  },
  {
    name: 'a switch to mysql_clear_password',
    script: async (peer) => {
      peer.send(greeting());
      await peer.packet();
      peer.send(authSwitch('mysql_clear_password'));
      await peer.packet();
    },
    expected: failing('auth', 'backoff'),
  },
  {
    name: 'a login that needs the key of the server',
    script: async (peer) => {
      peer.send(greeting({ plugin: CACHING }));
      await peer.packet();
      peer.send(authMoreData(Buffer.of(4)));
      await peer.packet();
    },
    expected: failing('auth', 'backoff'),
    more: { allow_public_key_retrieval: false },
  },
  {
    name: 'an error of 16 MB',
    script: answering((peer) => peer.send(err(1064, 'x'.repeat((1 << 24) - 100)))),
    expected: failing('sql', 'limit', 'lost', 'timeout', 'queue'),
    floods: true,
  },
  {
    name: 'an answer nobody asked for',
    script: answering((peer) => peer.send(ok(), ...result(['v'], [['5']]))),
    expected: failing('missing_column', 'lost'),
  },
  { name: 'odd names of columns', script: inTurn(cells('constructor')), expected: WHOLE },
  { name: 'invalid UTF-8', script: inTurn(cells(Buffer.of(0xff, 0xfe, 0xc0, 0x22, 0x0a))), expected: WHOLE },
];

function inTurn(answer: (sql: string) => readonly Buffer[]): Script {
  return answering((peer, sql) => peer.send(...answer(sql)));
}

export async function testRogueServer(world: World): Promise<void> {
  const { servers } = world;
  const rogues = await Promise.all(
    ROGUES.map(async (rogue) => ({ ...rogue, server: await scriptedServer(rogue.script) })),
  );
  const honest: readonly Target[] = servers.map((server) => ({
    name: server.name,
    address: addressOf(server),
  }));
  const targets: readonly Target[] = [
    ...honest,
    ...rogues.map(({ more, name, server }) => ({
      name,
      address: addressOf(server),
      more: { query_sets: ['exact'], password: SECRET, ...more },
    })),
  ];
  const exporter = await startExporter(world, targets);
  try {
    await besideHonest(world, exporter, rogues, honest);
    await distinctLabels(world, exporter, honest);
  } finally {
    await exporter[Symbol.asyncDispose]();
    for (const { server } of rogues) await server.close();
  }
}

type Running = Rogue & { readonly server: ScriptedServer };

async function besideHonest(
  { ledger, scale, scrapeSeconds }: World,
  exporter: Exporter,
  rogues: readonly Running[],
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
      judge(ledger, answers, scrapeSeconds, (target) => of.get(target) ?? WHOLE);
    }
  }
  const grown = (await residentMiB(exporter)) - before;
  ledger.note(`rogue servers: resident memory grew by ${grown.toFixed(0)} MiB`);
  if (grown > MOST_GROWTH_MIB)
    ledger.leaked(`rogue servers: resident memory grew by ${grown.toFixed(0)} MiB`);
  for (const { name, server } of rogues) {
    if (server.peers.some((peer) => peer.sent(SECRET))) ledger.wrong(`${name}: it was told the password`);
    if (server.peers.some((peer) => peer.sent('root:'))) ledger.wrong(`${name}: it was given a file`);
    // Two connections of the target, and one that kills.
    if (server.open > 3) ledger.leaked(`${name}: ${server.open} connections`);
  }
  if (exporter.log.includes(SECRET)) ledger.wrong('the password is in the log');
}

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
