/**
 * No shipped query waits for others' locks, or makes others wait, but as docs/reference/locks.md says.
 *
 * Every query in every state; the server tells what each session waited for, so that a wait of a millisecond counts too.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { FLAVOURS } from '../../../src/model/query-set.ts';
import type { Asked } from '../../../src/probe/query/asking.ts';
import { eventually } from '../../support/eventually.ts';
import type { PrivateServer } from '../../support/real-servers.ts';
import { askQuery, openSession, shippedQueries, threadOf } from '../each-query.ts';
import { askedOf, readMeasured, seenIn, waitsOf } from './measured.ts';
import { heldBy } from './observe.ts';
import { STATE_NAMES } from './state-names.ts';
import { lockableServer, STAGES } from './states.ts';

const queries = await shippedQueries();
const measured = await readMeasured();
const servers = await Promise.all(FLAVOURS.map(lockableServer));
after(() => Promise.all(servers.map((server) => server.stop())));

/** More than a busy machine is late by; less than the next limit of time. */
const LATE_SECONDS = 3;
/** What a statement's limit is shorter than the client's, which two of these waits end by. */
const EARLY_SECONDS = 0.2;

const MANY = 300;
/** The list of locks is read while locks come and go: the one before and the one after may both be in it. */
const FEW = 10;
/** Queries for which both servers open each table. */
const OPENING = [
  'auto_increment.columns/columns',
  'auto_increment_headroom/nearest',
  'info_schema.tables/tables',
  'table_sizes/largest',
];

for (const server of servers) {
  const { flavour, name } = server;
  for (const state of STATE_NAMES)
    test(`${name}, ${state}: what waits is what the reference says`, async () => {
      const seen = await seenIn(server, state, queries);
      assert.deepEqual(
        seen.filter(({ left }) => left.length > 0),
        [],
        'a query leaves locks or a transaction behind',
      );
      assert.deepEqual([...askedOf(seen)].sort(), measured.asked[flavour]);
      const told = measured.waits.filter((wait) => wait.flavour === flavour && wait.state === state);
      const untimed = (waits: typeof told) => waits.map(({ seconds: _, ...wait }) => wait);
      assert.deepEqual(
        untimed([...waitsOf(flavour, state, seen)]),
        untimed(told),
        'docs/reference/locks.md says something else: npm run locks, then npm run docs',
      );
      for (const { query, seconds } of told) {
        const waited = seen.find((one) => one.query === query)?.waitedSeconds ?? 0;
        const isAsTold = waited > seconds - EARLY_SECONDS && waited < seconds + LATE_SECONDS;
        assert.ok(isAsTold, `${query} waited ${waited} s in place of ${seconds} s`);
      }
      assert.deepEqual(
        seen.filter(
          ({ end, waitedSeconds }) => waitedSeconds === 0 && end !== 'answers' && end !== 'skipped',
        ),
        [],
        'a query fails that waits for nothing',
      );
    });

  test(`${name}: of many tables a query has one locked at a time`, async () => {
    await server.root('CREATE DATABASE many');
    for (let i = 0; i < MANY; i++)
      await server.root(`CREATE TABLE many.t${i} (id INT AUTO_INCREMENT PRIMARY KEY, n INT, KEY (n))`);
    const connection = await openSession(server);
    try {
      const thread = await threadOf(server.process, connection);
      for (const query of queries.filter(({ id }) => OPENING.includes(id))) {
        const most = await eventually(async () => {
          const counts = await lockedDuring(askQuery(connection, query), server, thread);
          const most = Math.max(...counts);
          assert.ok(most > 0, `${query.id} was never seen to have a table locked`);
          return most;
        });
        assert.ok(most < FEW, `${query.id} had ${most} tables locked`);
      }
    } finally {
      connection.destroy();
    }
  });
}

test('MariaDB: an account statement behind a backup holds up who lists status variables', async () => {
  const server = servers.find(({ flavour }) => flavour === 'mariadb');
  assert.ok(server !== undefined);
  const [backup, admin, lister] = await Promise.all([server.connect(), server.connect(), server.connect()]);
  const statementOf = async (session: { readonly threadId: number }) =>
    await server.root(
      `SELECT state, info FROM information_schema.processlist WHERE id = ${session.threadId}`,
    );
  try {
    for (const stage of STAGES) await backup.query(stage);
    const created = admin.query('CREATE USER late');
    await eventually(async () => {
      assert.equal((await statementOf(admin))[0]?.['state'], 'Waiting for backup lock');
    });
    const listed = assert.rejects(lister.query('SHOW GLOBAL STATUS'), { code: 'ER_QUERY_INTERRUPTED' });
    const isListing = async () =>
      assert.equal((await statementOf(lister))[0]?.['info'], 'SHOW GLOBAL STATUS');
    await eventually(isListing);
    await server.root(`KILL QUERY ${lister.threadId}`);
    // A name alone is answered, and in that time the list would have been made a hundred times.
    for (let i = 0; i < 100; i++) await server.root("SHOW GLOBAL STATUS LIKE 'Uptime'");
    await isListing();
    await backup.query('BACKUP STAGE END');
    await Promise.all([created, listed]);
  } finally {
    for (const session of [backup, admin, lister]) session.destroy();
  }
});

/** How many tables the thread has locked, asked again and again until the work is done. */
async function lockedDuring(
  work: Promise<Asked>,
  server: PrivateServer,
  thread: number,
): Promise<readonly number[]> {
  const counts: number[] = [];
  let isOver = false;
  const over = work.finally(() => {
    isOver = true;
  });
  while (!isOver) counts.push((await heldBy(server, thread)).length);
  const { answer } = await over;
  assert.ok('ok' in answer && answer.ok);
  return counts;
}
