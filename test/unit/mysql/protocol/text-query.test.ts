/**
 * Results as hostile as a server can send them, and ordinary ones: what is answered, in what time, and whether
 * the connection can be used after it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MysqlReason } from '../../../../src/model/reason.ts';
import { type ResultLimits, TextQuery } from '../../../../src/mysql/protocol/text-query.ts';
import { stopClock } from '../../../support/clock.ts';
import { cpuOf } from '../../../support/cpu-time.ts';
import { eventually } from '../../../support/eventually.ts';
import {
  ask,
  askToEnd,
  closedDownTo,
  LIMITS,
  open,
  openSockets,
  PATIENCE_MS,
  play,
  poolOf,
  query,
  seen,
  whole,
} from '../../../support/mysql.ts';
import {
  answering,
  column,
  eof,
  err,
  framed,
  lengthOf,
  letIn,
  ok,
  type Peer,
  result,
  row,
  STATUS,
  silence,
  TYPE,
  text,
} from '../../../support/scripted-server.ts';

/** A piece of this takes some ten milliseconds; a loop to a length that the server only claims takes seconds. */
const MOST_CPU_MS = 1_000;

/** Answers everything but `SELECT 'after'`, by which tests see whether a connection is usable. */
const playing = (answer: (peer: Peer) => Promise<void> | void) =>
  answering((peer, sql) => {
    if (sql === "SELECT 'after'") peer.send(...result(['after'], [['after']]));
    else return answer(peer);
  });

