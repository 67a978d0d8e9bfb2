/** Packets of a server, before, during and after the login. */
import assert from 'node:assert/strict';
import { Deadline } from '../../../src/deadline.ts';
import { LIMITS, makePool } from '../../support/mysql.ts';
import { scriptedServer } from '../../support/scripted-server.ts';
import { mutant } from '../mutant-server.ts';
import type { Surface } from '../surface.ts';

const QUERY_MS = 200;

export const packets = (): Surface => ({
  name: 'packets',
  close: async () => {},
  async round(random) {
    const server = await scriptedServer(mutant(random));
    const pool = makePool(server, { connectTimeoutMs: 150 });
    for (let n = 0; n < 2; n++) {
      using until = Deadline.after(QUERY_MS);
      const acquired = await pool.acquire(until);
      if (!acquired.ok) continue;
      using lease = acquired.lease;
      await lease.connection.queryWithin({ sql: 'SELECT 1', limits: LIMITS }, until);
    }
    await pool.close();
    await server.close();
    assert.deepEqual(pool.stats, { idle: 0, lent: 0, opening: 0, waiting: 0 });
  },
});
