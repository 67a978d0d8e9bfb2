/** Where the exporter listens: several addresses, socket files, sockets of systemd; and what it says of an open port. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { freePort } from '../../../harness/free-port.ts';
import { createAuthority } from '../../support/certificates.ts';
import { eventually } from '../../support/eventually.ts';
import { Exporter, PROGRAM, runCommand } from '../../support/exporter.ts';
import { askOnSession, openSession } from '../../support/port/secure-client.ts';

const folder = await mkdtemp(join(tmpdir(), 'listen-'));
const authority = await createAuthority();
after(() => Promise.all([authority.remove(), rm(folder, { recursive: true, force: true })]));
const targets = 'targets: {nowhere: {address: "127.0.0.1:1", user: x}}\n';
const files = { 'targets.yml': targets };

/** GET over a socket file. */
async function getAt(socketPath: string, path: string): Promise<number> {
  const sent = request({ socketPath, path, agent: false }).end();
  const [response] = await once(sent, 'response');
  response.resume();
  return response.statusCode;
}

const portsOf = ({ log }: Exporter) =>
  [...log.matchAll(/msg=listening .*port=(\d+)/g)].map(([, port]) => Number(port));

test('several addresses and a socket file are one server, and end together', async () => {
  const path = join(folder, 'several.sock');
  const exporter = await Exporter.start(
    files,
    ...['--web.listen-address=127.0.0.1:0', `--web.listen-address=unix://${path}`],
  );
  await eventually(() => assert.match(exporter.log, /address=unix:/));
  const ports = portsOf(exporter);
  assert.equal(new Set(ports).size, 2);
  for (const port of ports) assert.equal((await fetch(`http://127.0.0.1:${port}/-/ready`)).status, 200);
  assert.equal(await getAt(path, '/-/ready'), 200);
  assert.equal((await stat(path)).mode & 0o777, 0o660);
  exporter.signal('SIGTERM');
  assert.equal(await exporter.exited(), 0);
  assert.equal(existsSync(path), false);
});

test('a socket file that a killed process has left is replaced, one in use is not', async () => {
  const path = join(folder, 'stale.sock');
  const flag = `--web.listen-address=unix://${path}`;
  const killed = await Exporter.start(files, flag);
  await eventually(() => assert.match(killed.log, /address=unix:/));
  const second = await runCommand(files, 'serve', flag);
  assert.equal(second.code, 1);
  assert.match(
    second.stderr,
    /^cannot listen on unix:\/\/.*: another program listens on this socket; choose with/,
  );
  assert.equal(await getAt(path, '/-/ready'), 200);
  killed.signal('SIGKILL');
  await killed.exited();
  assert.equal(existsSync(path), true);
  await using exporter = await Exporter.start(files, flag);
  await eventually(() => assert.match(exporter.log, /address=unix:/));
  assert.equal(await getAt(path, '/-/ready'), 200);
});

test('a file of another kind is left alone', async () => {
  const path = join(folder, 'precious');
  await writeFile(path, 'precious');
  const { code, stderr } = await runCommand(files, 'serve', `--web.listen-address=unix://${path}`);
  assert.equal(code, 1);
  assert.match(stderr, /there is a file of another kind, which is left alone/);
  assert.equal(existsSync(path), true);
});

/** As systemd does: descriptors from 3 on, and the process that they are for by its number. */
function activated(sockets: readonly Server[], cwd: string): ChildProcess {
  const descriptors = sockets.map((socket) => (socket as Server & { _handle: { fd: number } })._handle.fd);
  const script = `LISTEN_PID=$$ LISTEN_FDS=${sockets.length} exec "$@"`;
  return spawn('/bin/sh', ['-c', script, 'sh', ...PROGRAM, 'serve', '--web.systemd-socket'], {
    cwd,
    env: { ...process.env, LOG_LEVEL: '' },
    stdio: ['ignore', 'pipe', 'pipe', ...descriptors],
  });
}

