/** `when_role`: a query for replicas alone, and one for primaries, follow a server that is promoted. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GTID_ARGS } from '../../../harness/mysql.ts';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { errorsOf, metricValue, parseExposition } from '../../support/parse-exposition.ts';
import { privateServer } from '../../support/real-servers.ts';

/** As rows and reasons of a skip, of the query for replicas and of that for primaries. */
const QUERIES = `
query_sets:
  only:
    namespace: only
    queries:
      replica:
        requires: {when_role: [replica]}
        query: SELECT 1 AS v
        metrics: {replica: {type: gauge, description: One, value: v}}
      primary:
        variants:
          - {when: {when_role: [primary]}, query: SELECT 2 AS v}
        metrics: {primary: {type: gauge, description: One, value: v}}
  of_replicas:
    namespace: whole
    requires: {when_role: [replica]}
    queries:
      set:
        query: SELECT 3 AS v
        metrics: {set: {type: gauge, description: One, value: v}}
`;

const FLAVOURS = {
  mysql: {
    args: GTID_ARGS,
    follow: (port: number) =>
      `CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = ${port}, SOURCE_USER = 'nobody', SOURCE_PASSWORD = 'x';
       START REPLICA`,
    // Its channel is still configured.
    stop: 'STOP REPLICA',
    promote: 'RESET REPLICA ALL',
    grants: [
      'SELECT ON performance_schema.replication_connection_configuration',
      'SELECT ON performance_schema.replication_group_members',
    ],
  },
  mariadb: {
    args: ['--log-bin=binlog'],
    follow: (port: number) =>
      `CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${port}, MASTER_USER = 'nobody', MASTER_PASSWORD = 'x',
         MASTER_USE_GTID = slave_pos; START SLAVE`,
    stop: "STOP SLAVE; SET GLOBAL gtid_slave_pos = '0-1-1'; SET GLOBAL read_only = 1",
    promote: 'RESET SLAVE ALL; SET GLOBAL read_only = 0',
    grants: [],
  },
} as const;

for (const flavour of ['mysql', 'mariadb'] as const)
  test(`${flavour}: asked of the servers that they are for, also when these change`, async () => {
    const { args, follow, grants, promote, stop } = FLAVOURS[flavour];
    const server = await privateServer(flavour, { args: ['--server-id=7', ...args] });
    after(() => server.stop());
    await server.createUser('few', 'few', ...grants);
    await server.createUser('none', 'none');
    await using exporter = await Exporter.start({
      'targets.yml': `
query_files: [queries.yml]
defaults: {query_sets: [only, of_replicas], allow_public_key_retrieval: true}
targets:
  few: {address: "127.0.0.1:${server.port}", user: few, password: few}
  none: {address: "127.0.0.1:${server.port}", user: none, password: none}
`,
      'queries.yml': QUERIES,
    });
    const said = async (target: string) => {
      const { text } = await exporter.probe(target);
      assert.deepEqual(errorsOf(text), []);
      const skipped = parseExposition(text).flatMap(({ labels, name }) =>
        name === 'query_exporter_query_skipped' ? [`${labels['query']} ${labels['reason']}`] : [],
      );
      const values = ['only_replica', 'only_primary', 'whole_set'].map((name) => metricValue(text, name));
      return { values, skipped: skipped.sort() };
    };
    const AS_PRIMARY = { values: [undefined, 2, undefined], skipped: ['replica role', 'set role'] };
    const AS_REPLICA = { values: [1, undefined, 3], skipped: ['primary role'] };
    assert.deepEqual(await said('few'), AS_PRIMARY);
    await server.root(follow(server.port));
    await eventually(async () => assert.deepEqual(await said('few'), AS_REPLICA));
    await server.root(stop);
    await eventually(async () => assert.deepEqual(await said('few'), AS_REPLICA));
    await server.root(promote);
    await eventually(async () => assert.deepEqual(await said('few'), AS_PRIMARY));
    // MariaDB tells everybody.
    const unseen = {
      values: [undefined, undefined, undefined],
      skipped: ['primary role', 'replica role', 'set role'],
    };
    assert.deepEqual(await said('none'), flavour === 'mysql' ? unseen : AS_PRIMARY);
  });
