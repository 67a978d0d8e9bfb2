/**
 * The age of heartbeats in a table: two sets read it, and both must say the same in whatever zone a server is.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Exporter } from '../support/exporter.ts';
import { errorsOf, metricValue } from '../support/parse-exposition.ts';
import { privateServer } from '../support/real-servers.ts';

const zone = process.env['TZ'];
process.env['TZ'] = 'KST-9';
const servers = await Promise.all([privateServer('mariadb'), privateServer('mysql')]);
if (zone === undefined) delete process.env['TZ'];
else process.env['TZ'] = zone;
after(() => Promise.all(servers.map((server) => server.stop())));

const paramsFor = (utc: boolean) => ({
  heartbeat: { database: 'percona', table: 'beats', utc },
  replication_lag: { heartbeat: true, database: 'percona', table: 'beats', utc },
});
const exporter = await Exporter.start({
  'targets.yml': JSON.stringify({
    defaults: {
      user: 'exporter',
      password: 'exporter',
      max_load: '100%',
      query_sets: ['heartbeat', 'replication_lag'],
    },
    targets: Object.fromEntries(
      servers.flatMap(({ name, port }) => [
        [name, { address: `127.0.0.1:${port}`, params: paramsFor(false) }],
        [`${name}-utc`, { address: `127.0.0.1:${port}`, params: paramsFor(true) }],
      ]),
    ),
  }),
});
after(() => exporter[Symbol.asyncDispose]());

/** More seconds than a busy machine takes between a heartbeat and the answer about it, and fewer than a zone differs by. */
const LONGEST = 300;

for (const { name, root } of servers) {
  for (const { server, writer, target, ago } of [
    { server: 'SYSTEM', writer: 'SYSTEM', target: name, ago: 30 },
    { server: '-03:30', writer: '-03:30', target: name, ago: 30 },
    { server: '+05:00', writer: '+00:00', target: `${name}-utc`, ago: 30 },
    { server: '+05:00', writer: '+05:00', target: name, ago: -900 },
  ])
    test(`${target}: ${ago} s old, written in the zone ${writer} of a server in ${server}`, async () => {
      await root(`CREATE DATABASE IF NOT EXISTS percona;
        DROP TABLE IF EXISTS percona.beats;
        CREATE TABLE percona.beats (ts VARCHAR(26) NOT NULL, server_id INT UNSIGNED PRIMARY KEY);
        SET GLOBAL time_zone = '${server}'; SET time_zone = '${writer}';
        INSERT INTO percona.beats VALUES (DATE_FORMAT(NOW(6) - INTERVAL ${ago} SECOND, '%Y-%m-%dT%H:%i:%s.%f'), 7)`);
      const { text } = await exporter.probe(target, 30);
      assert.deepEqual(errorsOf(text), []);
      const of = (family: string) => metricValue(text, family, { server_id: '7' }) ?? Number.NaN;
      const lag = of('mysql_replication_lag_heartbeat_seconds');
      const stamps =
        of('mysql_heartbeat_now_timestamp_seconds') - of('mysql_heartbeat_stored_timestamp_seconds');
      for (const age of [lag, stamps]) assert.ok(age >= ago && age <= ago + LONGEST, `${lag} and ${stamps}`);
    });
}
