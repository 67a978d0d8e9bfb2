/** Bytes of HTTP clients: requests with changes, in pieces, one behind the other, broken off. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { assemble } from '../../../src/commands/program.ts';
import { createServer } from '../../../src/http/server.ts';
import { load } from '../../support/config-folder.ts';
import { mutate } from '../mutation.ts';
import type { Surface } from '../surface.ts';

const REQUESTS = [
  'GET /probe?target=a HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip;q=0.5, identity\r\n\r\n',
  'GET /probe?target=a&query_set=global_status&collect[]=sessions HTTP/1.1\r\nHost: x\r\n' +
    'X-Prometheus-Scrape-Timeout-Seconds: 0.3\r\nAccept: application/openmetrics-text;version=1.0.0,*/*;q=0.1\r\n\r\n',
  'HEAD /probe?target=b&auth_module=m HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  'GET / HTTP/1.0\r\n\r\n',
  'POST /-/healthy HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'GET /%2e%2e/%00?target=%ff&target=b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc',
];

export async function http(): Promise<Surface> {
  const { lines, result } = await load({
    // Nobody listens there: what the exporter answers is fast, and no server is asked.
    'targets.yml':
      'targets: {a: {address: "127.0.0.1:1", user: u}, b: {address: "127.0.0.1:1", user: u, enabled: false}}\n',
  });
  assert.ok(result.ok, lines.join('\n'));
  const silent = () => {};
  const log = {
    debug: silent,
    info: silent,
    warn: silent,
    error: (msg: string, fields: unknown) => errors.push({ msg, fields }),
  };
  const errors: unknown[] = [];
  const program = assemble(result.config, log, 64);
  const app = createServer({
    ...program,
    ...{
      version: '1',
      log,
      reload: undefined,
      isReady: () => true,
      maxRequests: 64,
      timeoutOffsetMs: 0,
      maxResponseBytes: 1 << 20,
      maxClients: 1_000,
      maxUnreadBytes: 1 << 27,
    },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return {
    name: 'http',
    close: async () => {
      app.server.closeAllConnections();
      await app.close();
      await program.pools.close();
    },
    async round(random) {
      const bytes = Buffer.concat(
        Array.from({ length: 1 + random() * 3 }, () => {
          const request = Buffer.from(REQUESTS[Math.floor(random() * REQUESTS.length)] ?? '');
          return random() < 0.8 ? mutate(request, random) : request;
        }),
      );
      const socket = connect({ host: '127.0.0.1', port });
      socket.on('error', silent).resume();
      const gone = once(socket, 'close');
      const at = Math.floor(random() * bytes.length);
      socket.write(bytes.subarray(0, at));
      await new Promise((resolve) => setTimeout(resolve, random() * 5));
      if (random() < 0.9) socket.write(bytes.subarray(at));
      setTimeout(() => (random() < 0.5 ? socket.destroy() : socket.resetAndDestroy()), 20 + random() * 60);
      await gone;
      assert.deepEqual(errors, []);
      const healthy = await fetch(`http://127.0.0.1:${port}/-/healthy`);
      assert.equal(healthy.status, 200);
      await healthy.text();
    },
  };
}
