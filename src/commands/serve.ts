/**
 * `serve`: answers probes over HTTP until it is told to stop.
 */
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { createServer } from '../http/server.ts';
import type { Config } from '../model/config.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { VERSION } from '../version.ts';
import type { ListenAddress } from './listen-address.ts';
import { openFilesLimit } from './open-files.ts';
import { assemble, type ConfigOptions, type Limits, type Program, readConfig } from './program.ts';

export interface ServeOptions extends ConfigOptions, Limits {
  readonly listen: ListenAddress;
  readonly timeoutOffsetMs: number;
}

type Server = ReturnType<typeof createServer>;

/** The parts of a stop, in milliseconds; together less than the ten seconds that a service manager waits. */
const FINISH_MS = 5_000;
const CANCEL_MS = 500;
const GOODBYE_MS = 2_000;

/**
 * How far the heap may grow beyond what was alive, in percent, before it is looked through as a whole. V8 takes up to
 * 300: with a thousand targets 240 MiB then, and 175 with this, for 3 % more CPU (Node 20.20). It is no limit.
 */
const HEAP_GROWTH = 75;

/** Runs until SIGTERM or SIGINT; returns the exit code. */
export async function serve(options: ServeOptions): Promise<number> {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH}`);
  const config = await readConfig(options.files);
  if (config === undefined) return 1;
  const log = createLogger({ level: options.logLevel, format: options.logFormat });
  const limits = { ...options, maxConnections: openable(options, config, log) };
  const program = assemble(config, log, options.maxQueries, limits);
  let ready = true;
  const app = createServer({ ...program, ...options, version: VERSION, log, isReady: () => ready });
  if (!(await listen(app, options.listen))) return 1;
  const { address, port } = app.server.address() as AddressInfo; // a TCP listener's is never a path
  log.info('listening', { address, port, targets: config.targets.size, version: VERSION });
  const signal = await nextSignal();
  log.info('stopping', { signal });
  ready = false;
  await stop(app, program, log);
  return 0;
}

/** For log, event loop, name servers and statements to be ended. */
const OTHER_FILES = 128;

/** The connections there may be: above the limit of open files nobody could reach the exporter any more. */
function openable({ maxConnections, maxRequests }: Limits, { targets }: Config, log: Logger): number {
  const files = openFilesLimit();
  if (files === undefined) return maxConnections;
  const room = Math.max(1, files - maxRequests - OTHER_FILES);
  const wanted = [...targets.values()].reduce((sum, target) => sum + target.maxConnections, 0);
  if (room < Math.min(wanted, maxConnections))
    log.warn('too few open files for all connections', { open_files: files, wanted, max_connections: room });
  return Math.min(maxConnections, room);
}

async function listen(app: Server, { host, port }: ListenAddress): Promise<boolean> {
  const hosts = host === '' ? ['::', '0.0.0.0'] : [host];
  for (const [tried, candidate] of hosts.entries()) {
    try {
      await app.listen({ host: candidate, port });
      return true;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      // A machine without IPv6 refuses `::`, in one of two ways.
      if (/^EAFNOSUPPORT|^EADDRNOTAVAIL/.test(code) && tried + 1 < hosts.length) continue;
      const why = WHY_NOT[code] ?? code;
      process.stderr.write(`cannot listen on ${host}:${port}: ${why}; choose with --web.listen-address\n`);
      return false;
    }
  }
  return false;
}

const WHY_NOT: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses this port',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EACCES: 'this port needs more rights than the exporter has',
  ENOTFOUND: 'no such host name',
};

function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
}

/** Lets probes finish, then stops those that will not, then says goodbye to the servers. */
async function stop(app: Server, { pools, prober }: Program, log: Logger): Promise<void> {
  const closed = app.close();
  await Promise.race([closed, sleep(FINISH_MS)]);
  if (prober.inFlight > 0) {
    log.warn('stopping probes that do not end', { probes: prober.inFlight });
    prober.cancelAll();
  }
  await Promise.race([closed, sleep(CANCEL_MS)]);
  app.server.closeAllConnections();
  await Promise.race([pools.close(), sleep(GOODBYE_MS)]);
  log.info('stopped');
}
