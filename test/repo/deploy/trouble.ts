/**
 * What dashboards show only when there is something to see: a transaction that waits for another one, statements that
 * fail, an account near its limits, an index too many.
 */
import { createConnection } from 'mysql2/promise';
import type { DatabaseServer } from '../../../harness/server-process.ts';

/** Not for any host: the anonymous account of localhost, which these servers have, would come before it. */
const ACCOUNT = { user: 'troubled', password: 'Not-so-simple-1' };

/** Goes on until the returned function is called. */
export async function makeTrouble(server: DatabaseServer): Promise<() => void> {
  await server.query(`
    CREATE DATABASE trouble;
    CREATE TABLE trouble.t (id INT PRIMARY KEY, a INT, b INT, KEY a (a), KEY a_b (a, b));
    INSERT INTO trouble.t VALUES (1, 1, 1), (2, 2, 2);
    CREATE USER '${ACCOUNT.user}'@'localhost' IDENTIFIED BY '${ACCOUNT.password}'
      WITH MAX_USER_CONNECTIONS 5 PASSWORD EXPIRE INTERVAL 30 DAY;
    GRANT ALL ON trouble.* TO '${ACCOUNT.user}'@'localhost'`);
  const connect = () =>
    createConnection({ host: '127.0.0.1', port: server.port, database: 'trouble', ...ACCOUNT });
  const [holder, waiter, busy] = await Promise.all([connect(), connect(), connect()]);
  await holder.query('BEGIN');
  await holder.query('UPDATE t SET b = 10 WHERE id = 1');
  await waiter.query('SET SESSION innodb_lock_wait_timeout = 600');
  waiter.query('UPDATE t SET b = 11 WHERE id = 1').catch(() => undefined);
  const timer = setInterval(() => {
    busy.query('UPDATE t SET b = b + 1 WHERE id = 2').catch(() => undefined);
    busy.query('SELECT * FROM no_such_table').catch(() => undefined);
  }, 100);
  return () => {
    clearInterval(timer);
    for (const connection of [holder, waiter, busy]) connection.destroy();
  };
}
