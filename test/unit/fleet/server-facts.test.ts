/** Results of the set `topology` from servers that say strange things. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fleet } from '../../../src/fleet/fleet.ts';
import { countOf, parseGtidSet, subtract } from '../../../src/fleet/gtid-set.ts';
import {
  readChannels,
  readReplicas,
  readServer,
  readTransactions,
  type TableRows,
} from '../../../src/fleet/server-facts.ts';
import { SharedTexts } from '../../../src/fleet/shared-texts.ts';
import { cpuOf } from '../../support/cpu-time.ts';
import { mysql, probe, samplesOf, target, uuid } from './world.ts';

const texts = new SharedTexts();
const NONE: TableRows = { columns: [], rows: [] };
const LONG = 'x'.repeat(1 << 20);

test('no rows, no columns, NULL everywhere', () => {
  assert.equal(readServer(NONE, texts), undefined);
  assert.equal(
    readServer(
      {
        columns: ['Variable_name', 'Value'],
        rows: [
          [null, null],
          ['version', null],
        ],
      },
      texts,
    ),
    undefined,
  );
  assert.equal(readTransactions(NONE), undefined);
  assert.equal(readTransactions({ columns: ['executed'], rows: [[null]] }), undefined);
  assert.equal(readTransactions({ columns: ['applied'], rows: [['0-1-1']] }), undefined);
  assert.deepEqual(readChannels(NONE, texts), []);
  const [channel] = readChannels({ columns: ['Source_Host'], rows: [[null]] }, texts);
  assert.deepEqual(
    { ...channel },
    {
      ...{
        name: '',
        sourceHost: '',
        sourcePort: '',
        sourceUuid: '',
        sourceId: '',
        receives: false,
        applies: false,
      },
      ...{ ignoredDomains: [], onlyDomains: [] },
    },
  );
});

test('texts and lists have bounds', () => {
  const server = readServer(
    {
      columns: ['a', 'b'],
      rows: [
        ['server_id', LONG],
        ['hostname', LONG],
        ...Array.from({ length: 5_000 }, (_, i) => [`v${i}`, LONG]),
      ],
    },
    texts,
  );
  assert.ok(server !== undefined);
  assert.ok(server.values.length <= 300);
  assert.ok([server.hostname, server.serverId, ...server.values].every((text) => text.length <= 100));
  assert.ok(
    readReplicas({ columns: ['Host'], rows: Array.from({ length: 5_000 }, () => ['h']) }, texts).length <=
      1_000,
  );
  assert.equal(readTransactions({ columns: ['executed'], rows: [['x'.repeat(3 << 20)]] }), undefined);
});

test('what is no set of transactions gives no lag, and everything else', () => {
  const fleet = new Fleet();
  for (const executed of ['not a set', `${uuid(1)}:1-x`, `${uuid(1)}:1-99999999999999999999`]) {
    const servers = [
      mysql(1, { executed }),
      mysql(2, {
        executed,
        channels: [{ Source_UUID: uuid(1), Replica_IO_Running: 'Yes', Replica_SQL_Running: 'Yes' }],
      }),
    ];
    for (const at of [0, 1_000]) for (const server of servers) probe(fleet, server, at);
    const report = fleet.report(servers.map(target), 1_000);
    assert.equal(samplesOf(report, 'replication_edge').length, 1, executed);
    const lag = samplesOf(report, 'replication_lag_transactions');
    assert.deepEqual(lag, [], executed);
  }
});

test('a label of a server is escaped', () => {
  const fleet = new Fleet();
  const server = mysql(1, { channels: [{ Channel_Name: 'a"b\n', Source_Host: 'h\\', Source_Port: '1' }] });
  probe(fleet, server);
  assert.deepEqual(samplesOf(fleet.report([target(server)], 0), 'replication_orphan'), [
    'replication_orphan{replica="db1",channel="a\\"b\\n",source_host="h\\\\:1"} 1',
  ]);
});

test('sets of 10,000 intervals with tags are read and subtracted in less than half a second of CPU', async () => {
  const pieces = (step: number) =>
    Array.from({ length: 5_000 }, (_, i) => `${i * 10 + 1}-${i * 10 + step}`).join(':');
  const [large, small] = [6, 4].map((step) => `${uuid(1)}:${pieces(step)}:orders:${pieces(step)}`);
  const { cpuMs, value } = await cpuOf(() => {
    const [a, b] = [parseGtidSet(large ?? ''), parseGtidSet(small ?? '')];
    return a && b && countOf(subtract(a, b));
  });
  assert.equal(value, 20_000);
  assert.ok(cpuMs < 500, `${cpuMs} ms`);
});
