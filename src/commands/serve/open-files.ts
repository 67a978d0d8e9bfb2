/** How many files, sockets among them, this process may have open. */
import { readFileSync } from 'node:fs';

/** Undefined where the system does not tell. Node.js has raised the soft limit to the hard one when it started. */
export function openFilesLimit(): number | undefined {
  try {
    const [, limit] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined; // not Linux
  }
}
