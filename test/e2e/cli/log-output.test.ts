/** Standard error that cannot be written to: the exporter goes on, and counts what is lost. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { PROGRAM } from '../../support/exporter.ts';

/** With the level debug each probe is a line of the log. */
const CONFIG =
  'targets: {down: {address: "127.0.0.1:1", user: u, password: p, query_sets: [global_status]}}\n';
const LOST = /^query_exporter_log_lines_lost_total (\d+)$/m;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

interface Serving {
  readonly child: ChildProcess;
  readonly get: (path: string) => Promise<string>;
}

/** With standard error to a file descriptor, or to us. */
async function serve(t: TestContext, stderr: number | 'pipe', ...flags: readonly string[]): Promise<Serving> {
  const folder = await mkdtemp(join(tmpdir(), 'log-output-'));
  const port = await freePort();
  await writeFile(join(folder, 'targets.yml'), CONFIG);
  const args = ['serve', `--web.listen-address=127.0.0.1:${port}`, '--log.level=debug', ...flags];
  const [command = '', ...first] = PROGRAM;
  const child = spawn(command, [...first, ...args], {
    cwd: folder,
    env: { ...process.env, LOG_LEVEL: 'rubbish' }, // is written about before there is a log
    stdio: ['ignore', 'ignore', stderr],
  });
  t.after(async () => {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true });
  });
  const get = async (path: string) => await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  await eventually(() => get('/-/healthy'));
  return { child, get };
}

async function probeAndStop({ child, get }: Serving): Promise<void> {
  for (let n = 1; n <= 3; n++) {
    await get('/probe?target=down');
    await eventually(async () =>
      assert.ok(Number(LOST.exec(await get('/metrics'))?.[1]) >= n, 'not counted'),
    );
  }
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.equal(code, 0);
}

test('a full disk', async (t) => {
  const full = await open('/dev/full', 'w');
  t.after(() => full.close());
  await probeAndStop(await serve(t, full.fd));
});

test('a reader that has gone', async (t) => {
  const serving = await serve(t, 'pipe');
  assert.equal(LOST.exec(await serving.get('/metrics'))?.[1], '0');
  serving.child.stderr?.destroy();
  await probeAndStop(serving);
});
