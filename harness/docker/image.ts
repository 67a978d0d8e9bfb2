/**
 * The image of the exporter, built of this repository as its README says.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { docker, dockerLines } from './engine.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export const DEBIAN = 'debian:bookworm-slim';

/** What is built on: nothing, or a Debian with its programs. */
export type Base = 'bare' | typeof DEBIAN;

export interface Built {
  readonly name: string;
  readonly seconds: number;
  /** Unpacked, as `docker images` shows it. */
  readonly megabytes: number;
}

/** Names of its own, so that no image of yours is replaced; layers that were built before are used again. */
export async function buildImage(base: Base): Promise<Built> {
  const name = `mysql-query-exporter-trial:${base === 'bare' ? 'bare' : 'debian'}`;
  const began = performance.now();
  const args = ['build', '--tag', name, '--build-arg', `BASE=${base}`, ...(await authorities()), '.'];
  await docker(args, { cwd: ROOT });
  const seconds = (performance.now() - began) / 1000;
  return { name, seconds, megabytes: await megabytesOf(name) };
}

export async function megabytesOf(image: string): Promise<number> {
  const [bytes = ''] = await dockerLines('image', 'inspect', '--format', '{{.Size}}', image);
  return Number(bytes) / 1e6;
}

/** Whom npm trusts on this machine besides the usual, the build trusts too. */
async function authorities(): Promise<readonly string[]> {
  const { stdout } = await run('npm', ['config', 'get', 'cafile']);
  const file = stdout.trim();
  return file.startsWith('/') ? ['--secret', `id=authorities,src=${file}`] : [];
}
