/**
 * MySQL Router in front of database servers, with fixed destinations: no cluster has to tell it where they are.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeFolder, startChild, stopChild, temporaryFolder } from '../children.ts';
import { freePort } from '../free-port.ts';
import { findMysqlRouter } from '../programs.ts';
import type { DatabaseServer } from '../server-process.ts';
import { portReady } from './port-ready.ts';

/**
 * What Router does with the protocol: only passes it on, speaks TLS and greets itself, or besides gives a connection
 * to the server back while its client is silent, so that clients share them.
 */
export const ROUTER_MODES = ['passing', 'terminating', 'sharing'] as const;

export type RouterMode = (typeof ROUTER_MODES)[number];

export interface MysqlRouter {
  readonly ports: Readonly<Record<RouterMode, number>>;
  readonly stop: () => Promise<void>;
}

/** @param servers are asked by turns; the first lends its certificate */
export async function startMysqlRouter(servers: readonly DatabaseServer[]): Promise<MysqlRouter> {
  const program = await findMysqlRouter();
  const folder = temporaryFolder('router');
  const ports = { passing: await freePort(), terminating: await freePort(), sharing: await freePort() };
  const config = join(folder, 'router.conf');
  const log = join(folder, 'router.log');
  for (const name of ['run', 'data']) await mkdir(join(folder, name));
  const lines = [
    '[DEFAULT]',
    `plugin_folder = ${join(dirname(dirname(program.path)), 'lib/mysqlrouter/plugin')}`,
    'logging_folder =',
    `runtime_folder = ${join(folder, 'run')}`,
    `data_folder = ${join(folder, 'data')}`,
    ...['[logger]', 'level = INFO', '[io]', 'threads = 2'],
    ...['[connection_pool]', 'max_idle_server_connections = 8'],
    ...ROUTER_MODES.flatMap((mode) => routingLines(mode, ports[mode], servers)),
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  const child = await startChild({
    command: program.command,
    args: [...program.prefix, '-c', config],
    log,
  });
  for (const mode of ROUTER_MODES) await portReady(child, ports[mode], log);
  return {
    ports,
    stop: async () => {
      await stopChild(child);
      removeFolder(folder);
    },
  };
}

function routingLines(mode: RouterMode, port: number, servers: readonly DatabaseServer[]): readonly string[] {
  const certificate = (name: string) => join(servers[0]?.datadir ?? '', name);
  const own = [
    'client_ssl_mode = PREFERRED',
    'server_ssl_mode = PREFERRED',
    `client_ssl_cert = ${certificate('server-cert.pem')}`,
    `client_ssl_key = ${certificate('server-key.pem')}`,
  ];
  const settings: Readonly<Record<RouterMode, readonly string[]>> = {
    passing: ['client_ssl_mode = PASSTHROUGH', 'server_ssl_mode = AS_CLIENT'],
    terminating: own,
    sharing: [...own, 'connection_sharing = 1', 'connection_sharing_delay = 0.1'],
  };
  return [
    `[routing:${mode}]`,
    'bind_address = 127.0.0.1',
    `bind_port = ${port}`,
    'routing_strategy = round-robin',
    `destinations = ${servers.map((server) => `127.0.0.1:${server.port}`).join(',')}`,
    ...settings[mode],
  ];
}
