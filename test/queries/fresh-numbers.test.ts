/**
 * MySQL keeps the numbers of tables for a day once a session that may write has asked for them. We ask for true ones.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Exporter } from '../support/exporter.ts';
import { errorsOf, metricValue } from '../support/parse-exposition.ts';
import { privateServer } from '../support/real-servers.ts';

const server = await privateServer('mysql');
after(() => server.stop());
const exporter = await Exporter.start({
  'targets.yml': JSON.stringify({
    defaults: {
      user: 'exporter',
      password: 'exporter',
      max_load: '100%',
      query_sets: ['auto_increment.columns'],
    },
    targets: {
      mysql: { address: `127.0.0.1:${server.port}` },
    },
  }),
});
after(() => exporter[Symbol.asyncDispose]());

test('MySQL: the next number is true although another client has asked for it before', async () => {
  await server.root(
    `CREATE DATABASE fresh; CREATE TABLE fresh.t (id INT AUTO_INCREMENT PRIMARY KEY);
     SET SESSION information_schema_stats_expiry = 86400;
     INSERT INTO fresh.t VALUES (7); ANALYZE TABLE fresh.t`,
  );
  const kept = "SELECT auto_increment AS next FROM information_schema.tables WHERE table_schema = 'fresh'";
  const [before] = await server.root(kept);
  await server.root('INSERT INTO fresh.t VALUES (100)');
  assert.deepEqual((await server.root(kept))[0], before, 'the server forgets earlier than it says');
  const { text } = await exporter.probe('mysql', 30);
  assert.deepEqual(errorsOf(text), []);
  const next = metricValue(text, 'mysql_info_schema_auto_increment_column', { schema: 'fresh' });
  assert.equal(next, 101);
});
