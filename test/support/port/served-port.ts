/** The HTTP server of the exporter in the process of the test, behind a web file, with targets that nobody answers. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { assemble } from '../../../src/commands/program.ts';
import { webFile } from '../../../src/config/web-file/web-file.ts';
import { LiveWeb, type LiveWebOptions } from '../../../src/http/port/live-web.ts';
import { createServer, type ServerOptions } from '../../../src/http/server.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { load } from '../config-folder.ts';

export interface ServedPort extends AsyncDisposable {
  readonly port: number;
  /** What has been logged so far. */
  readonly log: string;
  /** Connections that are open. */
  connections(): Promise<number>;
  /** Over plain HTTP. */
  get(path: string, init?: RequestInit): Promise<Response>;
  /** A number of the exporter's own, as it is now. */
  own(family: string, labels?: string): Promise<number>;
}

const TARGETS = 'targets: {nowhere: {address: "127.0.0.1:1", user: x}}\n';

/** @param web the text of the file, or its path where it is one that the test changes */
export async function servePort(
  web: string | { readonly path: string } | undefined,
  options: Partial<ServerOptions> & { readonly targets?: string } = {},
): Promise<ServedPort> {
  const { targets = TARGETS, ...more } = options;
  const { lines, result } = await load({ 'targets.yml': targets });
  assert.ok(result.ok, lines.join('\n'));
  let logged = '';
  const log = createLogger({
    ...{ level: 'info', format: 'logfmt' },
    write: (line) => {
      logged += line;
    },
  });
  const folder = await mkdtemp(join(tmpdir(), 'served-port-'));
  const path = typeof web === 'object' ? web.path : join(folder, 'web.yml');
  // What the test changes is looked at by each request, so that it need not wait for a look to be old.
  const freshMs = typeof web === 'object' ? 0 : undefined;
  if (typeof web === 'string') await writeFile(path, web);
  const program = assemble(result.config, log, 64);
  const app = createServer({
    ...program,
    ...{ version: '1', log, reload: undefined, isReady: () => true, timeoutOffsetMs: 0 },
    ...{ maxRequests: 64, maxResponseBytes: 1 << 20, maxClients: 1_000, maxUnreadBytes: 1 << 27 },
    web:
      web === undefined ? undefined : await liveWeb(path, { log, ...(freshMs !== undefined && { freshMs }) }),
    ...more,
  });
  await app.ready();
  await once(app.server.listen(0, '127.0.0.1'), 'listening');
  const { port } = app.server.address() as AddressInfo;
  const get = (at: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${port}${at}`, { redirect: 'manual', ...init });
  return {
    ...{ port, get },
    connections: () => promisify(app.server.getConnections.bind(app.server))(),
    get log() {
      return logged;
    },
    async own(family, labels = '') {
      const text = await program.registry.text();
      const line = text.split('\n').find((one) => one.startsWith(`${family}${labels} `));
      return Number(line?.split(' ').at(-1));
    },
    async [Symbol.asyncDispose]() {
      program.prober.cancelAll();
      const closed = app.close();
      app.server.closeAllConnections();
      await closed;
      await program.pools.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function liveWeb(path: string, options: LiveWebOptions): Promise<LiveWeb> {
  const source = webFile(path);
  const reading = await source.read();
  const { diagnostics, settings } = reading;
  assert.ok(settings !== undefined, diagnostics.map(({ message }) => message).join('\n'));
  return new LiveWeb(source, { ...reading, settings }, options) as unknown as LiveWeb;
}
