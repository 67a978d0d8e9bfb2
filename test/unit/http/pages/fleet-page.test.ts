/** The page of the fleet says who differs, and what is wrong, in words; texts of servers are texts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetBody } from '../../../../src/http/pages/fleet-page.ts';
import { from, mysql, reportOf, uuid } from '../../fleet/world.ts';

const readOnly = { read_only: 'ON' };
/** Without marks, and with one blank between words. */
const textOf = (html: string) =>
  html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ([,.:])/g, '$1');

test('who differs, the rarest value first', () => {
  const servers = [1, 2, 3].map((n) =>
    mysql(n, {
      groups: ['prod'],
      variables: { ...readOnly, sync_binlog: n === 2 ? '0' : '1', sql_mode: n === 2 ? '<b>x</b>' : '' },
    }),
  );
  const { html } = fleetBody(reportOf(servers));
  assert.ok(textOf(html).includes('sync_binlog prod, MySQL 0: db2 1: db1, db3'), textOf(html));
  assert.ok(textOf(html).includes('sql_mode prod, MySQL &lt;b&gt;x&lt;/b&gt;: db2 empty: db1, db3'));
  assert.ok(!textOf(html).includes('gtid_mode'), 'only what differs');
});

test('what is wrong, in words', () => {
  const servers = [
    mysql(1, {
      cluster: 'orders',
      replicas: [{ Server_Id: '9', Host: '<i>', Port: '3306', Source_Id: '1', Replica_UUID: uuid(9) }],
    }),
    mysql(2, { cluster: 'orders' }),
    mysql(3, { variables: readOnly, channels: [from(7)] }),
    mysql(3, { name: 'alias', variables: readOnly, channels: [from(7)] }),
    mysql(4, { channels: [from(5)] }),
    mysql(5, { channels: [from(4)] }),
    mysql(6, { variables: { server_uuid: uuid(1), ...readOnly } }),
  ];
  const text = textOf(fleetBody(reportOf(servers)).html);
  for (const sentence of [
    '2 servers of the cluster orders take writes and follow none.',
    '2 servers of the cluster db4 take writes and follow none.',
    'db4, db5 replicate in a circle.',
    'alias replicates from host7:3306, which is no target.',
    '&lt;i&gt;:3306 replicates from db1, and is no target.',
    'alias, db3 are one server.',
    `db1, db6 are servers of their own with one UUID, ${uuid(1)}: clones that kept it.`,
  ])
    assert.ok(text.includes(sentence), `${sentence} is not in ${text}`);
});

test('nothing wrong: no list; nobody has the set: a sentence', () => {
  const well = fleetBody(reportOf([mysql(1), mysql(2, { variables: readOnly, channels: [from(1)] })])).html;
  assert.ok(!well.includes('id="wrongs"'));
  assert.ok(textOf(well).includes('db2 db1 0 runs runs'), textOf(well));
  assert.match(fleetBody(reportOf([])).html, /No target has the query set topology/);
});
