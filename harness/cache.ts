/**
 * The cache folder: software and empty databases that take seconds to make and are made once per machine.
 *
 * An entry is a folder that appears complete or not at all. Processes that want the same entry at the same
 * time make it once.
 */
import { lstat, mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'mysql-query-exporter');
}

/** The folder of a cache entry; `fill` makes its contents when it is not there yet. */
export async function cached(entry: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), entry);
  if (await exists(folder)) return folder;
  await mkdir(cacheFolder(), { recursive: true });
  const lock = `${folder}.lock`;
  const unfinished = `${folder}.unfinished-${process.pid}`;
  await takeLock(lock);
  try {
    if (await exists(folder)) return folder;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished);
    await fill(unfinished);
    await rename(unfinished, folder).catch(async (cause: unknown) => {
      // Somebody made it without our lock (see takeLock): theirs is as good as ours.
      if (!(await exists(folder))) throw cause;
    });
    return folder;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
    await rm(lock, { force: true });
  }
}

const WAIT_MS = 50;
const LONGEST_WAIT_MS = 300_000;

/**
 * A symbolic link that points to our process id: made and read in one step each, so a lock without its owner
 * is never seen. It only saves work: should two processes both believe that they hold it (a stale lock taken
 * over twice, or the longest wait over), the renaming above decides and both get a complete entry.
 */
async function takeLock(lock: string): Promise<void> {
  const giveUp = performance.now() + LONGEST_WAIT_MS;
  while (performance.now() < giveUp) {
    try {
      await symlink(String(process.pid), lock);
      return;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    }
    const owner = Number(await readlink(lock).catch(() => ''));
    if (owner > 0 && !isAlive(owner)) await rm(lock, { force: true });
    else await delay(WAIT_MS);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}
