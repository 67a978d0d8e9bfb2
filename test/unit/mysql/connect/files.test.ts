/**
 * Files that hang: a FIFO that nobody writes to keeps the thread that opens it, as a mount does whose server is gone.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { constants } from 'node:fs';
import { mkdtemp, open as openFile, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Deadline } from '../../../../src/deadline.ts';
import { readShared } from '../../../../src/mysql/connect/files.ts';
import { eventually } from '../../../support/eventually.ts';

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'files-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A writer ends each wait; it does not wait itself where a reader is there. */
async function endWaits(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    for (;;) {
      const writer = await openFile(path, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined);
      await writer?.close();
      if (writer !== undefined) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

test('files that hang keep two threads, and those who wait no longer than they want', async (t) => {
  const folder = await folderOf(t);
  const paths = Array.from({ length: 4 }, (_, n) => join(folder, `hangs-${n}`));
  execFileSync('mkfifo', paths);
  const plain = join(folder, 'plain');
  await writeFile(plain, 'here');
  using until = Deadline.after(300);
  const waiting = [...paths, ...paths].map((path) => readShared(path, until));
  // Other files, which take other threads.
  assert.equal(await readFile(plain, 'utf8'), 'here');
  for (const read of await Promise.all(waiting)) assert.match(read.ok ? '' : read.detail, /not read in time/);
  await endWaits(paths);
  using later = Deadline.after(20_000);
  assert.deepEqual(await readShared(plain, later), { ok: true, bytes: Buffer.from('here') });
});

test('a file that begins to hang has its earlier content', async (t) => {
  const path = join(await folderOf(t), 'file');
  await writeFile(path, 'before');
  using until = Deadline.after(20_000);
  await readShared(path, until);
  await rm(path);
  execFileSync('mkfifo', [path]);
  const startedAt = performance.now();
  assert.deepEqual(await readShared(path, until), { ok: true, bytes: Buffer.from('before') });
  assert.ok(performance.now() - startedAt < 10_000);
  await endWaits([path]);
  await rm(path);
  // What was under way may be shared once more.
  await eventually(async () => {
    const read = await readShared(path, until);
    assert.match(read.ok ? '' : read.detail, /ENOENT/);
  });
});

test('a file is read once for all who want it at the same time, and anew after that', async (t) => {
  const path = join(await folderOf(t), 'file');
  await writeFile(path, 'one');
  using until = Deadline.after(20_000);
  const [one, other] = await Promise.all([readShared(path, until), readShared(path, until)]);
  assert.equal(one, other);
  await writeFile(path, 'two');
  assert.deepEqual(await readShared(path, until), { ok: true, bytes: Buffer.from('two') });
});

test('what cannot be read, or is no password, says why', async (t) => {
  const folder = await folderOf(t);
  using until = Deadline.after(20_000);
  assert.deepEqual(await readShared(join(folder, 'none'), until), {
    ok: false,
    detail: 'cannot be read (ENOENT)',
  });
  assert.deepEqual(await readShared(folder, until), { ok: false, detail: 'cannot be read (EISDIR)' });
  await writeFile(join(folder, 'large'), Buffer.alloc((1 << 20) + 1));
  assert.match(
    JSON.stringify(await readShared(join(folder, 'large'), until)),
    /1048577 bytes, more than 1048576/,
  );
});