const good: readonly {
  readonly name: string;
  readonly packets: readonly Buffer[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}[] = [
  { name: 'no rows', packets: result(['a', 'b'], []), columns: ['a', 'b'], rows: [] },
  { name: 'no result at all', packets: [ok()], columns: [], rows: [] },
  {
    name: 'NULL and empty text',
    packets: result(['a', 'b'], [[null, '']]),
    columns: ['a', 'b'],
    rows: [[null, '']],
  },
  {
    name: 'a row of NULLs only',
    packets: result(['a', 'b'], [[null, null]]),
    columns: ['a', 'b'],
    rows: [[null, null]],
  },
  {
    name: 'columns named after members of every object',
    packets: result(['__proto__', 'constructor', '__defineGetter__'], [['1', '2', '3']]),
    columns: ['__proto__', 'constructor', '__defineGetter__'],
    rows: [['1', '2', '3']],
  },
  {
    name: 'columns of the same name',
    packets: result(['a', 'a', 'a'], [['1', '2', '3']]),
    columns: ['a', 'a', 'a'],
    rows: [['1', '2', '3']],
  },
  { name: 'a column without a name', packets: result([''], [['1']]), columns: [''], rows: [['1']] },
  {
    name: 'BIT as a number, all 64 bits of it',
    packets: [
      lengthOf(2),
      column('on', TYPE.BIT),
      column('all', TYPE.BIT),
      eof(),
      row(Buffer.of(1), Buffer.alloc(8, 0xff)),
      eof(),
    ],
    columns: ['on', 'all'],
    rows: [['1', '18446744073709551615']],
  },
  {
    name: 'BIT that is NULL or empty',
    packets: [lengthOf(1), column('b', TYPE.BIT), eof(), row(null), row(''), eof()],
    columns: ['b'],
    rows: [[null], ['0']],
  },
  {
    name: 'bytes that are no UTF-8',
    packets: result(['a'], [[Buffer.of(0x61, 0xff, 0xfe, 0x62)]]),
    columns: ['a'],
    rows: [['a\ufffd\ufffdb']],
  },
  {
    name: 'JSON that is no JSON, as text',
    packets: [lengthOf(1), column('j', TYPE.JSON), eof(), row('{"a":'), eof()],
    columns: ['j'],
    rows: [['{"a":']],
  },
  {
    name: 'a LONG that is no number, as text',
    packets: [lengthOf(1), column('n', TYPE.LONG), eof(), row('twelve'), eof()],
    columns: ['n'],
    rows: [['twelve']],
  },
  {
    name: 'the first of several results',
    packets: [
      ...result(['a'], [['1']]).slice(0, -1),
      eof(STATUS.MORE_RESULTS),
      ...result(['b', 'c'], [['2', '3']]).slice(0, -1),
      eof(STATUS.MORE_RESULTS),
      ok(),
    ],
    columns: ['a'],
    rows: [['1']],
  },
  {
    name: 'a result behind an OK',
    packets: [ok(STATUS.MORE_RESULTS), ...result(['b'], [['2']])],
    columns: ['b'],
    rows: [['2']],
  },
  {
    name: 'the first result, without rows',
    packets: [
      ...result(['a'], []).slice(0, -1),
      eof(STATUS.MORE_RESULTS),
      ...result(['a'], [['2']]).slice(0, -1),
      eof(STATUS.MORE_RESULTS),
      ok(),
    ],
    columns: ['a'],
    rows: [],
  },
  {
    name: 'a cell whose length takes three bytes',
    packets: result(['a'], [['x'.repeat(70_000)]]),
    columns: ['a'],
    rows: [['x'.repeat(70_000)]],
  },
];

for (const { name, packets, columns, rows } of good)
  test(`reads ${name}`, async (t) => {
    const server = await play(
      t,
      playing((peer) => peer.send(...packets)),
    );
    const opened = await open(t, server);
    assert.ok(opened.ok);
    assert.deepEqual(whole(await query(opened.connection, 'SELECT 1')), { columns, rows });
    assert.deepEqual(seen(await query(opened.connection, "SELECT 'after'")), [['after']]);
  });

test('reads a result that arrives byte by byte', async (t) => {
  const [...packets] = result(
    ['a', 'b'],
    [
      ['1', null],
      ['two', ''],
    ],
  );
  const server = await play(
    t,
    playing(async (peer) => {
      const whole = Buffer.concat(packets.map((packet, n) => framed(packet, n + 1)));
      for (const byte of whole) {
        peer.raw(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
    }),
  );
  const opened = await open(t, server);
  assert.ok(opened.ok);
  assert.deepEqual(seen(await query(opened.connection, 'SELECT 1')), [
    ['1', null],
    ['two', ''],
  ]);
});

interface Hostile {
  readonly name: string;
  readonly play: (peer: Peer) => Promise<void> | void;
  readonly reason: MysqlReason;
  readonly detail?: RegExp;
  /** Whether the same connection can be used afterwards. */
  readonly usable?: true;
  readonly limits?: ResultLimits;
}

/** Another result follows this one. */
const announcing = (packets: readonly Buffer[]) => [...packets.slice(0, -1), eof(STATUS.MORE_RESULTS)];

/** One column of this type, one row of these bytes. */
const cell = (type: number, bytes: Buffer) => (peer: Peer) =>
  peer.send(lengthOf(1), column('n', type), eof(), bytes, eof());

const claiming = (length: number | bigint) => Buffer.concat([lengthOf(length), Buffer.from('1')]);

// Made beforehand: it takes longer than reading it.
const MANY_COLUMNS = Buffer.concat(
  result(
    Array.from({ length: 10_000 }, (_, n) => `c${n}`),
    [],
  ).map((payload, n) => framed(payload, (n + 1) & 0xff)),
);

const hostile: readonly Hostile[] = [
  ...[1_000_000_000, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n].flatMap((length) =>
    [TYPE.LONG, TYPE.VAR_STRING, TYPE.BIT].map((type) => ({
      name: `claims a cell of ${length} bytes in a column of type ${type}`,
      play: cell(type, claiming(length)),
      reason: 'lost' as const,
      detail: /longer than its packet/,
    })),
  ),
  {
    name: 'claims a length of a kind that does not exist',
    play: (peer) => peer.send(...result(['a', 'b'], []).slice(0, -1), Buffer.of(1, 0x31, 0xff, 1), eof()),
    reason: 'lost',
    detail: /malformed/,
  },
  {
    name: 'sends a row shorter than its columns',
    play: (peer) => peer.send(...result(['a', 'b'], []).slice(0, -1), row('1'), eof()),
    reason: 'lost',
  },
  {
    name: 'sends a row shorter than its columns before a packet that looks like NULL',
    // The header of the next packet starts with 0xfb: it must not be read as the missing cell.
    play: (peer) =>
      peer.send(...result(['a', 'b'], []).slice(0, -1), row('1'), row('x'.repeat(0xfa), ''), eof()),
    reason: 'lost',
  },
  {
    name: 'sends a row longer than its columns',
    play: (peer) => peer.send(...result(['a'], []).slice(0, -1), row('1', '2'), eof()),
    reason: 'lost',
    detail: /longer than its columns/,
  },
  {
    name: 'sends 10,000 columns',
    play: (peer) => peer.raw(MANY_COLUMNS),
    reason: 'limit',
    detail: /10000 columns/,
  },
  { name: 'sends 2^63 columns', play: (peer) => peer.send(lengthOf(2n ** 63n)), reason: 'limit' },
  { name: 'sends no columns', play: (peer) => peer.send(Buffer.of(0xfc, 0, 0)), reason: 'lost' },
  {
    name: 'answers with an empty packet',
    play: (peer) => peer.send(Buffer.alloc(0), Buffer.alloc(0)),
    reason: 'lost',
  },
  {
    name: 'sends an empty packet as a row',
    play: (peer) => peer.send(lengthOf(1), column('a'), eof(), Buffer.alloc(0), eof()),
    reason: 'lost',
  },
  {
    name: 'leaves out the end of the column definitions',
    play: (peer) => peer.send(lengthOf(1), column('a'), row('1'), row('2'), eof()),
    reason: 'lost',
    detail: /no end of the column definitions/,
  },
  {
    name: 'cuts a column definition off',
    play: (peer) => peer.send(lengthOf(1), column('a').subarray(0, 8), eof()),
    reason: 'lost',
  },
  {
    name: 'claims a column name of 1e9 bytes',
    play: (peer) =>
      peer.send(
        lengthOf(1),
        Buffer.concat([...['def', '', '', ''].map(text), lengthOf(1e9), Buffer.from('a')]),
      ),
    reason: 'lost',
  },
  {
    name: 'asks for a local file',
    play: (peer) => peer.send(Buffer.from('\xfb/etc/passwd', 'latin1')),
    reason: 'lost',
    detail: /local file/,
  },
  { name: 'sends a cut off error', play: (peer) => peer.send(Buffer.of(0xff, 0x10)), reason: 'lost' },
  {
    name: 'announces another result and sends an error',
    play: (peer) => peer.send(...announcing(result(['a'], [['1']])), err(1792, 'READ ONLY transaction')),
    reason: 'sql',
    detail: /READ ONLY transaction \(1792\)/,
    usable: true,
  },
  {
    name: 'sends more rows in two results than one may have',
    play: (peer) =>
      peer.send(
        ...announcing(result(['a'], [['1'], ['2']])),
        ...announcing(result(['b'], [['3'], ['4']])),
        ok(),
      ),
    reason: 'limit',
    detail: /more than 3 rows/,
    limits: { maxRows: 3, maxBytes: 1 << 20 },
    usable: true,
  },
  {
    name: 'sends more bytes in two results than one may have',
    play: (peer) =>
      peer.send(...announcing(result(['a'], [['x'.repeat(90)]])), ...result(['b'], [['x'.repeat(90)]])),
    reason: 'limit',
    detail: /larger than 200 bytes/,
    limits: { maxRows: 3, maxBytes: 200 },
    usable: true,
  },
  {
    name: 'numbers its packets wrongly',
    play: (peer) => peer.raw(Buffer.concat([framed(lengthOf(1), 1), framed(column('a'), 9)])),
    reason: 'lost',
    detail: /out of order/,
  },
  {
    name: 'numbers a packet wrongly and the next one rightly',
    play: (peer) => peer.raw(Buffer.concat([framed(ok(), 9), framed(ok(), 1)])),
    reason: 'lost',
    detail: /out of order/,
  },
  {
    name: 'sends an error in place of an answer',
    play: (peer) => peer.send(err(1064, 'You have an error in your SQL syntax', '42000')),
    reason: 'sql',
    detail: /SQL syntax \(1064\)/,
    usable: true,
  },
  {
    name: 'sends an error in the middle of its rows',
    play: (peer) => peer.send(...result(['a'], [['1']]).slice(0, -1), err(1028, 'Sort aborted')),
    reason: 'sql',
    usable: true,
  },
  {
    name: 'sends an error in the middle of its columns',
    play: (peer) => peer.send(lengthOf(2), column('a'), err(1028, 'Sort aborted')),
    reason: 'sql',
    usable: true,
  },
  {
    name: 'ends the statement at its time limit (MariaDB 1969)',
    play: (peer) =>
      peer.send(err(1969, 'Query execution was interrupted (max_statement_time exceeded)', '70100')),
    reason: 'timeout',
    usable: true,
  },
  {
    name: 'ends the statement at its time limit (MySQL 3024)',
    play: (peer) =>
      peer.send(err(3024, 'Query execution was interrupted, maximum statement execution time exceeded')),
    reason: 'timeout',
    usable: true,
  },
  {
    name: 'had the statement killed by somebody (1317)',
    play: (peer) => peer.send(err(1317, 'Query execution was interrupted', '70100')),
    reason: 'canceled',
    usable: true,
  },
  {
    name: 'denies a table (1142)',
    play: (peer) => peer.send(err(1142, 'SELECT command denied', '42000')),
    reason: 'sql',
    usable: true,
  },
  {
    name: 'lacks a privilege for the statement (1227), which is no refused login',
    play: (peer) => peer.send(err(1227, 'Access denied; you need the PROCESS privilege', '42000')),
    reason: 'sql',
    usable: true,
  },
  {
    name: 'shuts down (1053)',
    play: (peer) => peer.send(err(1053, 'Server shutdown in progress', '08S01')),
    reason: 'lost',
  },
  { name: 'closes in place of an answer', play: (peer) => peer.cut(), reason: 'lost' },
  { name: 'resets in place of an answer', play: (peer) => peer.reset(), reason: 'lost' },
  {
    name: 'closes in the middle of its rows',
    play: (peer) => {
      peer.send(...result(['a'], [['1']]).slice(0, -1));
      peer.cut();
    },
    reason: 'lost',
  },
  {
    name: 'resets in the middle of its rows',
    play: (peer) => {
      peer.send(...result(['a'], [['1']]).slice(0, -1));
      peer.reset();
    },
    reason: 'lost',
  },
  {
    name: 'closes in the middle of a packet',
    play: (peer) => {
      peer.raw(Buffer.of(100, 0, 0, 1, 3, 4, 5));
      peer.cut();
    },
    reason: 'lost',
  },
  {
    name: 'sends one row more than allowed',
    play: (peer) => peer.send(...result(['a'], [['1'], ['2'], ['3']])),
    limits: { maxRows: 2, maxBytes: 1000 },
    reason: 'limit',
    detail: /more than 2 rows/,
    usable: true,
  },
  {
    name: 'sends more bytes than allowed',
    play: (peer) => peer.send(...result(['a'], [['x'.repeat(600)], ['x'.repeat(600)]])),
    limits: { maxRows: 10, maxBytes: 1000 },
    reason: 'limit',
    detail: /larger than 1000 bytes/,
    usable: true,
  },
  {
    name: 'sends a BIT of 60,000 bytes',
    play: (peer) =>
      peer.send(lengthOf(1), column('b', TYPE.BIT), eof(), row(Buffer.alloc(60_000, 0xff)), eof()),
    reason: 'lost',
    detail: /BIT/,
  },
];

for (const { name, play: answer, reason, detail, usable, limits } of hostile)
  test(`a server that ${name}: ${reason}`, async (t) => {
    const server = await play(t, playing(answer));
    const opened = await open(t, server);
    assert.ok(opened.ok);
    const { connection } = opened;
    const { value, cpuMs } = await cpuOf(() => query(connection, 'SELECT 1', PATIENCE_MS, limits));
    assert.equal(value.ok, false);
    assert.equal(value.reason, reason, value.detail); // and not a timeout
    assert.match(value.detail, detail ?? /./);
    assert.ok(cpuMs < MOST_CPU_MS, `worked for ${cpuMs} ms`);
    if (usable) {
      await connection.whenFree();
      assert.deepEqual(seen(await query(connection, "SELECT 'after'")), [['after']]);
    } else {
      await eventually(() => assert.equal(connection.isClosed, true)); // a limit is told before
      await eventually(() => assert.equal(server.open, 0));
      const again = await query(connection, "SELECT 'after'");
      assert.deepEqual([again.ok, again.ok || again.retryable], [false, true]);
    }
  });

test('a rogue that asks for a local file gets not one byte', async (t) => {
  const server = await play(
    t,
    playing((peer) => peer.send(Buffer.from('\xfb/etc/hostname', 'latin1'))),
  );
  const opened = await open(t, server);
  assert.ok(opened.ok);
  const [peer] = server.peers;
  const query1 = query(opened.connection, 'SELECT 1');
  assert.equal(seen(await query1), 'lost');
  await peer?.gone;
  const asked = Buffer.from('SELECT 1');
  const after = peer?.received.subarray((peer?.received.indexOf(asked) ?? 0) + asked.length);
  assert.deepEqual(after, Buffer.alloc(0));
});

interface Stall {
  readonly name: string;
  readonly packets: readonly Buffer[];
}

const stalls: readonly Stall[] = [
  { name: 'before its answer', packets: [] },
  { name: 'in the middle of its columns', packets: [lengthOf(2), column('a')] },
  { name: 'after its columns', packets: [lengthOf(1), column('a'), eof()] },
  { name: 'in the middle of its rows', packets: result(['a'], [['1'], ['2']]).slice(0, -1) },
  { name: 'between two results', packets: announcing(result(['a'], [['1']])) },
];

for (const { name, packets } of stalls)
  for (const kill of ['obeyed', 'answered only', 'not answered'] as const)
    test(`a server that stalls ${name}, KILL ${kill}: timeout in time, the next query is served`, async (t) => {
      const clock = stopClock(t);
      const before = await openSockets();
      const server = await play(t, async (peer) => {
        if (kill === 'not answered' && peer.number === 2) return await killingInVain(peer);
        await answering(async (_, sql) => {
          const [, word] = /'(before|after)'/.exec(sql) ?? [];
          if (word !== undefined) return peer.send(...result([word], [[word]]));
          if (kill === 'obeyed') peer.whenKilled = () => peer.send(err(1317, 'interrupted', '70100'));
          if (packets.length > 0) peer.send(...packets);
          await (kill === 'obeyed' ? Promise.resolve() : silence(peer));
        })(peer);
      });
      const pool = poolOf(t, server);
      assert.deepEqual(seen(await ask(pool, "SELECT 'before'")), [['before']]); // the login has no part in it
      const { value, turnsLate } = await clock.during(askToEnd(pool, 'SELECT 1', 200));
      assert.equal(seen(value), 'timeout');
      assert.equal(turnsLate, 0);
      assert.deepEqual(seen(await clock.during(ask(pool, "SELECT 'after'"))), [['after']]);
      assert.equal(server.peers.length, 3); // the one that stalls, the one that kills, the next one
      await eventually(() => assert.equal(server.open, 1));
      await clock.during(pool.close());
      await closedDownTo(before + 1);
    });

/** Lets in whoever comes to kill and says nothing to the KILL. */
async function killingInVain(peer: Peer): Promise<void> {
  await letIn(peer);
  while (!(await peer.question()).startsWith('KILL')) peer.send(ok());
  await silence(peer);
}

test('an answer after the timeout is dropped, and nobody takes it for the next one', async (t) => {
  let answerLate = () => {};
  const server = await play(
    t,
    playing(async (peer) => {
      await new Promise<void>((resolve) => {
        answerLate = resolve;
      });
      peer.send(...result(['late'], [['late']]));
    }),
  );
  const opened = await open(t, server);
  assert.ok(opened.ok);
  const { connection } = opened;
  assert.equal(seen(await query(connection, 'SELECT 1', 100)), 'timeout');
  assert.equal(connection.isIdle, false);
  assert.equal(seen(await query(connection, "SELECT 'after'")), 'lost'); // not queued behind the late one
  answerLate();
  await connection.whenFree();
  assert.deepEqual(seen(await query(connection, "SELECT 'after'")), [['after']]);
});

test('rows without an end are a limit, and the connection goes', async (t) => {
  // 15 times 256: the numbers of the packets go on where they began.
  const rows = Buffer.concat(
    Array.from({ length: 15 * 256 }, (_, n) => framed(row('x'.repeat(200)), (n + 4) & 0xff)),
  );
  let poured = 0;
  const server = await play(
    t,
    playing(async (peer) => {
      peer.send(lengthOf(1), column('a'), eof());
      poured = await peer.pour(rows);
    }),
  );
  const pool = poolOf(t, server);
  const { value, cpuMs } = await cpuOf(() => ask(pool, 'SELECT 1'));
  assert.equal(seen(value), 'limit'); // and not a timeout
  assert.ok(cpuMs < MOST_CPU_MS, `worked for ${cpuMs} ms`);
  await eventually(() => assert.equal(server.open, 0));
  assert.ok(poured < 40 << 20, `read ${poured} bytes`); // limits, drained bytes and the kernel's buffers
  assert.deepEqual(seen(await ask(pool, "SELECT 'after'")), [['after']]);
});

const endless: readonly { readonly name: string; readonly packets: readonly Buffer[] }[] = [
  { name: 'with rows', packets: announcing(result(['a'], [['x'.repeat(100)]])) },
  { name: 'without rows', packets: announcing(result(['a'], [])) },
  { name: 'that only say OK', packets: [ok(STATUS.MORE_RESULTS)] },
];

for (const { name, packets } of endless) {
  test(`results without an end, ${name}: a limit, and the connection goes`, async (t) => {
    // So many that the numbers of the packets go on where they began.
    const many = Array.from({ length: 256 * 16 }, (_, n) => packets[n % packets.length] ?? Buffer.alloc(0));
    const whole = many.slice(0, many.length - (many.length % (256 * packets.length)));
    const chunk = Buffer.concat(whole.map((packet, n) => framed(packet, (n + 1) & 0xff)));
    const server = await play(
      t,
      playing(async (peer) => {
        await peer.pour(chunk);
      }),
    );
    const pool = poolOf(t, server);
    const { value, cpuMs } = await cpuOf(() => ask(pool, 'CALL p()'));
    assert.equal(seen(value), 'limit'); // and not a timeout
    assert.ok(cpuMs < MOST_CPU_MS, `worked for ${cpuMs} ms`);
    assert.deepEqual(seen(await ask(pool, "SELECT 'after'")), [['after']]);
  });

  test(`results without an end, ${name}, slowly: a timeout, and the connection goes`, async (t) => {
    const server = await play(
      t,
      playing(async (peer) => {
        while (!peer.isGone) {
          peer.send(...packets);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      }),
    );
    const pool = poolOf(t, server);
    assert.deepEqual(seen(await ask(pool, "SELECT 'after'")), [['after']]); // the login has no part in it
    const { value, turnsLate } = await askToEnd(pool, 'CALL p()', 300);
    assert.equal(seen(value), 'timeout');
    assert.equal(turnsLate, 0);
    assert.deepEqual(seen(await ask(pool, "SELECT 'after'")), [['after']]);
  });
}

test('one packet without an end is a limit, in bounded memory', async (t) => {
  const filler = Buffer.alloc(1 << 20, 0x20);
  const server = await play(
    t,
    playing(async (peer) => {
      peer.send(lengthOf(1), column('a'), eof());
      peer.raw(Buffer.of(0xff, 0xff, 0xff, 4));
      await peer.pour(filler);
    }),
  );
  const pool = poolOf(t, server);
  const memory = process.memoryUsage().rss;
  const { value, cpuMs } = await cpuOf(() => ask(pool, 'SELECT 1'));
  assert.ok(['limit', 'lost'].includes(value.ok ? 'ok' : value.reason));
  assert.ok(cpuMs < MOST_CPU_MS, `worked for ${cpuMs} ms`);
  const grown = (process.memoryUsage().rss - memory) / (1 << 20);
  assert.ok(grown < 128, `grew by ${grown} MB`);
});

const surprises: readonly { readonly name: string; readonly say: (peer: Peer) => void }[] = [
  { name: 'a cut off error', say: (peer) => peer.raw(framed(Buffer.of(0xff), 0)) },
  { name: 'an error: it was idle for too long', say: (peer) => peer.raw(framed(err(4031, 'inactivity'), 0)) },
  { name: 'an unexpected packet', say: (peer) => peer.raw(framed(Buffer.from('hello'), 0)) },
  { name: 'an empty packet', say: (peer) => peer.raw(framed(Buffer.alloc(0), 0)) },
  {
    name: 'two unexpected packets',
    say: (peer) => peer.raw(Buffer.concat([framed(ok(), 0), framed(ok(), 0)])),
  },
  { name: 'an answer to no question', say: (peer) => peer.raw(framed(ok(), 1)) },
];

for (const { name, say } of surprises)
  test(`${name} on an idle connection: it is closed at once and replaced`, async (t) => {
    const server = await play(
      t,
      playing(() => {}),
    );
    const pool = poolOf(t, server);
    assert.deepEqual(seen(await ask(pool, "SELECT 'after'")), [['after']]);
    const [peer] = server.peers;
    assert.ok(peer);
    peer.keepsOpen = true;
    const both = await openSockets();
    say(peer);
    // The rogue keeps its socket; ours must go, and not only its sending half.
    await closedDownTo(both - 1);
    assert.deepEqual(seen(await ask(pool, "SELECT 'after'")), [['after']]);
    assert.equal(server.peers.length, 2);
  });

test('more bytes than a statement may have, on a connection that was never used for that many', async (t) => {
  const server = await play(
    t,
    playing((peer) => peer.send(...result(['a'], [['x'.repeat(5_000)]]))),
  );
  const opened = await open(t, server);
  assert.ok(opened.ok);
  assert.equal(
    seen(await query(opened.connection, 'SELECT 1', PATIENCE_MS, { maxRows: 1, maxBytes: 100 })),
    'limit',
  );
  await opened.connection.whenFree();
  const again = await query(opened.connection, 'SELECT 1');
  assert.deepEqual(seen(again), [['x'.repeat(5_000)]]); // the count starts anew
});

test('a statement that could not be sent any more may be sent again', () => {
  const answers: unknown[] = [];
  const reader = new TextQuery('SELECT 1', LIMITS, {
    begin: () => {},
    answer: (answer) => answers.push(answer),
    over: () => {},
  });
  reader.lose(new Error('read ECONNRESET'));
  assert.deepEqual(answers, [
    {
      ok: false,
      reason: 'lost',
      detail: 'read ECONNRESET',
      retryable: true,
    },
  ]);
});
