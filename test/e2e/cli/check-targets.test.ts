/** `check --all-targets`, and targets as JSON, on real servers. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { PROGRAM, runCommand } from '../../support/exporter.ts';
import { realServers } from '../../support/real-servers.ts';

const servers = await realServers();
const [first] = servers;
assert.ok(first !== undefined);
const POOR = 'check_poor';
const MANY = 'check_many';
const SLOW = 'check_slow';

before(async () => {
  for (const server of servers) await server.createUser(POOR, 'pw', 'SELECT ON shop.*');
  await first.createUser(MANY, 'pw', 'PROCESS ON *.*');
  await first.createUser(SLOW, 'pw');
});
after(async () => {
  for (const server of servers) await server.dropUser(POOR);
  for (const user of [MANY, SLOW]) await first.dropUser(user);
});

const metric = (query: string, more = '') =>
  `{query: "${query}", type: gauge, description: D, value: v${more}}`;
const QUERIES = `
query_sets:
  own:
    metrics:
      good: ${metric('SELECT 1 AS v')}
      other: ${metric('SELECT 1 AS v', ', requires: {variables: {no_such: "1"}}')}
  part: {metrics: {process: ${metric('SELECT 1 AS v', ', grants: [PROCESS]')}}}
  wrong: {metrics: {table: ${metric('SELECT 1 AS v FROM mysql.user')}}}
  slow: {metrics: {sleep: ${metric('SELECT SLEEP(60) AS v')}}}
`;
const at = (port: number | undefined) => `address: "127.0.0.1:${port}", password: pw`;
const files = {
  'targets.yml': `
query_files: [queries.yml]
defaults: {user: ${POOR}, query_sets: [own]}
targets:
${servers
  .map(
    ({ name, port }) => `
  ${name}_good: {${at(port)}}
  ${name}_part: {${at(port)}, query_sets: [own, part]}
  ${name}_wrong: {${at(port)}, query_sets: [wrong, part]}`,
  )
  .join('')}
  dead: {${at(1)}}
  off: {${at(1)}, enabled: false}
  "*.example:3306": {password: pw, networks: [10.0.0.0/8]}
`,
  'queries.yml': QUERIES,
};

const COLUMNS = ['target', 'verdict', 'would run', 'skipped', 'incomplete', 'failed', 'ms', 'first reason'];

/** Without times. */
const plain = (text: string) => text.replaceAll(/[\d.]+ ms/g, 'N ms').replaceAll(/ {2,}/g, '  ');

test('all enabled targets: a table, and below it what is not right', async () => {
  const { code, stderr, stdout } = await runCommand(files, 'check', '--all-targets');
  assert.deepEqual([code, stderr], [1, '']);
  const [summary, head, , ...rest] = stdout.split('\n');
  assert.equal(summary, 'targets.yml: 8 targets, 1 pattern, 4 query sets, no errors, no warnings');
  assert.deepEqual(plain(head ?? '').split('  '), COLUMNS);
  const rows = rest.slice(0, 7).map((line) => line.trim().split(/ {2,}/));
  const expected = servers.flatMap(({ name }) => [
    [`${name}_good`, 'good', '1', '1', '0', '0', ''],
    [`${name}_part`, 'incomplete', '1', '1', '1', '0', 'part/process: privilege'],
    [`${name}_wrong`, 'failed', '0', '0', '1', '1', 'wrong/table: sql'],
  ]);
  assert.deepEqual(
    rows.slice(0, -1).map((row) => [...row.slice(0, 6), row[7] ?? '']),
    expected,
  );
  assert.match(rest[6] ?? '', /^dead +down +\d+ +refused$/);
  const below = plain(rest.slice(8).join('\n'));
  for (const { name } of servers) {
    assert.ok(!below.includes(`${name}_good`), below);
    const lacks = `the account lacks PROCESS, which the query needs: GRANT PROCESS ON *.* TO \`${POOR}\`@\`%\`;`;
    assert.ok(
      below.includes(
        `target ${name}_part:\n  part/process  incomplete  1 row, 1 sample, N ms\n  ${lacks}\ntarget`,
      ),
      below,
    );
    assert.match(
      below,
      new RegExp(
        `target ${name}_wrong:\n {2}wrong/table {2}failed {2}sql: SELECT command denied .*\n.*\n {2}part/process`,
      ),
    );
  }
  assert.match(
    below,
    /\ntarget dead is down: refused: .*\n7 enabled targets: 2 good, 2 incomplete, 2 failed, 1 down\n$/,
  );
});

interface InJson {
  readonly target: string;
  readonly up: boolean;
  readonly reason: string | null;
  readonly queries: readonly {
    readonly query: string;
    readonly verdict: string;
    readonly reason: string | null;
    readonly lines: readonly string[];
  }[];
}

