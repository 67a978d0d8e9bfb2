/** Starting with bad input, and the one-shot command: messages, streams and exit codes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { PROGRAM, runCommand } from '../../support/exporter.ts';
import { metricValue } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const servers = await realServers();

const QUERIES = `
query_sets:
  mixed:
    namespace: test
    metrics:
      good: {query: SELECT 1 AS v, type: gauge, description: Good, value: v}
      bad: {query: SELECT 1 AS AS v, type: gauge, description: Bad, value: v}
  fine: {namespace: test, metrics: {fine: {query: SELECT 1 AS v, type: gauge, description: Fine, value: v}}}
`;

const files = {
  'targets.yml': `
query_files: [queries.yml]
defaults: {user: exporter, password: exporter, query_sets: [mixed]}
targets:
${servers.map(({ name, port }) => `  ${name}: {address: "127.0.0.1:${port}"}`).join('\n')}
  dead: {address: "127.0.0.1:1"}
`,
  'queries.yml': QUERIES,
};

test('a broken configuration ends the start with every error and its place', async () => {
  const { code, stderr, stdout } = await runCommand(
    {
      'targets.yml': `query_files: [queries.yml]
defaults: {user: exporter, password: exporter, query_timeot: 5s}
targets:
  a: {address: "127.0.0.1:1", query_sets: [mixd]}
  b: {adress: "127.0.0.1:1"}
`,
      'queries.yml': QUERIES,
    },
    'serve',
  );
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.deepEqual(
    stderr
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/: error:.*(did you mean "\w+").*/, ' $1')),
    [
      'targets.yml:2:48 did you mean "query_timeout"',
      'targets.yml:4:44 did you mean "mixed"',
      'targets.yml:5:7 did you mean "address"',
    ],
  );
});

test('a file that is not YAML', async () => {
  const { code, stderr } = await runCommand({ 'targets.yml': 'targets: [\n' }, '--config.file=targets.yml');
  assert.equal(code, 1);
  assert.match(stderr, /^targets\.yml:\d+:\d+: error: /);
});

test('a missing file', async () => {
  const { code, stderr } = await runCommand({}, '--config.file=nowhere.yml');
  assert.equal(code, 1);
  assert.match(stderr, /nowhere\.yml/);
});

test('a port that is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const address = taken.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const { code, stderr } = await runCommand(files, 'serve', `--web.listen-address=127.0.0.1:${port}`);
  taken.close();
  assert.equal(code, 1);
  assert.equal(
    stderr,
    `cannot listen on 127.0.0.1:${port}: another program uses this port; choose with --web.listen-address\n`,
  );
});

const usage = [
  { args: ['--web.listen-address=9104'], message: /Expected \[HOST\]:PORT, such as :9104\./ },
  { args: ['--timeout-offset=soon'], message: /Expected seconds, such as 0\.25\./ },
  { args: ['--log.level=loud'], message: /Allowed choices are debug, info, warn, error\./ },
  { args: ['--config.fil=x'], message: /unknown option '--config\.fil=x'.*\n.*Did you mean --config\.file/ },
  { args: ['probe'], message: /missing required argument 'name'/ },
  {
    args: ['chek'],
    message:
      /^error: unknown command "chek"; did you mean "check"\?\ncommands are: serve, probe, check, canary, config, grants, sd, schema, convert/,
  },
  {
    args: ['completely-else', 'x'],
    message: /^error: unknown command "completely-else"\ncommands are: serve, /,
  },
  { args: ['--log.level=info', 'chek'], message: /^error: unknown command "chek"; did you mean "check"\?\n/ },
  {
    args: ['--config.file=targets.yml', 'check'],
    message: /^error: the command "check" must stand before the options\n/,
  },
  { args: ['serve', 'check'], message: /^error: serve takes no argument, found "check"\n/ },
] as const;

for (const { args, message } of usage) {
  test(`${args.join(' ')} is a usage error`, async () => {
    const { code, stderr } = await runCommand(files, ...args);
    assert.match(stderr, message);
    assert.equal(code, 2);
  });
}