test('sockets that systemd passes: TCP and a file, and no address besides', async () => {
  const path = join(folder, 'systemd.sock');
  await writeFile(join(folder, 'targets.yml'), targets);
  const tcp = createServer().listen(0, '127.0.0.1');
  const sockets = [tcp, createServer().listen(path)];
  await Promise.all(sockets.map((socket) => once(socket, 'listening')));
  const { port } = tcp.address() as AddressInfo;
  const child = activated(sockets, folder);
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  try {
    await eventually(() => assert.equal(log.match(/msg=listening/g)?.length, 2, log));
    // This process holds the sockets too, and must not take their connections.
    for (const socket of sockets) socket.close();
    assert.match(log, new RegExp(`port=${port}`));
    await eventually(async () => assert.equal((await fetch(`http://127.0.0.1:${port}/-/ready`)).status, 200));
  } finally {
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    assert.equal(code, 0, log);
  }
});

test('--web.systemd-socket without a socket is a wrong call', async () => {
  const { code, stderr } = await runCommand(files, 'serve', '--web.systemd-socket');
  assert.equal(code, 2);
  assert.match(stderr, /^error: --web.systemd-socket: no socket was passed/);
});

test('an address of other machines without a web file is one warning, loopback or a web file none', async () => {
  const starts = [
    { flags: ['--web.listen-address=0.0.0.0:0'], warnings: 1 },
    { flags: [], warnings: 0 },
    { flags: ['--web.listen-address=0.0.0.0:0', '--web.config.file=web.yml'], warnings: 0 },
  ];
  for (const { flags, warnings } of starts) {
    await using exporter = await Exporter.start({ ...files, 'web.yml': '' }, ...flags);
    const exposed = flags.length === 0 ? 1 : 2;
    await eventually(() => assert.equal(exporter.log.match(/msg=listening/g)?.length, exposed));
    await exporter.get('/-/ready');
    assert.equal(exporter.log.match(/level=warn/g)?.length ?? 0, warnings, exporter.log);
  }
});

test('a web file with mistakes ends the start, with all of them', async () => {
  const web = 'tls_server_config: {cert_file: nowhere.pem}\nbasic_auth_users: {alice: x}\n';
  const { code, stderr } = await runCommand(
    { ...files, 'web.yml': web },
    ...['serve', `--web.listen-address=127.0.0.1:${await freePort()}`, '--web.config.file=web.yml'],
  );
  assert.equal(code, 1);
  assert.equal(stderr.match(/^web\.yml:\d+:\d+: error: /gm)?.length, 3, stderr);
});

test('check looks at the web file, alone or beside others', async () => {
  const all = { ...files, 'good.yml': 'rate_limit: {interval: 1s}\n', 'bad.yml': 'users: {}\n' };
  const check = (...args: readonly string[]) => runCommand(all, 'check', ...args);
  const alone = await check('--web.config.file=good.yml');
  assert.deepEqual([alone.code, alone.stdout.split('\n').at(-2)], [0, 'good.yml: no errors, 1 warning']);
  const both = await check('targets.yml', '--web.config.file=bad.yml');
  assert.equal(both.code, 1);
  assert.match(both.stdout, /^bad\.yml:1:1: error: unknown key "users"/);
  const json = await check('targets.yml', '--web.config.file=bad.yml', '--format=json');
  assert.equal(json.code, 1);
  assert.deepEqual(
    (JSON.parse(json.stdout) as { file: string }[]).map(({ file }) => file),
    ['bad.yml'],
  );
});

test('a stop lets clients over HTTP/2 go, and those in the middle of a handshake', async () => {
  const { certFile, keyFile } = await authority.issue('DNS:localhost');
  const exporter = await Exporter.start(
    { ...files, 'web.yml': `tls_server_config: {cert_file: ${certFile}, key_file: ${keyFile}}\n` },
    '--web.config.file=web.yml',
  );
  const port = Number(new URL(exporter.url).port);
  const session = await openSession({ port, ca: authority.cert, servername: 'localhost' });
  assert.equal((await askOnSession(session, '/-/healthy')).status, 200);
  const halfOpen = connect(port, '127.0.0.1').on('error', () => {});
  await once(halfOpen, 'connect');
  assert.equal((await askOnSession(session, '/-/healthy')).status, 200);
  const startedAt = performance.now();
  exporter.signal('SIGTERM');
  assert.equal(await exporter.exited(), 0);
  assert.ok(performance.now() - startedAt < 4_000, 'it waited for a client');
});
