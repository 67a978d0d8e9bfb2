/**
 * The exporter as the lab runs it: a child process from the sources, with the repository's own targets.yml.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Child, startChild } from './children.ts';
import { httpReady } from './http-ready.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export interface Service {
  readonly child: Child;
  readonly url: string;
  readonly log: string;
}

/** `env` names the servers: the variables that targets.yml asks for. */
export async function startExporter(
  folder: string,
  port: number,
  env: Readonly<Record<string, string>>,
): Promise<Service> {
  const log = join(folder, 'exporter.log');
  const address = `127.0.0.1:${port}`;
  const child = await startChild({
    command: process.execPath,
    args: [
      ...['--import', 'tsx', join(ROOT, 'src/cli.ts'), 'serve'],
      ...['--config.file', join(ROOT, 'targets.yml'), '--web.listen-address', address],
    ],
    env: { ...process.env, ...env },
    log,
  });
  const url = `http://${address}`;
  await httpReady(child, `${url}/-/ready`, log);
  return { child, url, log };
}
