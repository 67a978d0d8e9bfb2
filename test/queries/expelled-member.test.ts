/**
 * A member that lost its group: what it says of itself, and that nothing is known of its lag.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { freePort } from '../../harness/free-port.ts';
import { GTID_ARGS } from '../../harness/mysql.ts';
import { eventually } from '../support/eventually.ts';
import { Exporter } from '../support/exporter.ts';
import { errorsOf, metricValue } from '../support/parse-exposition.ts';
import { privateServer } from '../support/real-servers.ts';

const ports = [await freePort(), await freePort()] as const;
const [first, second] = await Promise.all(
  ([0, 1] as const).map((i) =>
    privateServer('mysql', {
      args: [
        ...GTID_ARGS,
        `--server-id=${i + 1}`,
        '--report-host=127.0.0.1',
        '--plugin-load-add=group_replication.so',
        '--loose-group-replication-group-name=bbbbbbbb-aaaa-aaaa-aaaa-aaaaaaaaaaaa',
        `--loose-group-replication-local-address=127.0.0.1:${ports[i]}`,
        `--loose-group-replication-group-seeds=${ports.map((port) => `127.0.0.1:${port}`).join(',')}`,
        '--loose-group-replication-start-on-boot=OFF',
        '--loose-group-replication-recovery-get-public-key=ON',
        '--loose-group-replication-unreachable-majority-timeout=1',
        '--loose-group-replication-exit-state-action=READ_ONLY',
      ],
    }),
  ),
);
assert.ok(first !== undefined && second !== undefined);
after(() => Promise.all([first.stop(), second.stop()]));

const exporter = await Exporter.start({
  'targets.yml': JSON.stringify({
    defaults: {
      user: 'exporter',
      password: 'exporter',
      max_load: '100%',
      query_sets: ['group_replication', 'replication_lag'],
    },
    targets: { member: { address: `127.0.0.1:${first.port}` } },
  }),
});
after(() => exporter[Symbol.asyncDispose]());

async function ask() {
  const { text } = await exporter.probe('member', 30);
  assert.deepEqual(errorsOf(text), []);
  const self = { member_port: String(first?.port) };
  return {
    online: metricValue(text, 'mysql_group_replication_member_state', { ...self, state: 'ONLINE' }),
    error: metricValue(text, 'mysql_group_replication_member_state', { ...self, state: 'ERROR' }),
    members: metricValue(text, 'mysql_group_replication_members', { state: 'ONLINE' }),
    lag: metricValue(text, 'mysql_replication_lag_seconds', { channel: 'group_replication_applier' }),
  };
}

test('MySQL: a member that its group has lost is in ERROR, and its lag is not known', async () => {
  const enter = `CHANGE REPLICATION SOURCE TO SOURCE_USER = 'joiner', SOURCE_PASSWORD = 'joiner' FOR CHANNEL 'group_replication_recovery'`;
  for (const server of [first, second]) {
    await server.createUser('joiner', 'joiner', 'REPLICATION SLAVE ON *.*');
    await server.root('RESET BINARY LOGS AND GTIDS');
    await server.root(enter);
  }
  await first.root(
    'SET GLOBAL group_replication_bootstrap_group = ON; START GROUP_REPLICATION; SET GLOBAL group_replication_bootstrap_group = OFF',
  );
  await second.root('START GROUP_REPLICATION');
  await eventually(async () => assert.deepEqual(await ask(), { online: 1, error: 0, members: 2, lag: 0 }));
  second.process.kill();
  await eventually(async () =>
    assert.deepEqual(await ask(), { online: 0, error: 1, members: undefined, lag: undefined }),
  );
});
