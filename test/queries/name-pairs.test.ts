/**
 * Names that a server tells apart and many of its collations do not: `cafe`, `Cafe`, `café`.
 *
 * Schemas, tables, columns and users exist twice, under such names and under plain ones, and the same is done with both:
 * whatever any shipped set says of the plain ones it must say of the others.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Connection, createConnection } from 'mysql2/promise';
import { loadShippedSets } from '../../src/config/load.ts';
import { eventually } from '../support/eventually.ts';
import { Exporter } from '../support/exporter.ts';
import { errorsOf, parseExposition, type Sample } from '../support/parse-exposition.ts';
import { type PrivateServer, privateServer } from '../support/real-servers.ts';

/** A plain name and its counterpart. */
type Twin = readonly [plain: string, like: string];
const WORDS: readonly [Twin, Twin, Twin] = [
  ['one', 'cafe'],
  ['two', 'Cafe'],
  ['three', 'café'],
];
/** Names that are nearly those of the server's own. */
const USERS: readonly Twin[] = [...WORDS, ['four', 'Event_Scheduler']];
const SCHEMAS: readonly Twin[] = [...WORDS, ['five', 'Sys']];
/** Where names fold these are all that there can be. */
const FOLDED: readonly Twin[] = [WORDS[0], WORDS[2]];

const PLAIN_OF = new Map([...USERS, ...SCHEMAS].map(([plain, like]) => [like, plain]));
const PLAIN = new Set(PLAIN_OF.values());

const ARGS = ['--log-bin=binlog', '--server-id=1', '--performance-schema=ON'];
const servers: readonly { readonly server: PrivateServer; readonly folds: boolean }[] = await Promise.all(
  (['mariadb', 'mysql'] as const).flatMap((flavour) =>
    [0, 1].map(async (fold) => ({
      server: await privateServer(flavour, {
        args:
          flavour === 'mariadb' ? [...ARGS, '--userstat=ON', '--plugin-load-add=query_response_time'] : ARGS,
        initialArgs: [`--lower-case-table-names=${fold}`],
      }),
      folds: fold === 1,
    })),
  ),
);
after(() => Promise.all(servers.map(({ server }) => server.stop())));

const sets = [...(await loadShippedSets()).keys()];
const exporter = await Exporter.start({
  'targets.yml': JSON.stringify({
    defaults: {
      user: 'exporter',
      password: 'exporter',
      max_load: '100%',
      query_sets: sets,
      params: { top_statements: { limit: 1000 } },
    },
    targets: Object.fromEntries(
      servers.map(({ server, folds }) => [nameOf(server, folds), { address: `127.0.0.1:${server.port}` }]),
    ),
  }),
});
after(() => exporter[Symbol.asyncDispose]());

function nameOf(server: PrivateServer, folds: boolean): string {
  return `${server.name}${folds ? '-folds' : ''}`;
}

/** Schemas and tables that differ in rows, next numbers and indexes. */
async function makeTables(server: PrivateServer, schemas: readonly Twin[]): Promise<void> {
  for (const side of [0, 1] as const)
    for (const [i, schema] of schemas.entries()) {
      await server.root(`CREATE DATABASE \`${schema[side]}\``);
      for (const [j, table] of (schemas === FOLDED ? FOLDED : WORDS).entries()) {
        const [first, last] = [WORDS[0][side], WORDS[2][side]];
        await server.root(
          `CREATE TABLE \`${schema[side]}\`.\`${table[side]}\` (id TINYINT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
             \`${first}\` INT, \`${last}\` INT, KEY by_first (\`${first}\`), KEY by_last (\`${last}\`));
           INSERT INTO \`${schema[side]}\`.\`${table[side]}\` (id) VALUES ${Array.from({ length: j + 1 }, (_, n) => `(${60 * i + 10 * j + n + 1})`)};
           ANALYZE TABLE \`${schema[side]}\`.\`${table[side]}\``,
        );
      }
    }
}

