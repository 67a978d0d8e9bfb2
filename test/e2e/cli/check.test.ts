/** `check`, `schema` and `probe --query` as people run them. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../support/exporter.ts';
import { realServers } from '../../support/real-servers.ts';

const servers = await realServers();
const SHIPPED = fileURLToPath(new URL('../../../queries/{sessions,innodb}.yml', import.meta.url));
const USER = 'check_reader';

const QUERIES = `
query_sets:
  own:
    metrics:
      good: {query: "SELECT 'a' AS l, 1 AS v UNION ALL SELECT 'a', 2 UNION ALL SELECT NULL, 3", type: gauge, description: Good, value: v, labels: [l]}
      no_column: {query: SELECT 1 AS a, type: gauge, description: D, value: b}
      no_table: {query: SELECT 1 AS a FROM mysql.user, type: gauge, description: D, value: a}
      no_place: {query: SELECT 1 AS a FROM mysql.db, type: gauge, description: D, value: a, grants: [SELECT ON mysql.db, SELECT ON shop.*]}
      part: {query: SELECT 1 AS a, type: gauge, description: D, value: a, grants: {mysql: [SELECT ON mysql.*], mariadb: [SELECT ON sys.*, SELECT ON mysql.db]}}
      no_database: {query: SHOW TABLES FROM mysql, type: gauge, description: D, static_value: 1}
  grants: {metrics: {lines: {query: SHOW GRANTS, type: gauge, description: D, static_value: 1}}}
`;
const files = {
  'targets.yml': `
query_files: ["${SHIPPED}", queries.yml]
defaults: {user: ${USER}, password: hunter2, query_sets: [sessions, innodb, own]}
targets:
${servers
  .map(
    ({ name, port }) => `
  ${name}: {address: "127.0.0.1:${port}"}
  ${name}_good: {address: "127.0.0.1:${port}", user: exporter, password: exporter, query_sets: [sessions, innodb]}`,
  )
  .join('')}
  refused: {address: "127.0.0.1:${servers[0]?.port}", user: check_nobody, password: hunter2}
  dead: {address: "127.0.0.1:1"}
`,
  'queries.yml': QUERIES,
};
const SUMMARY = 'targets.yml: 6 targets, 4 query sets, no errors, no warnings';

const broken = {
  'targets.yml': 'query_files: [q.yml]\ntargets:\n  a: {address: h, user: u, query_sets: [s]}\n',
  'q.yml': `query_sets:
  s:
    metrics:
      lag_ms: {query: SELECT 1, type: gauge, description: D, value: v}
      rows: {query: DELETE FROM t, type: gauge, description: D, value: v}
`,
};
const WARNING = {
  severity: 'warning',
  file: 'q.yml',
  line: 4,
  column: 7,
  message: '"query_exporter_lag_ms" abbreviates a unit: write seconds instead of ms, or another word',
};
const ERROR = {
  severity: 'error',
  file: 'q.yml',
  line: 5,
  column: 21,
  message:
    'the query begins with DELETE, which is no statement that reads: write one that begins with SELECT, SHOW, WITH, EXPLAIN, DESCRIBE, TABLE or VALUES',
};

test('check of a good file', async () => {
  const { code, stdout, stderr } = await runCommand(files, 'check');
  assert.deepEqual([code, stdout, stderr], [0, `${SUMMARY}\n`, '']);
});

test('check of a broken file, for people and for machines', async () => {
  const people = await runCommand(broken, 'check', 'targets.yml');
  assert.deepEqual(
    [people.code, people.stdout.split('\n'), people.stderr],
    [
      1,
      [
        `q.yml:4:7: warning: ${WARNING.message}`,
        `q.yml:5:21: error: ${ERROR.message}`,
        'targets.yml: 1 error, 1 warning',
        '',
      ],
      '',
    ],
  );
  const machines = await runCommand(broken, 'check', '--config.file', 'targets.yml', '--format', 'json');
  assert.deepEqual([machines.code, JSON.parse(machines.stdout), machines.stderr], [1, [WARNING, ERROR], '']);
});

test('warnings alone are no failure', async () => {
  const only = { ...broken, 'q.yml': broken['q.yml'].replace('DELETE FROM t', 'SELECT 1') };
  const { code, stdout } = await runCommand(only, 'check');
  assert.equal(code, 0);
  assert.match(stdout, /\ntargets\.yml: 1 target, 1 query set, no errors, 1 warning\n$/);
});

test('check of a missing file, and wrong calls', async () => {
  const missing = await runCommand({}, 'check', 'nowhere.yml');
  assert.deepEqual(
    [missing.code, missing.stdout],
    [1, 'nowhere.yml:1:1: error: the file does not exist\nnowhere.yml: 1 error, no warnings\n'],
  );
  assert.equal((await runCommand(files, 'probe', 'dead', '--query=a/b', '--query-set=own')).code, 2);
});

test('check --target of an unknown target, a dead one, a refused login', async () => {
  const unknown = await runCommand(files, 'check', '--target', 'daed');
  assert.deepEqual([unknown.code, unknown.stderr], [2, 'unknown target "daed"; did you mean "dead"?\n']);
  const dead = await runCommand(files, 'check', '--target', 'dead');
  assert.equal(dead.code, 1);
  assert.match(dead.stdout, /\ntarget dead is down: refused: /);
  const refused = await runCommand(files, 'check', '--target', 'refused');
  assert.equal(refused.code, 1);
  assert.match(
    refused.stdout,
    /\ntarget refused is down: auth: Access denied for user 'check_nobody'.*\(1045\)\n$/,
  );
});

/** Without times and without the alignment. */
const plain = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) =>
      line
        .trim()
        .replaceAll(/ {2,}/g, '  ')
        .replace(/,? *\(?[\d.]+ ms\)?$/, ''),
    );

