/** A replica of two sources, one of them with a delay: each channel tells its own lag. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { errorsOf, metricValue } from '../../support/parse-exposition.ts';
import { type PrivateServer, privateServer } from '../../support/real-servers.ts';

/** Seconds; more than the test takes. */
const DELAY = 900;
/** Seconds between a write and the answer about it on a busy machine. */
const MARGIN = 10;

const FLAVOURS = {
  mysql: {
    args: (id: number) => [
      `--server-id=${id}`,
      '--log-bin=binlog',
      '--gtid-mode=ON',
      '--enforce-gtid-consistency=ON',
    ],
    follow: (channel: string, port: number, delay: number) =>
      `CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = ${port}, SOURCE_USER = 'replica',
         SOURCE_PASSWORD = 'replica', SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1, SOURCE_DELAY = ${delay}
         FOR CHANNEL '${channel}';
       START REPLICA FOR CHANNEL '${channel}'`,
    stopReceiver: (channel: string) => `STOP REPLICA IO_THREAD FOR CHANNEL '${channel}'`,
  },
  mariadb: {
    // Each source in a domain of its own, or the replica takes the events of one for those of the other.
    args: (id: number) => [`--server-id=${id}`, '--log-bin=binlog', `--gtid-domain-id=${id}`],
    follow: (channel: string, port: number, delay: number) =>
      `CHANGE MASTER '${channel}' TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${port}, MASTER_USER = 'replica',
         MASTER_PASSWORD = 'replica', MASTER_USE_GTID = slave_pos, MASTER_DELAY = ${delay};
       START SLAVE '${channel}'`,
    stopReceiver: (channel: string) => `STOP SLAVE '${channel}' IO_THREAD`,
  },
} as const;

async function startReplica(flavour: keyof typeof FLAVOURS) {
  const { args, follow } = FLAVOURS[flavour];
  const start = async (id: number) => {
    const server = await privateServer(flavour, { args: args(id) });
    after(() => server.stop());
    return server;
  };
  const [east, west, replica] = await Promise.all([start(1), start(2), start(3)]);
  const began = Date.now();
  for (const [channel, source, delay] of [
    ['east', east, DELAY],
    ['west', west, 0],
  ] as const) {
    // What made the accounts is there already.
    await source.root(
      flavour === 'mysql' ? 'RESET BINARY LOGS AND GTIDS' : 'RESET MASTER; SET GLOBAL gtid_binlog_state = ""',
    );
    await source.root(
      `SET sql_log_bin = 0; CREATE USER 'replica'@'%' IDENTIFIED BY 'replica'; GRANT REPLICATION SLAVE ON *.* TO 'replica'@'%'; SET sql_log_bin = 1`,
    );
    await replica.root(follow(channel, source.port, delay));
    await source.root(
      `CREATE DATABASE ${channel}; CREATE TABLE ${channel}.t (id INT PRIMARY KEY, n INT); INSERT INTO ${channel}.t VALUES (1, 0)`,
    );
  }
  return { began, east, west, replica };
}

async function askerOf(replica: PrivateServer) {
  const exporter = await Exporter.start({
    'targets.yml': `
targets: {replica: {address: "127.0.0.1:${replica.port}", user: root, password: "", query_sets: [replication_lag, slave_status]}}
`,
  });
  after(() => exporter[Symbol.asyncDispose]());
  return async () => {
    const { text } = await exporter.probe('replica');
    assert.deepEqual(errorsOf(text), []);
    const about = (name: string, channel: string, labels = {}) =>
      metricValue(text, `mysql_replication_lag_${name}`, { channel, ...labels });
    return {
      text,
      about,
      lag: { east: about('seconds', 'east'), west: about('seconds', 'west') },
    };
  };
}

const worlds = await Promise.all(
  (['mysql', 'mariadb'] as const).map(async (flavour) => {
    const servers = await startReplica(flavour);
    return { flavour, ...servers, ask: await askerOf(servers.replica) };
  }),
);

for (const { ask, began, east, flavour, replica, west } of worlds) {
  const near = (actual: number | undefined, expected: number) =>
    assert.ok(
      actual !== undefined && Math.abs(actual - expected) < MARGIN,
      `${actual} is not about ${expected}`,
    );

  test(`${flavour}: two channels, one with a delay`, async () => {
    // The first transaction of all waits already; those behind it change nothing.
    await east.root('UPDATE east.t SET n = n + 1; UPDATE east.t SET n = n + 1');
    await west.root('UPDATE west.t SET n = n + 1');
    await eventually(async () => {
      const { about, lag, text } = await ask();
      assert.equal(lag.west, 0);
      assert.ok((lag.east ?? 0) >= 3, `${lag.east}`);
      near(lag.east, (Date.now() - began) / 1000);
      assert.equal(about('configured_delay_seconds', 'east'), DELAY);
      assert.equal(about('configured_delay_seconds', 'west'), 0);
      assert.equal(metricValue(text, 'mysql_replication_lag_configured_channels'), 2);
    });
    const [row] = await replica.root(
      "SELECT COUNT(*) AS n FROM information_schema.schemata WHERE schema_name IN ('east', 'west')",
    );
    assert.equal(Number(row?.['n']), 1);
  });

  test(`${flavour}: the channel without a delay waits for a lock`, async () => {
    const blocker = await replica.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT * FROM west.t WHERE id = 1 FOR UPDATE');
    const written = Date.now();
    await west.root('UPDATE west.t SET n = n + 1');
    await eventually(async () => {
      const { lag } = await ask();
      assert.ok((lag.west ?? 0) >= 2, `${lag.west}`);
      near(lag.west, (Date.now() - written) / 1000);
      assert.ok((lag.east ?? 0) > (lag.west ?? 0), `${lag.east}`);
    });
    await blocker.query('ROLLBACK');
    await blocker.end();
    await eventually(async () => assert.equal((await ask()).lag.west, 0));
  });

  test(`${flavour}: a channel whose receiver is stopped is unknown, the other is not`, async () => {
    await replica.root(FLAVOURS[flavour].stopReceiver('west'));
    await eventually(async () => {
      const { about, lag } = await ask();
      assert.equal(lag.west, undefined);
      assert.equal(about('running', 'west', { thread: 'io' }), 0);
      assert.ok((lag.east ?? 0) >= 1, `${lag.east}`);
      assert.equal(about('running', 'east', { thread: 'io' }), 1);
    });
  });
}
