/**
 * What is measured: one real server that answers on many addresses, and the exporter that probes them.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Child,
  removeFolder,
  runToEnd,
  startChild,
  stopChild,
  temporaryFolder,
} from '../lab/children.ts';
import { freePort } from '../lab/free-port.ts';
import { httpReady } from '../lab/http-ready.ts';
import { startMariadb } from '../lab/mariadb.ts';
import { startMysql } from '../lab/mysql.ts';
import { loadSamples } from '../lab/samples.ts';
import type { DatabaseServer } from '../lab/server-process.ts';
import { loadConfig } from '../src/config/load.ts';
import { compileQuerySets } from '../src/query-set/compile.ts';
import type { Options } from './options.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The account of the sample data. */
export const ACCOUNT = { user: 'exporter', password: 'exporter' } as const;
const CONNECTIONS_PER_TARGET = 3; // the exporter's own default

export interface World {
  readonly server: DatabaseServer;
  readonly exporter: Exporter;
  readonly targets: readonly string[];
  /** The SQL of one probe, as the exporter runs it. */
  readonly statements: readonly string[];
  /** Of this run, gone at its end. */
  readonly folder: string;
  readonly stop: () => Promise<void>;
}

interface Exporter {
  readonly child: Child;
  readonly url: string;
  /** Its log file: why a probe failed stands there. */
  readonly log: string;
}

export async function startWorld(options: Options, say: (line: string) => void): Promise<World> {
  const folder = temporaryFolder('bench');
  say('building the exporter');
  await runToEnd({ command: 'npm', args: ['--prefix', ROOT, 'run', 'build'] }, 'npm run build');
  say(`starting ${options.server}`);
  const server = await startDatabase(options);
  const { file, targets } = await writeConfig(folder, options, server.port);
  const statements = await statementsOf(file, options.sets);
  const exporter = await startExporter(folder, file, options.profile !== undefined);
  return {
    server,
    exporter,
    targets,
    statements,
    folder,
    stop: async () => {
      await stopChild(exporter.child);
      await server.stop();
      removeFolder(folder);
    },
  };
}

async function startDatabase({ server: flavour, targets }: Options): Promise<DatabaseServer> {
  const args = [`--max-connections=${targets * CONNECTIONS_PER_TARGET + 50}`];
  const server = await (flavour === 'mariadb' ? startMariadb({ args }) : startMysql({ args }));
  await loadSamples((sql) => server.query(sql), { except: ['03-writer.sql'] });
  // The account's limit is for one target; here all targets are one server.
  await server.query(`ALTER USER '${ACCOUNT.user}'@'%' WITH MAX_USER_CONNECTIONS 0`);
  return server;
}

async function writeConfig(
  folder: string,
  options: Options,
  port: number,
): Promise<{ readonly file: string; readonly targets: readonly string[] }> {
  const targets = Array.from({ length: options.targets }, (_, i) => [
    `bench-${i + 1}`,
    { address: `127.0.${1 + Math.floor(i / 250)}.${1 + (i % 250)}:${port}` },
  ]);
  const config = {
    defaults: {
      ...ACCOUNT,
      query_sets: options.sets,
      max_connections: CONNECTIONS_PER_TARGET,
      tls: { mode: options.tls ? 'required' : 'disabled' },
      // The first login of an account without TLS needs it; this server is on loopback.
      allow_public_key_retrieval: !options.tls,
    },
    targets: Object.fromEntries(targets),
  };
  const file = join(folder, 'targets.yml');
  await writeFile(file, JSON.stringify(config, null, 1)); // JSON is YAML
  return { file, targets: Object.keys(config.targets) };
}

async function statementsOf(file: string, sets: readonly string[]): Promise<readonly string[]> {
  const loaded = await loadConfig(file, process.env);
  if (!loaded.ok) {
    const errors = loaded.findings.filter(({ severity }) => severity === 'error');
    throw new Error(`the configuration is refused: ${errors[0]?.message}`);
  }
  const compiled = compileQuerySets(loaded.config.querySets.values());
  return sets.flatMap((name) => compiled.get(name)?.queries ?? []).map(({ sql }) => sql);
}

/** `profiled`: the exporter leaves a .cpuprofile in `folder` when it ends. */
async function startExporter(folder: string, config: string, profiled: boolean): Promise<Exporter> {
  const log = join(folder, 'exporter.log');
  const address = `127.0.0.1:${await freePort()}`;
  const child = await startChild({
    command: process.execPath,
    args: [
      ...(profiled ? ['--cpu-prof', '--cpu-prof-dir', folder] : []),
      ...[join(ROOT, 'dist/cli.js'), 'serve', '--config.file', config, '--web.listen-address', address],
    ],
    env: process.env,
    log,
  });
  const url = `http://${address}`;
  await httpReady(child, `${url}/-/ready`, log);
  return { child, url, log };
}
