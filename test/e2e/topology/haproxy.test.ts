/** HAProxy before two servers: an answer is of one of them, and a switch reaches who keeps its connections. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startHaproxy } from '../../../harness/proxies/haproxy.ts';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { errorsOf, metricValue } from '../../support/parse-exposition.ts';
import { privateServer, serverPairs } from '../../support/real-servers.ts';
import { portMetrics, portsIn } from '../asked-servers.ts';

const AGE_MS = 3000;

/** What a busy machine may take besides. */
const MARGIN_MS = 10_000;

/** A sample of each of four queries: the port of the server that was asked. */
const QUERIES = `
query_sets:
  ports:
    namespace: test
    metrics:
${portMetrics(4)}
`;

async function exporterFor(port: number): Promise<Exporter> {
  return await Exporter.start({
    'targets.yml': `
query_files: [queries.yml]
targets:
  behind: {address: "127.0.0.1:${port}", user: exporter, password: exporter, query_sets: [ports], max_connection_age: ${AGE_MS}ms, max_load: 100%}
`,
    'queries.yml': QUERIES,
  });
}

/** The server that the answer is of; undefined when it has no number, an Error when it is of several. */
function serverOf(text: string): number | undefined {
  const ports = portsIn(text);
  assert.ok(ports.length <= 1, `one answer is of ${ports.join(' and ')}`);
  return ports[0];
}

const pairs = await serverPairs();
for (const { stop } of pairs) after(stop);

const addressOf = ({ port }: { readonly port: number }) => `127.0.0.1:${port}`;

for (const { flavour, one, other } of pairs) {
  test(`${flavour}: two servers by turns`, async () => {
    const proxy = await startHaproxy([addressOf(one), addressOf(other)]);
    after(() => proxy.stop());
    await using exporter = await exporterFor(proxy.port);
    for (let n = 0; n < 15; n++) {
      const { text } = await exporter.probe('behind');
      assert.deepEqual(errorsOf(text), []);
      assert.ok(serverOf(text) !== undefined);
    }
    // Its connections have reached both.
    assert.match(exporter.log, /another server answers at the address of the target/);
  });

  test(`${flavour}: a reload that sends clients to another server`, async () => {
    const proxy = await startHaproxy([addressOf(one)]);
    after(() => proxy.stop());
    await using exporter = await exporterFor(proxy.port);
    assert.equal(serverOf((await exporter.probe('behind')).text), one.port);
    await proxy.reload([addressOf(other)]);
    const reloaded = performance.now();
    await eventually(async () => {
      const { text } = await exporter.probe('behind');
      assert.deepEqual(errorsOf(text), []);
      assert.equal(serverOf(text), other.port);
    });
    const tookMs = performance.now() - reloaded;
    assert.ok(tookMs < AGE_MS + MARGIN_MS, `${tookMs} ms`);
  });

  test(`${flavour}: a server that dies, and the one that stands by`, async () => {
    const first = await privateServer(flavour);
    after(() => first.stop());
    const proxy = await startHaproxy([
      `${addressOf(first)} check on-marked-down shutdown-sessions`,
      `${addressOf(other)} check backup`,
    ]);
    after(() => proxy.stop());
    await using exporter = await exporterFor(proxy.port);
    await eventually(async () => assert.equal(serverOf((await exporter.probe('behind')).text), first.port));
    await first.process.kill();
    await eventually(async () => {
      const { text } = await exporter.probe('behind');
      assert.equal(serverOf(text), other.port);
      assert.equal(metricValue(text, 'mysql_up'), 1);
      assert.deepEqual(errorsOf(text), []);
    });
  });
}
