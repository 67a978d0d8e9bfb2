/**
 * What every part of the suite stands on: both real servers, the exporter before them, and what it holds.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Exporter, type Files } from '../e2e/exporter.ts';
import { type PrivateServer, privateServer } from '../servers/real-servers.ts';
import { QUERIES } from './judge.ts';
import type { Ledger } from './ledger.ts';
import type { Endpoint } from './proxy.ts';

/** How much is done. The shortest is part of `npm test`. */
export const SCALES = {
  brief: {
    /** Rounds without and with sick targets, and the length of each. */
    pairs: 1,
    roundMs: 1_500,
    /** What noise may add to a p99. In one short round it may be much; whoever waits for a sick target waits longer. */
    slackMs: 1_000,
    unknownTargets: 3_000,
    flood: 640,
    /** Whether to wait until slow clients are cut off. test/e2e/http.test.ts does, with one. */
    seesCutOff: false,
    /** Probes. */
    endurance: 300,
  },
  short: {
    pairs: 4,
    roundMs: 4_000,
    slackMs: 25,
    unknownTargets: 100_000,
    flood: 10_000,
    seesCutOff: true,
    endurance: 3_000,
  },
  long: {
    pairs: 10,
    roundMs: 8_000,
    slackMs: 25,
    unknownTargets: 100_000,
    flood: 50_000,
    seesCutOff: true,
    endurance: 100_000,
  },
} as const;

export type Scale = (typeof SCALES)[keyof typeof SCALES];

export interface World extends AsyncDisposable {
  readonly servers: readonly PrivateServer[];
  readonly ledger: Ledger;
  readonly scale: Scale;
}

/** Enough for every target's own connections, twice. */
const MAX_CONNECTIONS = '--max-connections=1500';

export async function startWorld(ledger: Ledger, scale: Scale): Promise<World> {
  const options = { args: [MAX_CONNECTIONS] };
  const servers = await Promise.all([privateServer('mariadb', options), privateServer('mysql', options)]);
  return {
    servers,
    ledger,
    scale,
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

/** A target by its name; `more` are further keys of its settings. */
export interface Target {
  readonly name: string;
  readonly address: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

export const addressOf = ({ host, port }: Endpoint) => `${host}:${port}`;

/** Seconds that a scrape may take, as Prometheus would announce them, in all parts. */
export const SCRAPE_SECONDS = 3;

const DEFAULTS = {
  user: 'exporter',
  password: 'exporter',
  query_sets: ['watched'],
  max_connections: 2,
  connect_timeout: '1500ms',
  query_timeout: '2s',
  tls: { mode: 'disabled' },
  allow_public_key_retrieval: true,
};

/** The exporter over these targets, with the instruments of instruments.ts. */
export async function startExporter(
  targets: readonly Target[],
  { flags = [], nameServer }: { readonly flags?: readonly string[]; readonly nameServer?: string } = {},
): Promise<Exporter> {
  const config = {
    query_files: ['queries.yml'],
    defaults: DEFAULTS,
    targets: Object.fromEntries(targets.map(({ address, more, name }) => [name, { address, ...more }])),
  };
  const files: Files = { 'targets.yml': JSON.stringify(config), 'queries.yml': QUERIES }; // JSON is YAML
  const instruments = [import.meta.resolve('tsx'), new URL('./instruments.ts', import.meta.url).href];
  process.env['NODE_OPTIONS'] = instruments.map((url) => `--import=${url}`).join(' ');
  if (nameServer !== undefined) process.env['FAULTS_NAME_SERVER'] = nameServer;
  try {
    return await Exporter.start(files, ...flags);
  } finally {
    delete process.env['NODE_OPTIONS'];
    delete process.env['FAULTS_NAME_SERVER'];
  }
}

/** What an exporter holds, and what servers hold for it. */
export interface Held {
  readonly heapMiB: number;
  readonly descriptors: number;
  readonly connections: number;
}

export async function held(exporter: Exporter, servers: readonly PrivateServer[]): Promise<Held> {
  exporter.signal('SIGUSR2');
  await sleep(100);
  exporter.signal('SIGUSR2'); // what the first one let go of
  await sleep(100);
  const { text } = await exporter.get('/metrics');
  const heap = /^nodejs_heap_size_used_bytes (\S+)$/m.exec(text)?.[1];
  const counts = await Promise.all(servers.map((server) => server.connections('exporter')));
  return {
    heapMiB: Number(heap) / 2 ** 20,
    descriptors: await exporter.openDescriptors(),
    connections: counts.reduce((sum, count) => sum + count, 0),
  };
}

/** How much more than at the beginning there may be at the end. */
export interface Bounds {
  readonly heapMiB: number;
  readonly descriptors: number;
  readonly connections: number;
}

/** Waits up to `ms` for everything to come back, then tells the ledger of what has not. */
export async function expectHeld(
  part: string,
  look: () => Promise<Held>,
  before: Held,
  bounds: Bounds,
  ledger: Ledger,
  ms = 10_000,
): Promise<void> {
  const giveUp = performance.now() + ms;
  for (;;) {
    const now = await look();
    const over = (Object.keys(bounds) as (keyof Held)[]).filter(
      (key) => now[key] > before[key] + bounds[key],
    );
    if (over.length > 0 && performance.now() < giveUp) {
      await sleep(200);
      continue;
    }
    for (const key of over)
      ledger.leaked(`${part}: ${key} ${before[key].toFixed(1)} before, ${now[key].toFixed(1)} after`);
    ledger.note(
      `${part}: heap ${before.heapMiB.toFixed(1)} -> ${now.heapMiB.toFixed(1)} MiB, ` +
        `descriptors ${before.descriptors} -> ${now.descriptors}, connections ${before.connections} -> ${now.connections}`,
    );
    return;
  }
}
