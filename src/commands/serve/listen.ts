/** Where the server listens, and why it cannot. */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { Server } from '../../http/server.ts';
import type { LogFormat } from '../../telemetry/logger.ts';
import { reportAtStart } from '../start-up-report.ts';
import type { ListenAddress } from './listen-address.ts';

/** Lets the server listen; when it returns false, the reason is on standard error. */
export async function listen(
  app: Server,
  { host, port }: ListenAddress,
  format: LogFormat,
): Promise<boolean> {
  const hosts = host === '' ? ['::', '0.0.0.0'] : [host];
  for (const [tried, candidate] of hosts.entries()) {
    try {
      await app.listen({ host: candidate, port });
      if (host === 'localhost') await listenBeside(app);
      return true;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      // A machine without IPv6 refuses `::`, in one of two ways.
      if (/^EAFNOSUPPORT|^EADDRNOTAVAIL/.test(code) && tried + 1 < hosts.length) continue;
      const why = WHY_NOT[code] ?? code;
      const sentence = `cannot listen on ${host}:${port}: ${why}; choose with --web.listen-address`;
      reportAtStart(format, { level: 'error', sentence });
      return false;
    }
  }
  return false;
}

/** `localhost` is two addresses on most machines: the others are handed to the same server, as far as they can be had. */
async function listenBeside({ server }: Server): Promise<void> {
  const main = server.address() as AddressInfo; // a TCP listener's is never a path
  for (const { address } of await lookup('localhost', { all: true })) {
    if (address === main.address) continue;
    const other = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      server.emit('connection', socket),
    );
    server.once('close', () => other.close());
    try {
      await once(other.listen({ host: address, port: main.port }), 'listening');
    } catch {
      // No IPv6, or the port is another program's there: the first address is listened on.
    }
  }
}

const WHY_NOT: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses this port',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EACCES: 'this port needs more rights than the exporter has',
  ENOTFOUND: 'no such host name',
};
