/** What user statistics tell of tables and indexes, on the machine's own MariaDB and on a release that tells more. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { findMariadb, findMariadbRelease } from '../../harness/programs.ts';
import { Exporter } from '../support/exporter.ts';
import { errorsOf, metricValue, parseExposition } from '../support/parse-exposition.ts';
import { privateServer } from '../support/real-servers.ts';

/** Nothing of a table is in memory when the server has started. */
const ARGS = [
  '--userstat=ON',
  '--innodb-buffer-pool-dump-at-shutdown=OFF',
  '--innodb-buffer-pool-load-at-startup=OFF',
];

const servers = await Promise.all(
  [findMariadb(), findMariadbRelease('11.8')].map(async (found, i) => {
    const program = await found;
    const server = await privateServer('mariadb', { args: ARGS }, program);
    after(() => server.stop());
    await server.root(
      `CREATE DATABASE stock; CREATE TABLE stock.goods (id INT PRIMARY KEY, shelf INT, name VARCHAR(200), KEY shelf (shelf));
       INSERT INTO stock.goods SELECT seq, seq % 10, REPEAT('x', 200) FROM stock.seq_1_to_2000`,
    );
    await server.process.shutDown();
    await server.process.start();
    return { name: `MariaDB ${program.version}`, tellsMore: i === 1, server };
  }),
);

for (const { name, server, tellsMore } of servers) {
  test(`${name}: tables and indexes`, async () => {
    await server.root(
      `INSERT INTO stock.goods VALUES (3001, 11, 'new'), (3002, 11, 'new'), (3003, 11, 'new');
       UPDATE stock.goods SET name = 'changed' WHERE id IN (3001, 3002);
       DELETE FROM stock.goods WHERE id = 3003;
       SELECT SUM(LENGTH(name)) FROM stock.goods IGNORE INDEX (shelf);
       SELECT COUNT(*) FROM stock.goods WHERE shelf = 3; SELECT COUNT(*) FROM stock.goods WHERE shelf = 4`,
    );
    await using exporter = await Exporter.start({
      'targets.yml': `
targets:
  a: {address: "127.0.0.1:${server.port}", user: root, password: "", query_sets: [info_schema.tablestats, index_statistics]}
`,
    });
    const { text } = await exporter.probe('a');
    assert.deepEqual(errorsOf(text), []);
    const table = (what: string) =>
      metricValue(text, `mysql_info_schema_table_statistics_${what}_total`, {
        schema: 'stock',
        table: 'goods',
      });
    const index = (what: string) =>
      metricValue(text, `mysql_index_statistics_${what}_total`, {
        schema: 'stock',
        table: 'goods',
        index: 'shelf',
      });
    assert.equal(table('rows_changed'), 6);
    assert.equal(index('rows_read'), 400);
    const more = {
      inserted: table('rows_inserted'),
      updated: table('rows_updated'),
      deleted: table('rows_deleted'),
      queries: index('queries'),
    };
    if (tellsMore) {
      assert.deepEqual(more, { inserted: 3, updated: 2, deleted: 1, queries: 2 });
      const accessed = table('pages_accessed') ?? 0;
      const fromDisk = table('pages_read_from_disk') ?? 0;
      assert.ok(accessed > fromDisk && fromDisk > 10, `${fromDisk} of ${accessed} from disk`);
    } else {
      assert.deepEqual(more, {
        inserted: undefined,
        updated: undefined,
        deleted: undefined,
        queries: undefined,
      });
      assert.deepEqual(
        parseExposition(text).filter((sample) => /_pages_/.test(sample.name)),
        [],
      );
    }
  });
}