test('as JSON, all or one', async () => {
  const all = await runCommand(files, 'check', '--all-targets', '--format=json');
  assert.deepEqual([all.code, all.stderr], [1, '']);
  const targets = JSON.parse(all.stdout) as readonly InJson[];
  assert.deepEqual(
    targets.map(({ queries, reason, target, up }) => [target, up, reason, queries.length]),
    [
      ...servers.flatMap(({ name }) => [
        [`${name}_good`, true, null, 2],
        [`${name}_part`, true, null, 3],
        [`${name}_wrong`, true, null, 2],
      ]),
      ['dead', false, 'refused', 0],
    ],
  );
  assert.deepEqual(
    targets[1]?.queries.map(({ query, reason, verdict }) => [query, verdict, reason]),
    [
      ['own/good', 'would run', null],
      ['own/other', 'skipped', 'variable'],
      ['part/process', 'incomplete', 'privilege'],
    ],
  );
  assert.deepEqual(targets[1]?.queries[2]?.lines.map(plain), [
    '1 row, 1 sample, N ms',
    `the account lacks PROCESS, which the query needs: GRANT PROCESS ON *.* TO \`${POOR}\`@\`%\`;`,
  ]);
  const one = await runCommand(files, 'check', `--target=${first.name}_good`, '--format=json');
  assert.equal(one.code, 0);
  assert.deepEqual(
    (JSON.parse(one.stdout) as readonly InJson[]).map(({ target, up }) => [target, up]),
    [[`${first.name}_good`, true]],
  );
});

test('no enabled target', async () => {
  const none = { ...files, 'targets.yml': 'targets: {a: {address: h, user: u, enabled: false}}\n' };
  const { code, stdout } = await runCommand(none, 'check', '--all-targets');
  assert.match(stdout, /\nno enabled targets: 0 good, 0 incomplete, 0 failed, 0 down\n$/);
  assert.equal(code, 0);
});

const fleet = (size: number, keys: string) =>
  Array.from({ length: size }, (_, n) => {
    const address = `127.0.${1 + Math.floor(n / 250)}.${1 + (n % 250)}:${first.port}`;
    return `  t${n}: {address: "${address}", password: pw, ${keys}}\n`;
  }).join('');

test('many targets: some at a time, whose connections are closed before the next ones', async () => {
  const size = 300;
  const many = {
    ...files,
    'targets.yml': `query_files: [queries.yml]\ntargets:\n${fleet(size, `user: ${MANY}, query_sets: [own, part]`)}`,
  };
  // Each target may have three connections. Above the account's limit the server refuses the login.
  await first.root(`ALTER USER ${MANY}@'%' WITH MAX_USER_CONNECTIONS 90`);
  const { code, stdout } = await runCommand(many, 'check', '--all-targets');
  assert.match(stdout, /\n300 enabled targets: 300 good, 0 incomplete, 0 failed, 0 down\n$/);
  assert.equal(code, 0);
});

test('fewer at a time where --max-queries is small', async () => {
  const few = {
    ...files,
    'targets.yml': `query_files: [queries.yml]\ntargets:\n${fleet(12, `user: ${MANY}, query_sets: [own], max_connections: 2`)}`,
  };
  await first.root(`ALTER USER ${MANY}@'%' WITH MAX_USER_CONNECTIONS 6`);
  const { code, stdout } = await runCommand(few, 'check', '--all-targets', '--max-queries=4');
  assert.match(stdout, /\n12 enabled targets: 12 good/);
  assert.equal(code, 0);
});

test('Ctrl-C: statements end on the server, what was asked is printed, and the exit code is that of the signal', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'check-'));
  const slow = `user: ${SLOW}, query_sets: [slow], query_timeout: 60s, scrape_timeout: 60s, max_connections: 1`;
  const targets = `query_files: [queries.yml]\ntargets:\n  quick: {address: "127.0.0.1:${first.port}", user: ${SLOW}, password: pw, query_sets: [own]}\n${fleet(30, slow)}`;
  await writeFile(join(folder, 'targets.yml'), targets);
  await writeFile(join(folder, 'queries.yml'), QUERIES);
  const [command = '', ...args] = [...PROGRAM, 'check', '--all-targets', '--format=json'];
  const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // One place has been free since the quick one was answered.
  await eventually(async () => assert.equal((await first.statementsRunning(SLOW)).length, 20));
  child.kill('SIGINT');
  const [code] = (await once(child, 'close')) as [number | null];
  await rm(folder, { recursive: true });
  assert.equal(code, 130);
  assert.equal(stderr, 'SIGINT: 1 of 31 targets were asked\n');
  assert.deepEqual(
    (JSON.parse(stdout) as readonly InJson[]).map(({ target, up }) => [target, up]),
    [['quick', true]],
  );
  assert.deepEqual(await first.untilIdle(SLOW), []);
});
