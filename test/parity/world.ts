/**
 * Who is compared, on what: the servers, mysqld_exporter with all collectors, and our exporter.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { removeFolder, startChild, stopChild, temporaryFolder } from '../../harness/children.ts';
import type { Service } from '../../harness/exporter.ts';
import { freePort } from '../../harness/free-port.ts';
import { httpReady } from '../../harness/http-ready.ts';
import { startMysqldExporter } from '../../harness/mysqld-exporter.ts';
import { findMysqldExporter } from '../../harness/programs.ts';
import type { DatabaseServer } from '../../harness/server-process.ts';
import { loadConfig } from '../../src/config/load.ts';
import { isError } from '../../src/diagnostics/diagnostic.ts';
import { COLLECTORS } from './collectors.ts';
import { type NamedServer, type ServerName, startParityServers } from './servers.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The account of the sample data. */
export const ACCOUNT = { user: 'exporter', password: 'exporter' } as const;

export interface WorldOptions {
  readonly servers: readonly ServerName[];
  /** Our query files, absolute; the shipped ones when undefined. */
  readonly queryFiles?: readonly string[] | undefined;
  /** More flags for mysqld_exporter. */
  readonly flags?: readonly string[];
  /** Parameters of our sets, as in targets.yml. */
  readonly params?: unknown;
}

export interface World {
  readonly servers: readonly NamedServer[];
  readonly upstream: Service;
  readonly ours: Service;
  /** As mysqld_exporter tells it. */
  readonly version: string;
  /** Collectors for which there is a query set of the same name. */
  readonly sets: ReadonlySet<string>;
  readonly stop: () => Promise<void>;
}

/** Starts everything; what an Error leaves behind ends with our process. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { servers, flags = [] } = options;
  const folder = temporaryFolder('parity');
  const [program, database] = await Promise.all([findMysqldExporter(), startParityServers(servers)]);
  const config = await writeConfig(folder, database.all, options);
  const sets = await collectorSets(config);
  const [upstream, ours] = await Promise.all([
    startMysqldExporter(program, folder, {
      ...ACCOUNT,
      port: await freePort(),
      flags: [...COLLECTORS.map((name) => `--collect.${name}`), ...flags],
    }),
    startOurs(folder, config),
  ]);
  return {
    servers: database.all,
    upstream,
    ours,
    version: program.version,
    sets,
    stop: async () => {
      await Promise.all([stopChild(upstream.child), stopChild(ours.child)]);
      await database.stop();
      removeFolder(folder);
    },
  };
}

/** A target needs a set, though each probe here says which ones it wants. */
const UNUSED_SET = 'unused';
const UNUSED_METRIC = { query: 'SELECT 1 AS one', type: 'gauge', description: 'One', value: 'one' };

async function writeConfig(
  folder: string,
  servers: readonly NamedServer[],
  { queryFiles, params = {} }: WorldOptions,
): Promise<string> {
  const unused = join(folder, 'queries.yml');
  await writeFile(
    unused,
    JSON.stringify({ query_sets: { [UNUSED_SET]: { metrics: { one: UNUSED_METRIC } } } }),
  );
  const config = {
    query_files: [...(queryFiles ?? [join(ROOT, 'queries/*.yml')]), unused],
    defaults: {
      ...ACCOUNT,
      max_load: '100%', // each round asks, as mysqld_exporter does
      query_sets: [UNUSED_SET],
      params,
      // One, and not kept, as mysqld_exporter has it: who counts connections counts the same.
      max_connections: 1,
      idle_timeout: '100ms',
      query_timeout: '20s',
      scrape_timeout: '30s',
      tls: { mode: 'disabled' },
      // The first login of an account without TLS needs it; these servers are on loopback.
      allow_public_key_retrieval: true,
    },
    targets: Object.fromEntries(
      servers.map(({ name, server }) => [name, { address: `127.0.0.1:${server.port}` }]),
    ),
  };
  const file = join(folder, 'targets.yml');
  await writeFile(file, JSON.stringify(config, null, 1)); // JSON is YAML
  return file;
}

async function collectorSets(config: string): Promise<ReadonlySet<string>> {
  const loaded = await loadConfig(config, process.env);
  if (loaded.ok) return new Set(COLLECTORS.filter((name) => loaded.config.querySets.has(name)));
  const errors = loaded.diagnostics.filter(isError);
  const lines = errors.map(({ file, line, message }) => `${file}:${line} ${message}`);
  throw new Error(`our configuration is refused:\n${lines.join('\n')}`);
}

async function startOurs(folder: string, config: string): Promise<Service> {
  const log = join(folder, 'exporter.log');
  const address = `127.0.0.1:${await freePort()}`;
  const cli = join(ROOT, 'src/cli.ts');
  const child = await startChild({
    command: process.execPath,
    args: [
      ...['--import', 'tsx', cli, 'serve'],
      ...['--config.file', config, '--web.listen-address', address],
    ],
    env: process.env,
    log,
  });
  const url = `http://${address}`;
  await httpReady(child, `${url}/-/ready`, log);
  return { child, url, log };
}

/** What mysqld_exporter says of a server; all collectors when none is named. */
export async function askUpstream(
  world: World,
  { server }: NamedServer,
  collectors: readonly string[] = [],
): Promise<string> {
  const query = collectors.map((name) => `&collect[]=${name}`).join('');
  return await ask(server, `${world.upstream.url}/probe?target=127.0.0.1:${server.port}${query}`);
}

/** What we say of a server with the sets of these names. */
export async function askOurs(
  world: World,
  { name, server }: NamedServer,
  sets: readonly string[],
): Promise<string> {
  const query = sets.map((set) => `&collect[]=${set}`).join('');
  return await ask(server, `${world.ours.url}/probe?target=${name}${query}`);
}

async function ask(server: DatabaseServer, url: string): Promise<string> {
  await untilAlone(server);
  const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 300)}`);
  return text;
}

/** Nobody who was asked before is connected any more. */
async function untilAlone(server: DatabaseServer): Promise<void> {
  const giveUp = performance.now() + 10_000;
  while (performance.now() < giveUp) {
    const [row] = await server.query(
      'SELECT COUNT(*) AS connections FROM information_schema.processlist WHERE user = ?',
      [ACCOUNT.user],
    );
    if (Number(row?.['connections']) === 0) return;
    await delay(20);
  }
  throw new Error('an exporter does not close its connection');
}
