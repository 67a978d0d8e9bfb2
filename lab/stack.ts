/**
 * Everything the lab consists of, started in order: servers, samples, replication, exporter, Prometheus.
 *
 * A part that cannot be started throws an Error that names it; whoever catches it ends the process, and what
 * was already running ends with it (children.ts).
 */
import { removeFolder, stopChild, temporaryFolder } from '../harness/children.ts';
import { type Service, startExporter } from '../harness/exporter.ts';
import { preferredPort } from '../harness/free-port.ts';
import { caughtUp, PRIMARY_ARGS, REPLICA_ARGS, replicate, startMariadb } from '../harness/mariadb.ts';
import { startMysql } from '../harness/mysql.ts';
import { findMysql, findPrometheus, type Program } from '../harness/programs.ts';
import { startPrometheus, writePrometheusConfig } from '../harness/prometheus.ts';
import { loadSamples } from '../harness/samples.ts';
import type { DatabaseServer } from '../harness/server-process.ts';

export interface Stack {
  /** Names in targets.yml. */
  readonly targets: readonly string[];
  readonly exporter: Service;
  /** Undefined when not wanted or not to be had. */
  readonly prometheus: Service | undefined;
  /** Resolves when a part ends that nobody stopped, and says which. */
  readonly broken: Promise<string>;
  readonly stop: () => Promise<void>;
}

/** Tells the user what goes on, a line at a time. */
export type Say = (line: string) => void;

interface Servers {
  readonly primary: DatabaseServer;
  readonly replica: DatabaseServer;
  /** Undefined where MySQL cannot be had. */
  readonly mysql: DatabaseServer | undefined;
}

/** Accounts of the lab have passwords that everybody knows. */
const bindAddress = '127.0.0.1';

const PORTS = { primary: 13306, replica: 13307, mysql: 13308, exporter: 9104, prometheus: 9090 } as const;
const NAMES = { primary: 'mariadb-primary', replica: 'mariadb-replica', mysql: 'mysql' } as const;

export async function startStack(say: Say, withPrometheus: boolean): Promise<Stack> {
  const folder = temporaryFolder('lab');
  const servers = await startServers(say);
  const exporter = await part('exporter', async () => {
    const port = await portFor('exporter', PORTS.exporter, say);
    return await startExporter(folder, port, environment(servers));
  });
  say(line('exporter', exporter.url, `its log: ${exporter.log}`));
  const targets = [NAMES.primary, NAMES.replica, ...(servers.mysql === undefined ? [] : [NAMES.mysql])];
  const prometheus = withPrometheus ? await prometheusOf(exporter, targets, folder, say) : undefined;
  return {
    targets,
    exporter,
    prometheus,
    broken: firstEnd(servers, exporter, prometheus),
    stop: async () => {
      // Prometheus and the exporter end first, so that they do not report the servers as down.
      if (prometheus !== undefined) await stopChild(prometheus.child);
      await stopChild(exporter.child);
      await Promise.all([servers.primary, servers.replica, servers.mysql].map((server) => server?.stop()));
      removeFolder(folder);
    },
  };
}

async function startServers(say: Say): Promise<Servers> {
  const busy = '--event-scheduler=ON'; // runs the sample writer; MySQL has it on by default, MariaDB off
  const [primary, replica, mysql] = await Promise.all([
    serverOf('primary', say, (port) => startMariadb({ port, bindAddress, args: [...PRIMARY_ARGS, busy] })),
    serverOf('replica', say, (port) => startMariadb({ port, bindAddress, args: REPLICA_ARGS })),
    optional('MySQL', findMysql, say).then(
      (found) => found && serverOf('mysql', say, (port) => startMysql({ port, bindAddress })),
    ),
  ]);
  await part(NAMES.replica, () => replicate(primary, replica));
  await part('samples', () =>
    Promise.all([primary, mysql].map((server) => server && loadSamples((sql) => server.query(sql)))),
  );
  await part(NAMES.replica, () => caughtUp(primary, replica));
  return { primary, replica, mysql };
}

async function serverOf(
  role: keyof Servers,
  say: Say,
  start: (port: number) => Promise<DatabaseServer>,
): Promise<DatabaseServer> {
  const server = await part(NAMES[role], async () => start(await portFor(NAMES[role], PORTS[role], say)));
  say(line(NAMES[role], `127.0.0.1:${server.port}`, server.version));
  return server;
}

async function prometheusOf(
  exporter: Service,
  targets: readonly string[],
  folder: string,
  say: Say,
): Promise<Service | undefined> {
  const program = await optional('Prometheus', findPrometheus, say);
  if (program === undefined) return undefined;
  const prometheus = await part('prometheus', async () => {
    const config = await writePrometheusConfig(folder, new URL(exporter.url).host, targets);
    return await startPrometheus(program, folder, config, await portFor('prometheus', PORTS.prometheus, say));
  });
  say(line('prometheus', prometheus.url, program.version));
  return prometheus;
}

/** The variables that targets.yml asks for. */
function environment({ primary, replica, mysql }: Servers): Record<string, string> {
  return {
    LAB_MARIADB_PRIMARY: `127.0.0.1:${primary.port}`,
    LAB_MARIADB_REPLICA: `127.0.0.1:${replica.port}`,
    LAB_MYSQL: `127.0.0.1:${mysql?.port ?? PORTS.mysql}`,
    LAB_MYSQL_ENABLED: String(mysql !== undefined),
  };
}

function firstEnd(servers: Servers, exporter: Service, prometheus: Service | undefined): Promise<string> {
  const parts: readonly [string, Promise<string> | undefined][] = [
    [NAMES.primary, servers.primary.untilExit()],
    [NAMES.replica, servers.replica.untilExit()],
    [NAMES.mysql, servers.mysql?.untilExit()],
    ['exporter', exporter.child.untilExit()],
    ['prometheus', prometheus?.child.untilExit()],
  ];
  return Promise.race(
    parts.flatMap(([name, end]) => (end === undefined ? [] : [end.then((how) => `${name} ended: ${how}`)])),
  );
}

async function portFor(name: string, wanted: number, say: Say): Promise<number> {
  const port = await preferredPort(wanted);
  if (port !== wanted) say(line(name, `port ${wanted} is taken`, `${port} instead`));
  return port;
}

/** What the lab can do without: says so, and why. */
async function optional(name: string, find: () => Promise<Program>, say: Say): Promise<Program | undefined> {
  try {
    return await find();
  } catch (cause) {
    say(`  Without ${name}: ${messageOf(cause)}`);
    return undefined;
  }
}

async function part<T>(name: string, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (cause) {
    throw new Error(`${name}: ${messageOf(cause)}`, { cause });
  }
}

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

const line = (name: string, where: string, more: string) =>
  `  ${name.padEnd(16)}  ${where.padEnd(22)}  ${more}`;