for (const server of servers) {
  const { name } = server;
  before(() => server.createUser(USER, 'hunter2', 'SELECT ON shop.*'));
  after(() => server.dropUser(USER));

  test(`check --target ${name}: everything runs`, async () => {
    const { code, stdout } = await runCommand(files, 'check', '--target', `${name}_good`);
    const lines = plain(stdout).map((line) => line.replace(/\d+ (row|sample)s?/g, 'N $1s'));
    assert.deepEqual(lines, [
      SUMMARY,
      'sessions/by_client  would run  N rows, N samples',
      `sessions/longest_command  would run  ${/longest_command +would run +no rows/.test(stdout) ? 'no rows, no samples' : 'N rows, N samples'}`,
      'innodb/transactions  would run  N rows, N samples',
      'innodb/history  would run  N rows, N samples',
      `target ${name}_good: 4 would run, 0 skipped, 0 incomplete, 0 failed`,
    ]);
    assert.equal(code, 0);
  });

  test(`check --target ${name}: privileges and columns that are missing are named`, async () => {
    const { code, stdout } = await runCommand(files, 'check', '--target', name);
    const denied =
      'sql: Access denied; you need (at least one of) the PROCESS privilege(s) for this operation (1227)';
    const grant = `the account lacks PROCESS, which the query needs: GRANT PROCESS ON *.* TO \`${USER}\`@\`%\`;`;
    const to = `TO \`${USER}\`@\`%\`;`;
    const [db, part] = server.flavour === 'mariadb' ? ['`mysql`.`db`', 'sys'] : ["'db'", 'mysql'];
    const table = server.flavour === 'mariadb' ? '`mysql`.`user`' : "'user'";
    assert.deepEqual(
      plain(stdout).map((line) => line.replace(/^(sessions.*run|sessions.*complete) .*/, '$1')),
      [
        SUMMARY,
        'sessions/by_client  incomplete',
        grant,
        'sessions/longest_command  incomplete',
        grant,
        `innodb/transactions  failed  ${denied}`,
        grant,
        `innodb/history  failed  ${denied}`,
        grant,
        'own/good  would run  3 rows, 2 samples, 1 duplicate series dropped',
        'own/no_column  failed  missing_column: no column "b"; the result has "a"',
        `own/no_table  failed  sql: SELECT command denied to user '${USER}'@'localhost' for table ${table} (1142)`,
        `the account lacks the privilege SELECT on table ${table}`,
        `own/no_place  failed  sql: SELECT command denied to user '${USER}'@'localhost' for table ${db} (1142)`,
        `the account lacks SELECT ON mysql.db, which the query needs: GRANT SELECT ON \`mysql\`.\`db\` ${to}`,
        'own/part  incomplete  1 row, 1 sample',
        `the account lacks SELECT ON ${part}.*, which the query needs: GRANT SELECT ON \`${part}\`.* ${to}`,
        `own/no_database  failed  sql: Access denied for user '${USER}'@'%' to database 'mysql' (1044)`,
        "the account lacks a privilege on the database 'mysql'",
        `target ${name}: 1 would run, 0 skipped, 3 incomplete, 6 failed`,
      ],
    );
    assert.equal(code, 1);
  });

  test(`check --target ${name}: a privilege that comes with a role counts`, async () => {
    const role = 'check_role';
    const to = server.flavour === 'mariadb' ? 'FOR' : 'TO';
    await server.root(`DROP ROLE IF EXISTS ${role}; CREATE ROLE ${role}; GRANT PROCESS ON *.* TO ${role}`);
    try {
      await server.root(`GRANT ${role} TO ${USER}@'%'; SET DEFAULT ROLE ${role} ${to} ${USER}@'%'`);
      const { stdout } = await runCommand(files, 'check', '--target', name);
      assert.match(stdout, /, 1 incomplete, /, 'own/part, which needs something else');
      assert.ok(!stdout.includes('PROCESS'), stdout);
    } finally {
      await server.root(`DROP ROLE ${role}`);
    }
  });

  test(`check --target ${name}: a role that is not active is named, and gives nothing`, async () => {
    const role = 'check_idle_role';
    await server.root(`DROP ROLE IF EXISTS ${role}; CREATE ROLE ${role}; GRANT PROCESS ON *.* TO ${role}`);
    try {
      await server.root(`GRANT ${role} TO ${USER}@'%'`);
      const { stdout } = await runCommand(files, 'check', '--target', name);
      const statement =
        server.flavour === 'mariadb'
          ? `SET DEFAULT ROLE \`${role}\` FOR \`${USER}\`@\`%\`;`
          : `SET DEFAULT ROLE \`${role}\`@\`%\` TO \`${USER}\`@\`%\`;`;
      const advice = `roles that are not active; if one of them holds it: ${statement}`;
      assert.ok(stdout.includes(advice), stdout);
      // The advice is good.
      await server.root(statement);
      const then = await runCommand(files, 'check', '--target', name);
      assert.ok(!then.stdout.includes('PROCESS') && !then.stdout.includes('not active'), then.stdout);
    } finally {
      await server.root(`DROP ROLE ${role}`);
    }
  });

  test(`probe ${name} --query prints rows and samples`, async () => {
    const good = await runCommand(files, 'probe', name, '--query', 'own/good');
    assert.equal(
      good.stdout,
      `l     v
----  -
a     1
a     2
NULL  3

# HELP query_exporter_good Good
# TYPE query_exporter_good gauge
query_exporter_good{l="a"} 1
query_exporter_good{l=""} 3
`,
    );
    assert.deepEqual([good.code, good.stderr], [0, '']);
  });

  test(`probe ${name} --query that fails prints the rows all the same`, async () => {
    const { code, stdout, stderr } = await runCommand(files, 'probe', name, '--query=own/no_column');
    assert.deepEqual(
      [code, stdout, stderr],
      [1, 'a\n-\n1\n\n', 'own/no_column failed: missing_column: no column "b"; the result has "a"\n'],
    );
    const denied = await runCommand(files, 'probe', name, '--query=own/no_table');
    assert.deepEqual([denied.code, denied.stdout], [1, '']);
    assert.match(denied.stderr, /^own\/no_table failed: sql: SELECT command denied .*\(1142\)\n$/);
  });
}

