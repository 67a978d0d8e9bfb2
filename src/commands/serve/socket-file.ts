/**
 * Socket files: one that a process has left behind is replaced, one that somebody listens on never.
 */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';

/** Makes room for a socket at a path. */
export async function clearSocketFile(path: string): Promise<'free' | 'used' | 'other_file' | 'no_folder'> {
  const found = await lstat(path).catch(() => undefined);
  // Node.js calls a missing folder a lack of rights: libuv has it so from Windows.
  if (found === undefined) return existsSync(dirname(path)) ? 'free' : 'no_folder';
  if (!found.isSocket()) return 'other_file';
  if (await isListening(path)) return 'used';
  await unlink(path).catch(() => {});
  return 'free';
}

async function isListening(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    // Whatever else it says, such as that this user may not connect, the socket is somebody's.
    return !(error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED');
  } finally {
    socket.destroy();
  }
}

/** Owner and group may connect, nobody else. */
const UMASK = 0o117;

/** Runs what makes a socket file, at once: there is no moment in which others may connect. */
export function withSocketMode(bind: () => void): void {
  const before = process.umask(UMASK);
  try {
    bind();
  } finally {
    process.umask(before);
  }
}
