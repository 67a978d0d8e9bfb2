/** `grants` on the command line; that servers accept what it prints is seen in test/e2e/cli/grants.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../../support/exporter.ts';

const CREATE = (account: string, connections = 10) =>
  `-- CREATE USER ${account} IDENTIFIED BY 'a long password' WITH MAX_USER_CONNECTIONS ${connections};\n`;

const HINT = '-- A line with a table that the server does not have (error 1146) is not needed there.\n';

const query = (keys: string) => `{query: SELECT 1 AS v, type: gauge, description: D, value: v, ${keys}}`;
const FILES = {
  'targets.yml': `
query_files: [q.yml]
defaults: {user: monitor, query_sets: [global]}
targets:
  a: {address: h, max_connections: 6}
  b: {address: h, query_sets: [beats], params: {beats: {db: "per\`cona"}}}
  c: {address: h, query_sets: [beats]}
  d: {address: h, query_sets: [never], enabled: false}
scrapes: {all: {targets: [a], query_sets: [split]}}
`,
  'q.yml': `
query_sets:
  global: {metrics: {one: ${query('grants: [PROCESS, SELECT ON performance_schema.threads]')}, two: ${query('grants: [PROCESS]')}}}
  split: {metrics: {three: ${query('grants: {mysql: [REPLICATION CLIENT], mariadb: [SLAVE MONITOR, BINLOG MONITOR]}')}}}
  beats: {params: {db: {type: identifier, default: heart_beat}}, metrics: {four: ${query('grants: ["SELECT ON :db.*"]')}}}
  never: {metrics: {five: ${query('grants: [SUPER]')}}}
  none: {metrics: {six: ${query('timeout: 1s')}}}
`,
};

const cases: [name: string, args: readonly string[], stdout: string][] = [
  [
    'without names: what the targets have, each with its parameters, and the scrapes',
    [],
    `${CREATE("'monitor'@'%'", 14)}
-- MySQL
${HINT}GRANT PROCESS, REPLICATION CLIENT ON *.* TO 'monitor'@'%';
GRANT SELECT ON \`heart\\_beat\`.* TO 'monitor'@'%';
GRANT SELECT ON \`per\`\`cona\`.* TO 'monitor'@'%';
GRANT SELECT ON \`performance_schema\`.\`threads\` TO 'monitor'@'%';

-- MariaDB
${HINT}GRANT BINLOG MONITOR, PROCESS, SLAVE MONITOR ON *.* TO 'monitor'@'%';
GRANT SELECT ON \`heart\\_beat\`.* TO 'monitor'@'%';
GRANT SELECT ON \`per\`\`cona\`.* TO 'monitor'@'%';
GRANT SELECT ON \`performance_schema\`.\`threads\` TO 'monitor'@'%';
`,
  ],
  [
    'a set for one flavour and another account',
    ['split', '--flavour', 'mariadb', '--user', 'me@10.0.0.5'],
    `${CREATE("'me'@'10.0.0.5'", 14)}GRANT BINLOG MONITOR, SLAVE MONITOR ON *.* TO 'me'@'10.0.0.5';\n`,
  ],
  [
    'a set that no target has, and one that a disabled one has',
    ['none', 'never', '--flavour=mysql', '--config.file=targets.yml'],
    `${CREATE("'monitor'@'%'", 14)}GRANT SUPER ON *.* TO 'monitor'@'%';\n`,
  ],
  [
    'no privilege',
    ['none', '--flavour=mysql'],
    `${CREATE("'monitor'@'%'", 14)}-- No query of these sets names a privilege in its grants.\n`,
  ],
];
for (const [name, args, stdout] of cases)
  test(name, async () =>
    assert.deepEqual(await runCommand(FILES, 'grants', ...args), { code: 0, stdout, stderr: '' }),
  );

test('without a configuration the shipped sets can be named', async () => {
  const { code, stdout } = await runCommand({}, 'grants', 'slave_status', 'innodb', '--flavour=mysql');
  assert.equal(code, 0);
  assert.equal(
    stdout,
    `${CREATE("'exporter'@'%'")}GRANT PROCESS, REPLICATION CLIENT ON *.* TO 'exporter'@'%';\n`,
  );
  const missing = await runCommand({}, 'grants');
  assert.deepEqual([missing.code, missing.stderr], [1, 'targets.yml:1:1: error: the file does not exist\n']);
});

const wrong: [args: readonly string[], code: number, message: RegExp][] = [
  [['splat'], 2, /^unknown query set "splat"; did you mean "split"\?\n$/],
  [['innodb'], 2, /^unknown query set "innodb"; query sets are: global, split, beats, never, none\n$/],
  [['split', '--flavour=percona'], 2, /Allowed choices are mysql, mariadb\./],
  [['split', "--user=it's"], 2, /Expected USER@HOST, such as exporter@%\./],
  [['split', '--config.file=nowhere.yml'], 1, /^nowhere\.yml:1:1: error: the file does not exist\n$/],
];
for (const [args, code, message] of wrong)
  test(`grants ${args.join(' ')} is wrong`, async () => {
    const result = await runCommand(FILES, 'grants', ...args);
    assert.match(result.stderr, message);
    assert.deepEqual([result.code, result.stdout], [code, '']);
  });
