/**
 * HAProxy in front of database servers, in TCP mode: it knows connections, not what is said on them.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Child, removeFolder, startChild, stopChild, temporaryFolder } from '../children.ts';
import { freePort } from '../free-port.ts';
import { findHaproxy } from '../programs.ts';
import { portReady } from './port-ready.ts';

export interface Haproxy {
  readonly port: number;
  /**
   * As an operator reloads: a new process takes new connections, and the old one ends with those that it has.
   *
   * @param servers as of {@link startHaproxy}
   */
  readonly reload: (servers: readonly string[]) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** @param servers lines of its configuration behind `server NAME`, such as `127.0.0.1:3306 check` */
export async function startHaproxy(servers: readonly string[]): Promise<Haproxy> {
  const program = await findHaproxy();
  const folder = temporaryFolder('haproxy');
  const port = await freePort();
  const config = join(folder, 'haproxy.cfg');
  const log = join(folder, 'haproxy.log');
  const children: Child[] = [];
  const start = async (lines: readonly string[]) => {
    const old = children.at(-1);
    await writeFile(config, configFor(port, lines));
    const child = await startChild({
      command: program.command,
      args: [...program.prefix, '-db', '-f', config, ...(old === undefined ? [] : ['-sf', String(old.pid)])],
      log,
    });
    children.push(child);
    await portReady(child, port, log);
  };
  await start(servers);
  return {
    port,
    reload: start,
    stop: async () => {
      await Promise.all(children.map((child) => stopChild(child)));
      removeFolder(folder);
    },
  };
}

const configFor = (port: number, servers: readonly string[]): string => `
global
  maxconn 200
defaults
  mode tcp
  timeout connect 2s
  timeout client 1m
  timeout server 1m
  timeout check 1s
  default-server inter 200ms fall 2 rise 2
listen mysql
  bind 127.0.0.1:${port}
  balance roundrobin
${servers.map((server, i) => `  server s${i} ${server}\n`).join('')}`;
