import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Deadline } from '../../../src/deadline.ts';
import type { Connection } from '../../../src/mysql/connect/connection.ts';
import { NO_ROWS } from '../../../src/mysql/protocol/text-query.ts';
import { LIMITS, open, PASSWORD, PATIENCE_MS } from '../../support/mysql.ts';
import { EXPORTER, realServers } from '../../support/real-servers.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

async function answerOf(connection: Connection): Promise<WeakRef<object>> {
  using until = Deadline.after(PATIENCE_MS);
  const answer = await connection.query({ sql: "SELECT REPEAT('x', 1000)", limits: LIMITS }, until);
  assert.ok(answer.ok);
  return new WeakRef(answer);
}

for (const server of await realServers())
  test(`${server.name}: an idle connection does not hold what was answered last`, async (t) => {
    const opened = await open(t, server, { login: EXPORTER, allowPublicKeyRetrieval: true });
    assert.ok(opened.ok);
    const answer = await answerOf(opened.connection);
    await setImmediate(); // a WeakRef holds what it refers to until the job ends
    collectGarbage();
    assert.equal(answer.deref(), undefined);
    using until = Deadline.after(PATIENCE_MS);
    assert.ok((await opened.connection.query({ sql: 'DO 1', limits: NO_ROWS }, until)).ok);
  });

for (const server of await realServers())
  test(`${server.name}: an account that may ask no more this hour is refused`, async (t) => {
    await server.createUser('frugal', PASSWORD, 'USAGE ON *.*');
    await server.root("ALTER USER 'frugal'@'%' WITH MAX_QUERIES_PER_HOUR 1");
    t.after(() => server.dropUser('frugal'));
    const login = { user: 'frugal', password: PASSWORD };
    const [first, second] = [
      await open(t, server, { login, allowPublicKeyRetrieval: true }),
      await open(t, server, { login, allowPublicKeyRetrieval: true }),
    ];
    assert.ok(first.ok, first.ok ? '' : first.detail); // its session took the one
    assert.equal(second.ok ? 'open' : second.reason, 'refused');
  });
