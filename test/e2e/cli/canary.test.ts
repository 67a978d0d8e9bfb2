/** `canary`: a query tried on real servers of both kinds, side by side. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runCommand } from '../../support/exporter.ts';
import { realServers } from '../../support/real-servers.ts';

const servers = await realServers();
const POOR = 'canary_poor';

before(async () => {
  for (const server of servers) await server.createUser(POOR, 'pw', 'SELECT ON shop.*');
});
after(async () => {
  for (const server of servers) await server.dropUser(POOR);
});

const metric = (query: string, more = '') =>
  `{query: "${query}", type: gauge, description: D, value: v${more}}`;
const QUERIES = `
query_sets:
  own:
    metrics:
      customers: ${metric('SELECT id AS v, id AS customer FROM shop.customers WHERE id < 4', ', labels: [customer]')}
      shown: ${metric("SHOW GLOBAL STATUS LIKE 'Uptime'").replace('value: v', 'value: Value')}
      many: ${metric('SELECT id AS v FROM shop.customers', ', max_rows: 2')}
      mysql: ${metric('SELECT 1 AS v', ', requires: {flavour: mysql}')}
      users: ${metric('SELECT COUNT(*) AS v FROM mysql.user', ', grants: [SELECT ON mysql.user]')}
`;
const target = (name: string, port: number, more = '') =>
  `  ${name}: {address: "127.0.0.1:${port}", user: ${POOR}, password: pw${more}}`;
const files = {
  'targets.yml': `
query_files: [queries.yml]
defaults: {query_sets: [own], allow_public_key_retrieval: true}
targets:
${servers.flatMap(({ name, port }) => [1, 2, 3].map((n) => target(`${name}-${n}`, port))).join('\n')}
${target('dead', 1)}
${target('off', 1, ', enabled: false')}
`,
  'queries.yml': QUERIES,
};

async function canary(...args: readonly string[]) {
  const { code, stderr, stdout } = await runCommand(files, 'canary', ...args);
  return { code, stderr, stdout, rows: rowsOf(stdout) };
}

/** The lines of the table, without times, whose columns stand apart by two blanks. */
const rowsOf = (stdout: string) =>
  stdout
    .split('\n')
    .filter((line) => /^(?:MySQL|MariaDB)-\d/.test(line))
    .map((line) => line.split(/ {2,}/));

test('one of each kind first, then others; times, rows, series, and all that is to be expected', async () => {
  const { code, rows, stdout } = await canary('own/customers', '--limit', '3');
  assert.equal(code, 0, stdout);
  assert.deepEqual(rows.map(([name]) => name).toSorted(), ['MariaDB-1', 'MariaDB-2', 'MySQL-1']);
  for (const [, server, verdict, ms, count, series, plan] of rows) {
    assert.ok(
      servers.some(({ version }) => version === server),
      server,
    );
    assert.equal(verdict, 'would run');
    assert.ok(Number(ms) > 0);
    assert.deepEqual([count, series, plan], ['3', '3', '3']);
  }
  assert.match(stdout, /^target dead is down: refused/m);
  assert.match(stdout, /^own\/customers on 3 of 7 targets; on all of them about 21 series$/m);
});

test('only targets of such names; what has no plan has no estimate', async () => {
  const { code, rows, stdout } = await canary('own/shown', '--targets', 'My*-2');
  assert.equal(code, 0, stdout);
  assert.equal(rows.length, 1);
  assert.equal(rows[0]?.[6], undefined);
  assert.match(stdout, /on 1 of 1 target; on all of them about 1 series$/m);
});

test('what servers are not meant for is no failure, and gives no series', async () => {
  const { code, stdout } = await canary('own/mysql', '--targets', '*-1');
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^MariaDB-1 .*skipped .*flavour$/m);
  assert.match(stdout, /on 2 of 2 targets; on all of them about 1 series$/m);
});

test('a limit that would be broken, and a privilege that is missing: 1', async () => {
  const broken = await canary('own/many', '--targets', '*-1');
  assert.equal(broken.code, 1);
  for (const { name } of servers)
    assert.match(broken.stdout, new RegExp(`^${name}-1 .*failed .*limit$`, 'm'));
  assert.match(broken.stdout, /own\/many on 2 of 2 targets: no answer$/m);
  const denied = await canary('own/users', '--targets', '*-1');
  assert.equal(denied.code, 1);
  assert.match(denied.stdout, /the account lacks SELECT ON mysql\.user, which the query needs: GRANT SELECT/);
});

test('nobody to ask: 1; a query that there is not: 2', async () => {
  const nobody = await canary('own/customers', '--targets', 'off');
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /no enabled target has a name such as "off"/);
  assert.equal((await canary('own/customers', '--targets', 'dead')).code, 1);
  const unknown = await canary('own/customer');
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /did you mean "own\/customers"/);
});
