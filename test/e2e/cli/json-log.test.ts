/** With --log.format=json every line on standard error is JSON, from the first on, whatever is wrong. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, test } from 'node:test';
import { runCommand } from '../../support/exporter.ts';

const taken = createServer().listen(0, '127.0.0.1');
await once(taken, 'listening');
after(() => taken.close());
const { port } = taken.address() as AddressInfo;

const target = 'targets: {a: {address: "127.0.0.1:1", user: u, password: p, query_sets: [global_status]}}\n';
const JSON_LOG = '--log.format=json';

const CASES = [
  { name: 'no configuration', files: {}, args: ['serve', JSON_LOG], says: /targets\.yml/ },
  {
    name: 'a broken one',
    files: { 'targets.yml': 'targets: {a: {colour: "\u009b"}}\n' },
    args: [JSON_LOG],
    says: /colour/,
  },
  { name: 'no YAML', files: { 'targets.yml': 'a: [\n' }, args: ['serve', '--log.format', 'json'], says: /./ },
  {
    name: 'a port that is taken',
    files: { 'targets.yml': target },
    args: [JSON_LOG, `--web.listen-address=127.0.0.1:${port}`],
    says: /cannot listen on .*another program/,
  },
  { name: 'an unknown option', files: {}, args: [JSON_LOG, '--colour'], says: /unknown option '--colour'/ },
  {
    name: 'a wrong value',
    files: {},
    args: ['serve', JSON_LOG, '--web.max-requests=no'],
    says: /whole number/,
  },
  { name: 'an unknown command', files: {}, args: [JSON_LOG, 'sevre'], says: /unknown command/ },
  {
    name: 'two configurations',
    files: {},
    args: [JSON_LOG, '--config=a', '--config.file=b'],
    says: /cannot be used/,
  },
  { name: 'grants', files: { 'targets.yml': 'a: 1\n' }, args: ['grants', JSON_LOG], says: /a/ },
] as const;

for (const { args, files, name, says } of CASES)
  test(name, async () => {
    const { code, stderr } = await runCommand(files, ...args);
    assert.ok(code === 1 || code === 2, `exit code ${code}`);
    const lines = stderr.trimEnd().split('\n');
    for (const line of lines) {
      assert.match(line, /^[ -~]+$/);
      const { level, msg, time } = JSON.parse(line) as Readonly<Record<string, unknown>>;
      assert.ok(level === 'error' || level === 'warn', String(level));
      assert.equal(new Date(String(time)).toISOString(), time);
      assert.equal(typeof msg, 'string');
    }
    assert.match(stderr, says);
  });

test('a diagnostic has its place in fields', async () => {
  const { stderr } = await runCommand({ 'targets.yml': 'targets: {a: {colour: red}}\n' }, JSON_LOG);
  const found = stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .find(({ msg }) => String(msg).includes('colour'));
  assert.deepEqual([found?.['file'], found?.['line'], found?.['level']], ['targets.yml', 1, 'error']);
});

test('in the other form diagnostics are for people and editors, in visible characters', async () => {
  const { stderr } = await runCommand(
    { 'targets.yml': 'targets: {a: {"co\u009b2Jlo\u202eur": red}}\n' },
    'serve',
  );
  assert.match(stderr, /^targets\.yml:1:\d+: error: /);
  assert.match(stderr, /^[ -~\n]+$/);
  assert.match(stderr, /co\\u\{9b\}2Jlo\\u\{202e\}ur/);
});
