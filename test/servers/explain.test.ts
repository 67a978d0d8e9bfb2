/** What is refused behind EXPLAIN when a file is loaded is what both servers refuse in the exporter's sessions. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { checkStatement } from '../../src/sql/read-only.ts';
import { realServers } from '../support/real-servers.ts';

const EXPLAINED = [
  'UPDATE explained.t SET a = 1',
  'DELETE FROM explained.t',
  'INSERT INTO explained.t VALUES (1)',
  'INSERT INTO explained.t SELECT 1',
  'REPLACE INTO explained.t VALUES (1)',
  'FORMAT=JSON UPDATE explained.t SET a = 1',
  'EXTENDED DELETE FROM explained.t',
  'FOR SCHEMA explained DELETE FROM t',
  'WITH x AS (SELECT 1) UPDATE explained.t SET a = 1',
  'CALL p()',
  'SHOW TABLES',
  'SET a = 1',
  'CREATE TABLE explained.u SELECT 1',
] as const;
const READS = [
  'SELECT a FROM explained.t',
  '(SELECT a FROM explained.t)',
  'explained.t',
  'FORMAT=JSON SELECT 1',
] as const;

for (const server of await realServers()) {
  const connection = await server.connect();
  await connection.query('CREATE DATABASE explained');
  await connection.query('CREATE TABLE explained.t (a INT)');
  await connection.query('SET SESSION TRANSACTION READ ONLY');
  after(async () => {
    await connection.query('SET SESSION TRANSACTION READ WRITE');
    await connection.query('DROP DATABASE explained');
    await connection.end();
  });
  for (const verb of ['EXPLAIN', 'DESC']) {
    for (const rest of EXPLAINED)
      test(`${server.name} refuses, and so do we: ${verb} ${rest}`, async () => {
        await assert.rejects(connection.query(`${verb} ${rest}`));
        assert.equal(checkStatement(`${verb} ${rest}`).ok, false);
      });
    for (const rest of READS)
      test(`${server.name} takes, and so do we: ${verb} ${rest}`, async () => {
        await connection.query(`${verb} ${rest}`);
        assert.deepEqual(checkStatement(`${verb} ${rest}`), { ok: true });
      });
  }
}
