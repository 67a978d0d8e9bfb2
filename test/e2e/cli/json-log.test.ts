/** With --log.format=json every line on standard error is JSON, from the first on, whatever is wrong. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, test } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { Exporter, runCommand } from '../../support/exporter.ts';

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
  {
    name: 'a web file with mistakes',
    files: { 'targets.yml': target, 'web.yml': 'tls_server_config: {cert_file: a\u0007}\nusers: {}\n' },
    args: ['serve', JSON_LOG, '--web.config.file=web.yml', '--web.listen-address=127.0.0.1:0'],
    says: /"file":"web.yml","line":2/,
  },
  {
    name: 'no web file',
    files: { 'targets.yml': target },
    args: [JSON_LOG, '--web.config.file=nowhere.yml', '--web.listen-address=127.0.0.1:0'],
    says: /the file does not exist/,
  },
  {
    name: 'a socket file in no folder',
    files: { 'targets.yml': target },
    args: [JSON_LOG, '--web.listen-address=unix:///nowhere/at/all.sock'],
    says: /the folder does not exist/,
  },
  {
    name: 'no address',
    files: {},
    args: [JSON_LOG, '--web.listen-address=9104'],
    says: /Expected \[HOST\]:PORT/,
  },
  {
    name: 'no socket from systemd',
    files: { 'targets.yml': target },
    args: [JSON_LOG, '--web.systemd-socket'],
    says: /no socket was passed/,
  },
  { name: 'no URL', files: {}, args: [JSON_LOG, '--web.external-url=here'], says: /Expected a URL/ },
  {
    name: 'no duration',
    files: {},
    args: [JSON_LOG, '--config.auto-reload-interval=often'],
    says: /duration/,
  },
  {
    name: 'probe: an unknown target',
    files: { 'targets.yml': target },
    args: ['probe', 'b', JSON_LOG],
    says: /unknown target/,
  },
  {
    name: 'probe: a target that is down',
    files: { 'targets.yml': target },
    args: ['probe', 'a', JSON_LOG],
    says: /target a is down: refused/,
  },
  {
    name: 'probe: an unknown query',
    files: { 'targets.yml': target },
    args: ['probe', 'a', '--query=a/b', JSON_LOG],
    says: /unknown query/,
  },
  {
    name: 'probe: a query of a target that is down',
    files: { 'targets.yml': target },
    args: ['probe', 'a', '--query=global_status/status', JSON_LOG],
    says: /./,
  },
  {
    name: 'check: an unknown target',
    files: { 'targets.yml': target },
    args: ['check', '--target=b', JSON_LOG],
    says: /unknown target/,
  },
  {
    name: 'check: two configurations with one target',
    files: { 'targets.yml': target, 'b.yml': target },
    args: ['check', 'targets.yml', 'b.yml', '--target=a', JSON_LOG],
    says: /all have targets/,
  },
  {
    name: 'check: mistakes beside targets as JSON',
    files: { 'targets.yml': target, 'q.yml': 'query_sets: {a: {}}\n' },
    args: ['check', 'targets.yml', 'q.yml', '--all-targets', '--format=json', JSON_LOG],
    says: /"file":"q.yml"/,
  },
  {
    name: 'sd: an unknown group',
    files: { 'targets.yml': target },
    args: ['sd', '--group=b', JSON_LOG],
    says: /unknown group/,
  },
  {
    name: 'grants: an unknown query set',
    files: { 'targets.yml': target },
    args: ['grants', 'b', JSON_LOG],
    says: /unknown query set/,
  },
  { name: 'grants', files: { 'targets.yml': 'a: 1\n' }, args: ['grants', JSON_LOG], says: /a/ },
] as const;

for (const { args, files, name, says } of CASES)
  test(name, async () => {
    const { code, stderr } = await runCommand(files, ...args);
    assert.ok(code === 1 || code === 2, `exit code ${code}`);
    for (const { level } of linesOf(stderr)) assert.ok(level === 'error' || level === 'warn', String(level));
    assert.match(stderr, says);
  });

type Line = Readonly<Record<string, unknown>>;

/** All that was written, each line with what a line of the log has. */
function linesOf(stderr: string): readonly Line[] {
  return stderr
    .trimEnd()
    .split('\n')
    .map((line) => {
      assert.match(line, /^[ -~]+$/);
      const read = JSON.parse(line) as Line;
      assert.equal(new Date(String(read['time'])).toISOString(), read['time']);
      assert.equal(typeof read['msg'], 'string');
      return read;
    });
}

test('reloads, whatever is wrong with the files', async () => {
  const good = { 'targets.yml': target, 'web.yml': 'rate_limit: {interval: 1ms, burst: 1000}\n' };
  await using exporter = await Exporter.start(good, JSON_LOG, '--web.config.file=web.yml');
  const says = (what: RegExp) => eventually(() => assert.match(exporter.log, what));
  await exporter.write({ 'targets.yml': 'targets: {a: {colour: red}}\n' });
  exporter.signal('SIGHUP');
  await says(/"level":"error".*colour/);
  await exporter.write({ 'targets.yml': target, 'web.yml': 'users: {}\n' });
  assert.equal((await exporter.get('/-/reload', { method: 'POST' })).status, 500);
  await says(/"level":"error".*users/);
  await exporter.write({ 'targets.yml': target.replace('a:', 'b:'), 'web.yml': good['web.yml'] });
  assert.equal((await exporter.get('/-/reload', { method: 'POST' })).status, 200);
  await exporter.get('/probe?target=b');
  await says(/target is down/);
  exporter.signal('SIGTERM');
  assert.equal(await exporter.exited(), 0);
  assert.equal(linesOf(exporter.log).at(-1)?.['msg'], 'stopped');
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