/** Users with limits of their own, each with sessions in a transaction, and as many that wait for those. */
async function makeSessions(server: PrivateServer, schemas: readonly Twin[]): Promise<readonly Connection[]> {
  await server.root('CREATE DATABASE locks; CREATE TABLE locks.held (id INT PRIMARY KEY, n INT)');
  const opened: Connection[] = [];
  for (const side of [0, 1] as const)
    for (const [i, user] of USERS.entries()) {
      await server.createUser(user[side], 'secret', 'ALL ON *.*');
      await server.root(`ALTER USER '${user[side]}'@'%' WITH MAX_USER_CONNECTIONS ${10 * (i + 1)}`);
      for (let n = 0; n <= i; n++) {
        const row = 100 * side + 10 * i + n;
        await server.root(`INSERT INTO locks.held VALUES (${row}, 0)`);
        const database = schemas[i % schemas.length]?.[side] ?? '';
        const holder = await connectAs(server, user[side], database);
        const waiter = await connectAs(server, user[side], database);
        opened.push(holder, waiter);
        await holder.query(`SELECT COUNT(*) FROM \`${schemas[0]?.[side]}\``);
        await holder.query('BEGIN');
        await holder.query(`UPDATE locks.held SET n = 1 WHERE id = ${row}`);
        void waiter.query(`UPDATE locks.held SET n = 2 WHERE id = ${row}`).catch(() => {});
      }
    }
  return opened;
}

async function connectAs(server: PrivateServer, user: string, database: string): Promise<Connection> {
  const { port } = server;
  const connection = await createConnection({ host: '127.0.0.1', port, user, password: 'secret', database });
  connection.on('error', () => {});
  await connection.query('SET innodb_lock_wait_timeout = 600');
  return connection;
}

/** What depends on when a thing was done and not on what was done. */
const INCONSTANT = /seconds|_time|latency|memory|file_ios/;

/** Families whose statements group, join or place by names: without these nothing would be compared. */
const GROUPED = [
  'mysql_auto_increment_headroom_used_ratio',
  'mysql_connections_user_used_ratio',
  'mysql_index_usage_unused_index_bytes',
  'mysql_info_schema_auto_increment_column',
  'mysql_info_schema_processlist_processes_by_user',
  'mysql_info_schema_table_rows',
  'mysql_lock_waits_blocked_transactions',
  'mysql_long_transactions_user_modified_rows',
  'mysql_perf_schema_table_io_waits_total',
  'mysql_sessions_connected',
  'mysql_sessions_longest_command_seconds',
  'mysql_table_size_bytes',
  'mysql_top_statements_calls_total',
];

/** MariaDB itself adds these up over users that differ in case, and over tables that differ in accents where names fold. */
const MERGED_BY_SERVER = {
  users: /^mysql_info_schema_user_stat/,
  tables: /^mysql_info_schema_(?:schema|table)_stat/,
};

/** Series with a plain name in a label, and those with its counterpart under the plain name. */
function seriesOf(samples: readonly Sample[], side: 'plain' | 'like'): string[] {
  return samples
    .map(({ labels, name, value }) => {
      const { digest: _, ...texts } = labels;
      const values = Object.values(texts);
      const mine = values.some((text) => (side === 'plain' ? PLAIN : PLAIN_OF).has(text));
      if (!mine) return undefined;
      const plain = Object.entries(texts).map(([label, text]) => {
        const named = text.replace(/`([^`]+)`/g, (_, word: string) => `\`${PLAIN_OF.get(word) ?? word}\``);
        return `${label}=${side === 'plain' ? text : (PLAIN_OF.get(text) ?? named)}`;
      });
      return `${name}{${plain.join(',')}}${INCONSTANT.test(name) ? '' : ` ${value}`}`;
    })
    .filter((series) => series !== undefined)
    .sort();
}

for (const { server, folds } of servers) {
  test(`${nameOf(server, folds)}: names that differ in case or accents are names of their own`, async () => {
    const schemas = folds ? FOLDED : SCHEMAS;
    await server.createUser('exporter', 'exporter', 'ALL ON *.*'); // all sets at once need nearly that
    await makeTables(server, schemas);
    const sessions = await makeSessions(server, schemas);
    const isMerged = server.flavour === 'mariadb';
    if (isMerged) {
      const apart = await server.root(
        "SELECT user FROM information_schema.user_statistics WHERE BINARY user = 'Cafe'",
      );
      assert.deepEqual(apart, [], 'the server tells them apart now, so the test can');
    }
    try {
      await eventually(async () => {
        const { text } = await exporter.probe(nameOf(server, folds), 60);
        const failed = errorsOf(text);
        assert.deepEqual(failed, []);
        const samples = parseExposition(text).filter(
          ({ name }) =>
            !(
              isMerged &&
              (MERGED_BY_SERVER.users.test(name) || (folds && MERGED_BY_SERVER.tables.test(name)))
            ),
        );
        const plain = seriesOf(samples, 'plain');
        const isThere = (family: string) => plain.some((series) => series.startsWith(`${family}{`));
        assert.deepEqual(GROUPED.filter(isThere), GROUPED);
        assert.deepEqual(seriesOf(samples, 'like'), plain);
      });
    } finally {
      for (const session of sessions) session.destroy();
    }
  });
}
