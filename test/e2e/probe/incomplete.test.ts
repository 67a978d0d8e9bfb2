/** Answers that lack what the account may not see say so, for a server does not. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Exporter } from '../../support/exporter.ts';
import { metricValue, parseExposition } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const servers = await realServers();
const BARE = 'incomplete_bare';
const FULL = 'incomplete_full';

const exporter = await Exporter.start({
  'targets.yml': `
defaults: {password: pw, query_sets: [table_sizes, sessions]}
targets:
${servers
  .flatMap(({ name, port }) =>
    [BARE, FULL].map((user) => `  ${name} ${user}: {address: "127.0.0.1:${port}", user: ${user}}\n`),
  )
  .join('')}
`,
});
after(() => exporter[Symbol.asyncDispose]());

/** As `set/query: privilege`. */
const incomplete = (text: string) =>
  parseExposition(text)
    .filter(({ name }) => name === 'query_exporter_query_incomplete')
    .map(({ labels, value }) => `${labels['query_set']}/${labels['query']}: ${labels['privilege']} ${value}`)
    .sort();

for (const server of servers) {
  const { name } = server;
  after(async () => {
    for (const user of [BARE, FULL]) await server.dropUser(user);
  });

  test(`${name}: a set that shows nothing for want of a privilege is incomplete, and still a success`, async () => {
    await server.createUser(BARE, 'pw');
    const { text } = await exporter.probe(`${name} ${BARE}`, 15);
    const query = { query_set: 'table_sizes', query: 'largest' };
    assert.equal(metricValue(text, 'query_exporter_query_success', query), 1);
    assert.ok(!text.includes('mysql_table_size_bytes{table_schema="shop"'), 'it does not see the shop');
    assert.deepEqual(incomplete(text), [
      'sessions/by_client: PROCESS 1',
      'sessions/longest_command: PROCESS 1',
      'table_sizes/largest: SELECT 1',
    ]);
    // From memory, and of a kept result too.
    const again = (await exporter.probe(`${name} ${BARE}`, 15)).text;
    assert.deepEqual(incomplete(again), incomplete(text));
    assert.equal(metricValue(again, 'mysql_up'), 1);
  });

  test(`${name}: with its privileges a set is complete`, async () => {
    await server.createUser(FULL, 'pw', 'PROCESS ON *.*', 'SELECT ON *.*');
    const { text } = await exporter.probe(`${name} ${FULL}`, 15);
    assert.equal(metricValue(text, 'query_exporter_query_success', { query: 'largest' }), 1);
    assert.deepEqual(incomplete(text), []);
  });
}
