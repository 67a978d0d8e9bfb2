/** How many files, sockets among them, this process may have open, and who gets them. */
import { readFileSync } from 'node:fs';

export interface Shares {
  /** Of connections to all targets. */
  readonly connections: number;
  readonly clients: number;
}

/** For log, event loop, name servers and statements to be ended. */
const OTHER_FILES = 96;
/** For clients besides those that wait for probes: who asks for health, and who is idle. */
const OTHER_CLIENTS = 32;
const LEAST_CLIENTS = 8;
/** Where files are plenty. Some Prometheus servers keep a connection for each of a thousand targets. */
const IDLE_CLIENTS = 4_096;

/**
 * Shares the files out: neither can clients take what connections to the targets need, nor these what clients need.
 *
 * @param files the limit; undefined where the system does not tell
 */
export function shareFiles(files: number | undefined, maxConnections: number, maxRequests: number): Shares {
  const most = maxRequests + IDLE_CLIENTS;
  if (files === undefined) return { connections: maxConnections, clients: most };
  const room = files - OTHER_FILES;
  const connections = Math.min(maxConnections, Math.max(1, room - maxRequests - OTHER_CLIENTS));
  return { connections, clients: Math.min(most, Math.max(LEAST_CLIENTS, room - connections)) };
}

/** Undefined where the system does not tell. Node.js has raised the soft limit to the hard one when it started. */
export function openFilesLimit(): number | undefined {
  try {
    const [, limit] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined; // not Linux
  }
}
