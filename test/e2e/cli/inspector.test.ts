/** SIGUSR1 opens no inspector: the process goes on, and listens on no other port. */
import assert from 'node:assert/strict';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Exporter } from '../../support/exporter.ts';

const LISTEN = '0A';

/** Ports that a process listens on, of both families. */
async function listeningPorts(pid: number): Promise<readonly number[]> {
  const files = await readdir(`/proc/${pid}/fd`);
  const links = await Promise.all(files.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  const own = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((kind) => readFile(`/proc/${pid}/net/${kind}`, 'utf8')),
  );
  return tables
    .flatMap((table) => table.trim().split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === LISTEN && own.has(inode))
    .map(([, local = '']) => Number.parseInt(local.split(':')[1] ?? '', 16));
}

test('SIGUSR1 is ignored', async () => {
  await using exporter = await Exporter.start({
    'targets.yml':
      'targets: {a: {address: "127.0.0.1:1", user: u, password: p, query_sets: [global_status]}}\n',
  });
  const before = await listeningPorts(exporter.pid);
  assert.deepEqual(before, [Number(new URL(exporter.url).port)]);
  exporter.signal('SIGUSR1');
  await sleep(500);
  assert.deepEqual(await listeningPorts(exporter.pid), before);
  assert.doesNotMatch(exporter.log, /Debugger/);
  assert.equal((await exporter.get('/-/healthy')).status, 200);
});