const mariadb = servers.find(({ flavour }) => flavour === 'mariadb');
assert.ok(mariadb !== undefined);

test('check --target: what every account of a MariaDB may read makes nothing complete', async () => {
  const reader = 'check_public';
  const sizes = {
    'targets.yml': `targets: {t: {address: "127.0.0.1:${mariadb.port}", user: ${reader}, password: pw, query_sets: [table_sizes]}}\n`,
  };
  const lackOf = async () => (await runCommand(sizes, 'check', '--target', 't')).stdout;
  await mariadb.createUser(reader, 'pw');
  await mariadb.root('GRANT SELECT ON `test`.* TO PUBLIC');
  try {
    assert.match(
      await lackOf(),
      /largest +incomplete .*\n +the account lacks SELECT, which the query needs: GRANT SELECT ON \*\.\*/,
    );
    await mariadb.root(`GRANT SELECT ON shop.* TO ${reader}`);
    assert.match(
      await lackOf(),
      /largest +would run .*\n +sees only what is in `shop`\.\*: the account has SELECT nowhere else\n/,
    );
  } finally {
    await mariadb.root('REVOKE SELECT ON `test`.* FROM PUBLIC');
    await mariadb.dropUser(reader);
  }
});

test('probe --query of what is not there', async () => {
  const query = await runCommand(files, 'probe', 'dead', '--query', 'own/god');
  assert.deepEqual([query.code, query.stderr], [2, 'unknown query "own/god"; did you mean "own/good"?\n']);
  const target = await runCommand(files, 'probe', 'daed', '--query', 'own/good');
  assert.deepEqual([target.code, target.stderr], [2, 'unknown target "daed"; did you mean "dead"?\n']);
  const dead = await runCommand(files, 'probe', 'dead', '--query', 'own/good');
  assert.deepEqual([dead.code, dead.stdout], [1, '']);
  assert.match(dead.stderr, /^target dead is down: refused: /);
});

for (const kind of ['targets', 'queries'])
  test(`schema ${kind} prints the committed schema`, async () => {
    const { code, stdout } = await runCommand({}, 'schema', kind);
    assert.equal(code, 0);
    assert.equal(stdout, await readFile(new URL(`../../../schemas/${kind}.json`, import.meta.url), 'utf8'));
  });

test('schema of something else is a usage error', async () => {
  const { code, stderr } = await runCommand({}, 'schema', 'target');
  assert.equal(code, 2);
  assert.match(stderr, /Allowed choices are targets, queries\./);
});
