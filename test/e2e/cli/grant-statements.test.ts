/** `grants` on the command line; that servers accept what it prints is seen in test/e2e/cli/grants.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../../support/exporter.ts';

const CREATE = (account: string, connections = 10, targets = '') =>
  `${targets === '' ? '' : `-- ${account}: ${targets}\n`}-- CREATE USER ${account} IDENTIFIED BY 'a long password' WITH MAX_USER_CONNECTIONS ${connections};\n`;

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
    `${CREATE("'monitor'@'%'", 14, 'a, b, c')}
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
    `${CREATE("'me'@'10.0.0.5'", 14, 'a')}GRANT BINLOG MONITOR, SLAVE MONITOR ON *.* TO 'me'@'10.0.0.5';\n`,
  ],
  [
    'a set that no target has, and one that a disabled one has',
    ['none', 'never', '--flavour=mysql', '--config.file=targets.yml'],
    `${CREATE("'monitor'@'%'", 14, 'a, b, c')}GRANT SUPER ON *.* TO 'monitor'@'%';\n`,
  ],
  [
    'no privilege',
    ['none', '--flavour=mysql'],
    `${CREATE("'monitor'@'%'", 14, 'a, b, c')}-- No query of these sets names a privilege in its grants.\n`,
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

const ACCOUNTS = {
  ...FILES,
  'deep.txt': 'in_the_file\n',
  'targets.yml': `
query_files: [q.yml]
auth_modules: {reader: {user: reader, password: secret-1}, deep: {user_file: deep.txt, password: secret-2}}
defaults: {auth_module: reader}
targets:
${Array.from({ length: 12 }, (_, n) => `  t${n}: {address: h${n}, query_sets: [global]}\n`).join('')}
  socket: {address: "unix:///run/db.sock", query_sets: [beats]}
  both: {address: h, query_sets: [split], allow_auth_modules: [deep], max_connections: 9}
  "*.example.com:3306": {networks: [10.0.0.0/8], query_sets: [beats], user: pattern, password: secret-3}
  other: {dsn: "dsn:secret-4@tcp(h:3306)/", query_sets: [split]}
  off: {address: h, user: off, query_sets: [never], enabled: false}
`,
};
const SPLIT = (account: string) => `
-- MySQL
GRANT REPLICATION CLIENT ON *.* TO ${account};

-- MariaDB
GRANT BINLOG MONITOR, SLAVE MONITOR ON *.* TO ${account};
`;

test('a block for each account, each for what its targets are asked', async () => {
  const { code, stderr, stdout } = await runCommand(ACCOUNTS, 'grants');
  assert.deepEqual([code, stderr], [0, '']);
  const reader = "'reader'@'%'";
  assert.equal(
    stdout,
    `-- ${reader}: t0, t1, t2, t3, t4, t5, t6, t7, t8, t9 and 3 more
${CREATE(reader, 20)}
-- MySQL
${HINT}GRANT PROCESS, REPLICATION CLIENT ON *.* TO ${reader};
GRANT SELECT ON \`performance_schema\`.\`threads\` TO ${reader};

-- MariaDB
${HINT}GRANT BINLOG MONITOR, PROCESS, SLAVE MONITOR ON *.* TO ${reader};
GRANT SELECT ON \`performance_schema\`.\`threads\` TO ${reader};


${CREATE("'reader'@'localhost'", 10, 'socket')}
-- MySQL and MariaDB
GRANT SELECT ON \`heart\\_beat\`.* TO 'reader'@'localhost';


-- '<user>'@'%': both
-- In place of <user>: the user in FOLDER/deep.txt
${CREATE("'<user>'@'%'", 20)}${SPLIT("'<user>'@'%'")}

${CREATE("'dsn'@'%'", 10, 'other')}${SPLIT("'dsn'@'%'")}

${CREATE("'pattern'@'%'", 10, '*.example.com:3306')}
-- MySQL and MariaDB
GRANT SELECT ON \`heart\\_beat\`.* TO 'pattern'@'%';
`.replace('FOLDER', /in (\S+)\/deep\.txt/.exec(stdout)?.[1] ?? ''),
  );
});

for (const [target, account] of [
  ['other', "'dsn'@'%'"],
  ['db7.example.com:3306', "'pattern'@'%'"],
  ['off', "'off'@'%'"],
] as const)
  test(`only the accounts of ${target}`, async () => {
    const { code, stdout } = await runCommand(ACCOUNTS, 'grants', '--target', target);
    assert.equal(code, 0);
    assert.deepEqual(stdout.match(/^-- CREATE USER \S+/gm), [`-- CREATE USER ${account}`]);
    assert.match(stdout, /^GRANT /m);
  });

test('a set that some targets have is for their accounts, one that none has for all', async () => {
  const accounts = async (...sets: readonly string[]) =>
    (await runCommand(ACCOUNTS, 'grants', ...sets)).stdout.match(/(?<=^-- CREATE USER )\S+/gm);
  assert.deepEqual(await accounts('beats'), ["'reader'@'localhost'", "'pattern'@'%'"]);
  assert.equal((await accounts('none'))?.length, 5);
});

test('one account for all targets', async () => {
  const { stdout } = await runCommand(ACCOUNTS, 'grants', '--user=one@10.%', '--flavour=mysql');
  assert.equal(
    stdout,
    `${CREATE("'one'@'10.%'", 20, 't0, t1, t2, t3, t4, t5, t6, t7, t8, t9 and 6 more')}${HINT}GRANT PROCESS, REPLICATION CLIENT ON *.* TO 'one'@'10.%';
GRANT SELECT ON \`heart\\_beat\`.* TO 'one'@'10.%';
GRANT SELECT ON \`performance_schema\`.\`threads\` TO 'one'@'10.%';
`,
  );
});

const wrong: [args: readonly string[], code: number, message: RegExp][] = [
  [['splat'], 2, /^unknown query set "splat"; did you mean "split"\?\n$/],
  [['innodb'], 2, /^unknown query set "innodb"; query sets are: global, split, beats, never, none\n$/],
  [['--target=bb'], 2, /^unknown target "bb"; did you mean "b"\?\n$/],
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
