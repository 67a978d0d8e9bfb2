/** `config NAME` as people run it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../../support/exporter.ts';

const FILES = {
  'targets.yml': `defaults: {user: u, query_sets: [global_status]}
groups:
  prod: {query_timeout: 7s, queries: {global_status/redo_log: {enabled: false}}}
targets:
  db1: {address: "10.0.0.1:3306", groups: [prod], password: hunter2}
  "*.example.internal:3306": {max_names: 7}
`,
};

test('config prints the settings of a target, with the line of each and no secret', async () => {
  const { code, stderr, stdout } = await runCommand(FILES, 'config', 'db1');
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(
    stdout,
    `query_files:
  - builtin # built-in
defaults:
  target_labels: false # built-in
groups:
  prod: {}
targets:
  db1:
    address: 10.0.0.1:3306 # target, targets.yml:5
    enabled: true # built-in
    groups:
      - prod # target, targets.yml:5
    user: u # defaults, targets.yml:1
    password: <secret> # target, targets.yml:5
    tls:
      mode: preferred # built-in
      full_login: any # built-in
    allow_public_key_retrieval: false # built-in
    query_sets:
      - global_status # defaults, targets.yml:1
    queries:
      global_status/redo_log:
        enabled: false # group prod, targets.yml:3
    max_connections: 3 # built-in
    connect_timeout: 3s # built-in
    query_timeout: 7s # group prod, targets.yml:3
    scrape_timeout: 10s # built-in
    idle_timeout: 5m # built-in
    max_connection_age: 10m # built-in
    max_load: 10% # built-in
`,
  );
});

test('config of a name that a pattern matches', async () => {
  const { code, stdout } = await runCommand(FILES, 'config', 'x.example.internal:3306');
  assert.equal(code, 0);
  assert.match(stdout, /^ {4}address: x\.example\.internal:3306 # name$/m);
  assert.match(stdout, /^ {4}# max_names: 7 {2}# pattern \*\.example\.internal:3306, targets\.yml:6$/m);
});

test('config of a name that there is not, and of a broken file', async () => {
  assert.deepEqual(await runCommand(FILES, 'config', 'db2'), {
    code: 2,
    stdout: '',
    stderr: 'unknown target "db2"; did you mean "db1"?\n',
  });
  const broken = await runCommand({ 'targets.yml': 'targets: {a: {addres: h}}\n' }, 'config', 'a');
  assert.deepEqual([broken.code, broken.stdout], [1, '']);
  assert.match(broken.stderr, /unknown key "addres"/);
});

test('config of a file of query-exporter-simple: the settings, without lines of it', async () => {
  const simple = {
    'config.yml':
      'dsn: u:hunter2@tcp(10.0.0.1:3306)/\nmetrics: {one: {query: SELECT 1 AS v, type: gauge, description: D, labels: [], value: v}}\n',
  };
  const { code, stdout } = await runCommand(simple, 'config', 'default', '--config', 'config.yml');
  assert.equal(code, 0);
  assert.match(stdout, /^ {4}address: 10\.0\.0\.1:3306$[\s\S]*^ {4}password: <secret>$/m);
  assert.doesNotMatch(stdout, /#|hunter2/);
});
