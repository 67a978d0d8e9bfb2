/** Facts of real servers: what is learned, with how many statements, and how long it is remembered. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Deadline } from '../../../src/deadline.ts';
import type { FactsWanted } from '../../../src/model/facts.ts';
import type { Connection } from '../../../src/mysql/connect/connection.ts';
import { type Facts, factsOf } from '../../../src/mysql/facts.ts';
import { open, PATIENCE_MS, query } from '../../support/mysql.ts';
import { EXPORTER, type RealServer, realServers } from '../../support/real-servers.ts';

const wish = (wanted: Partial<Omit<FactsWanted, 'key'>>): FactsWanted => {
  const all = { variables: [], tables: [], columns: [], roles: [], ...wanted };
  return { key: JSON.stringify(all), ...all };
};

const WANTED = wish({
  variables: ['max_connections', 'no_such_variable'],
  tables: ['shop.orders', 'shop.customers', 'mysql.no_such_table', 'no_such_schema.t', "it's.a`b"],
  columns: ['shop.orders.status', 'shop.orders.id', 'shop.orders.no_such_column', 'shop.no_such_table.id'],
});

async function connect(t: TestContext, server: RealServer): Promise<Connection> {
  const opened = await open(t, server, { login: EXPORTER, allowPublicKeyRetrieval: true });
  assert.ok(opened.ok, opened.ok ? '' : opened.detail);
  return opened.connection;
}

async function learn(connection: Connection, wanted: FactsWanted): Promise<Facts> {
  using until = Deadline.after(PATIENCE_MS);
  const facts = await factsOf(connection, wanted, until);
  assert.ok(facts.ok, facts.ok ? '' : facts.detail);
  return facts;
}

/** Statements of this connection so far, this one not counted. */
async function asked(connection: Connection): Promise<number> {
  const status = await query(connection, "SHOW SESSION STATUS LIKE 'Com_s%'");
  assert.ok(status.ok);
  const number = (name: string) => Number(status.rows.find(([variable]) => variable === name)?.[1]);
  return number('Com_select') + number('Com_show_variables');
}

for (const server of await realServers()) {
  test(`${server.name}: what there is, and nothing that there is not`, async (t) => {
    const facts = await learn(await connect(t, server), WANTED);
    assert.deepEqual([...facts.variables], [['max_connections', '500']]);
    assert.deepEqual([...facts.tables].sort(), ['shop.customers', 'shop.orders']);
    assert.deepEqual([...facts.columns].sort(), ['shop.orders.id', 'shop.orders.status']);
  });

  test(`${server.name}: three statements at most, once per connection`, async (t) => {
    const connection = await connect(t, server);
    const before = await asked(connection);
    const facts = await learn(connection, WANTED);
    assert.equal((await asked(connection)) - before, 3);
    assert.equal(await learn(connection, { ...WANTED }), facts);
    assert.equal((await asked(connection)) - before, 3);
    await learn(connection, wish({ variables: ['max_connections'] }));
    assert.equal((await asked(connection)) - before, 4);
    await learn(await connect(t, server), WANTED);
    assert.equal((await asked(connection)) - before, 4);
  });

  test(`${server.name}: facts are asked again when they are five minutes old`, async (t) => {
    const connection = await connect(t, server);
    let ahead = 0;
    const now = performance.now.bind(performance);
    t.mock.method(performance, 'now', () => now() + ahead);
    const first = await learn(connection, WANTED);
    ahead = 299_000;
    assert.equal(await learn(connection, WANTED), first);
    ahead = 300_001;
    const again = await learn(connection, WANTED);
    assert.notEqual(again, first);
    assert.equal(await learn(connection, WANTED), again);
  });

  test(`${server.name}: hundreds of tables and columns are three statements still`, async (t) => {
    const names = Array.from({ length: 300 }, (_, n) => `shop.no_such_table_${n}`);
    const facts = await learn(
      await connect(t, server),
      wish({
        variables: names.map((name) => name.slice(5)),
        tables: [...names, 'shop.orders'],
        columns: [...names.map((name) => `${name}.id`), 'shop.orders.id'],
      }),
    );
    assert.deepEqual(
      [[...facts.variables], [...facts.tables], [...facts.columns]],
      [[], ['shop.orders'], ['shop.orders.id']],
    );
  });

  test(`${server.name}: what could not be learned is asked again`, async (t) => {
    const connection = await connect(t, server);
    using over = Deadline.after(0);
    over.cancel();
    assert.equal((await factsOf(connection, WANTED, over)).ok, false);
    assert.equal((await learn(connection, WANTED)).variables.get('max_connections'), '500');
  });
}
