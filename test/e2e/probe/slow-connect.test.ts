/** A server that takes its time to let us in: a query with less time does not give up for the others. */
import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { after, test } from 'node:test';
import { Exporter } from '../../support/exporter.ts';
import { errorsOf, metricValue } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const DELAY_MS = 900;

for (const server of await realServers()) {
  test(`${server.name}: the patient queries are answered`, async () => {
    const proxy = createServer((client) => {
      const timer = setTimeout(() => {
        const upstream = connect(server.port, '127.0.0.1');
        client.pipe(upstream).pipe(client);
        for (const [one, other] of [
          [client, upstream],
          [upstream, client],
        ] as const) {
          one.on('error', () => {}).on('close', () => other.destroy());
        }
      }, DELAY_MS);
      client.on('error', () => {}).on('close', () => clearTimeout(timer));
    }).listen(0, '127.0.0.1');
    after(() => proxy.close());
    await new Promise((resolve) => proxy.once('listening', resolve));
    const address = proxy.address();
    await using exporter = await Exporter.start({
      'targets.yml': `
query_files: [queries.yml]
targets: {slow: {address: "127.0.0.1:${typeof address === 'object' ? address?.port : 0}", user: exporter, password: exporter, query_sets: [mixed], connect_timeout: 9s, query_timeout: 9s}}
`,
      'queries.yml': `
query_sets:
  mixed:
    namespace: test
    metrics:
      hasty: {query: SELECT 0 AS v, type: gauge, description: Hasty, value: v, timeout: 300ms}
${[1, 2, 3, 4, 5].map((n) => `      patient_${n}: {query: SELECT ${n} AS v, type: gauge, description: Patient, value: v}`).join('\n')}
`,
    });
    const { text } = await exporter.probe('slow');
    assert.equal(metricValue(text, 'mysql_up'), 1);
    assert.deepEqual(errorsOf(text), ['mixed/hasty: connect_timeout']);
    for (const n of [1, 2, 3, 4, 5]) assert.equal(metricValue(text, `test_patient_${n}`), n);
  });
}
