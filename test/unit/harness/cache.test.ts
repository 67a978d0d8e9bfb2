/**
 * Cache entries appear whole or not at all, and are made once by whoever asks at the same time.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { cached, cacheFolder } from '../../../harness/cache.ts';

// The hooks are for these tests alone: test/run-unit.ts loads many files into one process.
describe('the cache folder', () => {
  let home: string;
  const before = process.env['XDG_CACHE_HOME'];

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'mqe-cache-'));
    process.env['XDG_CACHE_HOME'] = home;
  });

  afterEach(async () => {
    if (before === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = before;
    await rm(home, { recursive: true });
  });

  test('an entry is made once, also for two who ask at the same time', async () => {
    let made = 0;
    const fill = async (folder: string) => {
      made++;
      await delay(100); // long enough for the other one to ask
      await writeFile(join(folder, 'content'), 'whole');
    };
    const folders = await Promise.all([cached('entry', fill), cached('entry', fill)]);
    assert.equal(made, 1);
    assert.equal(folders[0], folders[1]);
    assert.equal(await readFile(join(folders[0] as string, 'content'), 'utf8'), 'whole');
    assert.deepEqual(await readdir(cacheFolder()), ['entry']);
  });

  test('what could not be filled leaves nothing behind', async () => {
    const fail = async () => {
      throw new Error('no network');
    };
    await assert.rejects(cached('entry', fail), /no network/);
    assert.deepEqual(await readdir(cacheFolder()), []);
  });

  test('the lock of a process that is gone does not hold up anybody', async () => {
    await cached('first', async () => {}); // makes the cache folder
    await symlink('999999999', join(cacheFolder(), 'entry.lock')); // above any process id
    await cached('entry', async () => {});
    assert.deepEqual((await readdir(cacheFolder())).sort(), ['entry', 'first']);
  });
});
