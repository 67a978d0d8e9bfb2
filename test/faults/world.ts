/**
 * What every part of the suite stands on: both real servers, the exporter before them, and what it holds.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createAuthority } from '../support/certificates.ts';
import { Exporter, type Files } from '../support/exporter.ts';
import { type PrivateServer, privateServer } from '../support/real-servers.ts';
import type { Endpoint } from './inject/proxy.ts';
import { heapMiB, instrumented } from './instrumented.ts';
import { QUERIES } from './judge.ts';
import type { Ledger } from './ledger.ts';

/** How much is done. The shortest is part of `npm test`. */
export const SCALES = {
  brief: {
    /**
     * How many times as long everything may take as on a quiet machine. Beside other tests time is not the subject: the
     * limits are only so much shorter than what hangs.
     */
    patience: 4,
    /** Pairs of rounds without and with sick targets, at least and at most, and the length of each round. */
    pairs: [1, 1],
    roundMs: 2_500,
    /** Whether healthy targets are scraped twice a round. */
    isTwice: false,
    /** What noise may add to a p99: in one short round much, but whoever waits for a sick target waits longer. */
    slackMs: 4_000,
    unknownTargets: 3_000,
    flood: 640,
    /** Whether to wait until slow clients are cut off and servers have started again. */
    isPatient: false,
    /** Probes. */
    endurance: 300,
    /** Of each target; 240 are an hour. */
    hourOfScrapes: 40,
    /** Scrapes of each rogue server. */
    rogueRounds: 1,
    distinctLabels: 40_000,
    /** Bits turned over in each kind of conversation. */
    flips: 20,
  },
  short: {
    patience: 1,
    pairs: [3, 12],
    roundMs: 4_000,
    isTwice: true,
    slackMs: 0,
    unknownTargets: 30_000,
    flood: 10_000,
    isPatient: true,
    endurance: 1_500,
    hourOfScrapes: 240,
    rogueRounds: 3,
    distinctLabels: 200_000,
    flips: 60,
  },
  long: {
    patience: 1,
    pairs: [10, 20],
    roundMs: 4_000,
    isTwice: true,
    slackMs: 0,
    unknownTargets: 1_000_000,
    flood: 50_000,
    isPatient: true,
    endurance: 100_000,
    hourOfScrapes: 240,
    rogueRounds: 10,
    distinctLabels: 1_000_000,
    flips: 400,
  },
} as const;

export type Scale = (typeof SCALES)[keyof typeof SCALES];

export interface World extends AsyncDisposable {
  readonly servers: readonly PrivateServer[];
  readonly ledger: Ledger;
  readonly scale: Scale;
  /** What a scrape may take, as Prometheus would announce it, in all parts. */
  readonly scrapeSeconds: number;
  /** Where exporters write down the longest turns of their event loops. */
  readonly stallFile: string;
}

/** Enough for every target's own connections, twice. */
const MAX_CONNECTIONS = '--max-connections=1500';

export async function startWorld(ledger: Ledger, scale: Scale): Promise<World> {
  const authority = await createAuthority();
  // MySQL makes certificates of its own.
  const { certFile, keyFile } = await authority.issue('IP:127.0.0.1');
  const folder = await mkdtemp(join(tmpdir(), 'faults-'));
  const stallFile = join(folder, 'stalls');
  await writeFile(stallFile, '');
  const servers = await Promise.all([
    privateServer('mariadb', { args: [MAX_CONNECTIONS, `--ssl-cert=${certFile}`, `--ssl-key=${keyFile}`] }),
    privateServer('mysql', { args: [MAX_CONNECTIONS] }),
  ]);
  return {
    servers,
    ledger,
    scale,
    scrapeSeconds: 3 * scale.patience,
    stallFile,
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => server.stop()));
      await authority.remove();
      await rm(folder, { recursive: true });
    },
  };
}

/** The longest that the main thread of an exporter may compute for, whatever is sent to it. */
const LONGEST_STALL_MS = 100;

