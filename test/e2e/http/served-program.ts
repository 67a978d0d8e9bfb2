/**
 * The exporter inside of the test's own process: listens as `serve` does, and takes another configuration when told to.
 */
import type { AddressInfo } from 'node:net';
import { assemble, type Program } from '../../../src/commands/program.ts';
import { createServer } from '../../../src/http/server.ts';
import type { Config } from '../../../src/model/config.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { load } from '../../support/config-folder.ts';

export interface ServedProgram {
  /** As `127.0.0.1:PORT`. */
  readonly host: string;
  readonly program: Program;
  close(): Promise<void>;
}

/** A configuration that must be good. */
export async function configOf(files: Readonly<Record<string, string>>): Promise<Config> {
  const { lines, result } = await load(files);
  if (!result.ok) throw new Error(lines.join('\n'));
  return result.config;
}

const LIMITS = {
  maxRequests: 512,
  maxConnections: 1000,
  maxResponseBytes: 64 << 20,
  maxResultBytes: 64 << 20,
  maxClients: 1000,
  maxUnreadBytes: 128 << 20,
  historySize: 20,
};

export async function serveProgram(config: Config): Promise<ServedProgram> {
  const log = createLogger({ level: 'error', format: 'logfmt' });
  const program = assemble(config, log, 1024, LIMITS);
  const app = createServer({
    ...program,
    ...LIMITS,
    timeoutOffsetMs: 250,
    version: 'test',
    log,
    reload: undefined,
    isReady: () => true,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo; // a TCP listener's is never a path
  return {
    host: `127.0.0.1:${port}`,
    program,
    async close() {
      app.server.closeAllConnections();
      await app.close();
      await program.pools.close();
    },
  };
}