test('--version and --help', async () => {
  assert.match((await runCommand({}, '--version')).stdout, /^\d+\.\d+\.\d+\n$/);
  const { code, stdout } = await runCommand({}, '--help');
  assert.equal(code, 0);
  for (const word of ['serve', 'probe', 'check', 'schema']) assert.ok(stdout.includes(word));
});

for (const { name } of servers) {
  test(`probe ${name} prints the metrics, and a line per query on standard error`, async () => {
    const { code, stderr, stdout } = await runCommand(files, 'probe', name);
    assert.equal(code, 1, 'one query failed');
    assert.equal(metricValue(stdout, 'mysql_up'), 1);
    assert.equal(metricValue(stdout, 'test_good'), 1);
    assert.match(stderr, /^mixed\/good {2}[\d.]+ ms {2}1 row {2}ok$/m);
    assert.match(
      stderr,
      /^mixed\/bad {2}[\d.]+ ms {2}no rows {2}sql: You have an error in your SQL syntax.*\(1064\)$/m,
    );
    const fine = await runCommand(files, 'probe', name, '--query-set=fine');
    assert.equal(fine.code, 0);
    assert.equal(metricValue(fine.stdout, 'test_fine'), 1);
  });
}

test('probe of a dead target, of an unknown one, with an unknown set', async () => {
  const dead = await runCommand(files, 'probe', 'dead');
  assert.equal(dead.code, 1);
  assert.equal(metricValue(dead.stdout, 'mysql_up'), 0);
  assert.match(dead.stderr, /^target dead is down: refused: /m);
  const unknown = await runCommand(files, 'probe', 'daed');
  assert.deepEqual([unknown.code, unknown.stderr], [2, 'unknown target "daed"; did you mean "dead"?\n']);
  const set = await runCommand(files, 'probe', 'dead', '--query-set', 'mixd');
  assert.deepEqual([set.code, set.stderr], [2, 'unknown query set "mixd"; did you mean "mixed"?\n']);
});

test('a reader that has seen enough ends the output quietly', async () => {
  const [command = '', ...args] = [...PROGRAM, 'schema', 'queries'];
  const child = spawn(command, args);
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdout.destroy();
  const [code] = await once(child, 'close');
  assert.deepEqual([code, stderr], [0, '']);
});

const SKIPPED = {
  ...files,
  'queries.yml': `
query_sets:
  mixed:
    params: {on: {type: boolean, default: false}}
    metrics:
      elsewhere: {query: SELECT 1 AS v, type: gauge, description: D, value: v, requires: {min_version: "99"}}
      switched: {query: SELECT 1 AS v, type: gauge, description: D, value: v, only_if: on}
`,
};
for (const { name } of servers)
  test(`probe ${name} --query of one that is skipped says why`, async () => {
    const skipped = await runCommand(SKIPPED, 'probe', name, '--query=mixed/elsewhere');
    assert.deepEqual([skipped.code, skipped.stdout], [0, '']);
    assert.match(skipped.stderr, /^skipped: version: from version 99 on, and this is [\d.]+\n$/);
    assert.deepEqual(await runCommand(SKIPPED, 'probe', name, '--query=mixed/switched'), {
      code: 0,
      stdout: '',
      stderr: `skipped: only_if: the parameter "on" is false for ${name}, which switches the query off\n`,
    });
  });

test("query-exporter's two files swapped", async () => {
  const swapped = {
    'm.yml': 'x: {collects: [{query: SELECT 1, metrics: {}}]}\n',
    'd.yml': 'x: {a: {type: mysql, dsn: "@/"}}\n',
  };
  const { code, stderr } = await runCommand(swapped, '--config-database=m.yml', '--config-metrics=d.yml');
  assert.deepEqual(
    [code, stderr],
    [
      1,
      'm.yml:1:1: error: this is the metrics file of query-exporter, and its database file is named as the metrics: the two are swapped\n',
    ],
  );
});
