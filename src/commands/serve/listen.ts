/** Where the server listens, and why it cannot. */
import type { Server } from '../../http/server.ts';
import type { ListenAddress } from './listen-address.ts';

/** Lets the server listen; when it returns false, the reason is on standard error. */
export async function listen(app: Server, { host, port }: ListenAddress): Promise<boolean> {
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