/** Tells the ledger of the longest turn of an event loop since the world began. */
export async function expectNoStall({ ledger, scale, stallFile }: World): Promise<void> {
  const lines = (await readFile(stallFile, 'utf8')).split('\n').filter((line) => line !== '');
  const stalls = lines.map((line) => ({ ms: Number.parseFloat(line), at: line.slice(-24) }));
  const worst = stalls.reduce((longest, one) => (one.ms > longest.ms ? one : longest), { ms: 0, at: '' });
  const sentence = `event loop: ${worst.ms.toFixed(0)} ms of computing in one turn at most, until ${worst.at.slice(11, 23)}`;
  if (worst.ms > LONGEST_STALL_MS * scale.patience) ledger.late(sentence);
  ledger.note(sentence);
}

/** A target by its name; `more` are further keys of its settings. */
export interface Target {
  readonly name: string;
  readonly address: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

export const addressOf = ({ host, port }: Endpoint) => `${host}:${port}`;

const defaults = ({ patience }: Scale) => ({
  user: 'exporter',
  password: 'exporter',
  query_sets: ['watched'],
  max_connections: 2,
  connect_timeout: `${1_500 * patience}ms`,
  query_timeout: `${2 * patience}s`,
  // Whoever is well again is to be whole at the very next probe, and must have been asked for that.
  max_load: '100%',
  tls: { mode: 'disabled' },
  allow_public_key_retrieval: true,
});

/** Of the shipped sets the one that takes what names a server likes. */
const STATUS_SET = fileURLToPath(new URL('../../queries/global_status.yml', import.meta.url));

/** What makes a target insist on TLS. */
export const ENCRYPTED = { tls: { mode: 'required' } } as const;

/** The exporter over these targets, with the instruments of instruments.ts. */
export async function startExporter(
  { scale, stallFile }: World,
  targets: readonly Target[],
  { flags = [], nameServer }: { readonly flags?: readonly string[]; readonly nameServer?: string } = {},
): Promise<Exporter> {
  const config = {
    query_files: ['queries.yml', STATUS_SET],
    defaults: defaults(scale),
    targets: Object.fromEntries(targets.map(({ address, more, name }) => [name, { address, ...more }])),
  };
  const files: Files = { 'targets.yml': JSON.stringify(config), 'queries.yml': QUERIES }; // JSON is YAML
  const env = { FAULTS_STALL_FILE: stallFile, ...(nameServer && { FAULTS_NAME_SERVER: nameServer }) };
  return await instrumented(() => Exporter.start(files, ...flags), env);
}

/** What an exporter holds, and what servers hold for it. */
export interface Held {
  readonly heapMiB: number;
  readonly descriptors: number;
  readonly connections: number;
  /** Prepared and not yet closed. */
  readonly statements: number;
}

export async function held(exporter: Exporter, servers: readonly PrivateServer[]): Promise<Held> {
  const heap = await heapMiB(exporter);
  const connections = await Promise.all(servers.map((server) => server.connections('exporter')));
  const statements = await Promise.all(servers.map((server) => server.globalStatus('Prepared_stmt_count')));
  return {
    heapMiB: heap,
    descriptors: await exporter.openDescriptors(),
    connections: sum(connections),
    statements: sum(statements),
  };
}

const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0);

/** Heap, descriptors and connections: how much more than at the beginning there may be at the end. */
export type Bounds = Omit<Held, 'statements'>;

/** Waits for everything to come back, ten seconds on a quiet machine, then tells the ledger of what has not. */
export async function expectHeld(
  part: string,
  look: () => Promise<Held>,
  before: Held,
  bounds: Bounds,
  { ledger, scale }: World,
): Promise<void> {
  const giveUp = performance.now() + 10_000 * scale.patience;
  for (;;) {
    const now = await look();
    const all: Held = { ...bounds, statements: 0 };
    const over = (Object.keys(all) as (keyof Held)[]).filter((key) => now[key] > before[key] + all[key]);
    if (over.length > 0 && performance.now() < giveUp) {
      await sleep(200);
      continue;
    }
    for (const key of over)
      ledger.leaked(`${part}: ${key} ${before[key].toFixed(1)} before, ${now[key].toFixed(1)} after`);
    ledger.note(
      `${part}: heap ${before.heapMiB.toFixed(1)} -> ${now.heapMiB.toFixed(1)} MiB, ` +
        `descriptors ${before.descriptors} -> ${now.descriptors}, connections ${before.connections} -> ${now.connections}, ` +
        `prepared statements ${before.statements} -> ${now.statements}`,
    );
    return;
  }
}

export async function residentMiB(exporter: Exporter): Promise<number> {
  const { text } = await exporter.get('/metrics');
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]) / 2 ** 20;
}
