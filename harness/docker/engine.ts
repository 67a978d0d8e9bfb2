/**
 * A Docker engine that is at hand: its program on the command line, and what it counts of a container.
 *
 * Knows nothing of our images. Which engine it is, is the program's own choice: DOCKER_HOST, a context, the default
 * socket.
 */
import { execFile } from 'node:child_process';
import { get, type RequestOptions } from 'node:http';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Building an image may fetch hundreds of packages. */
const MOST_MS = 900_000;

export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `docker` to its end. An Error has what it complains of. */
export async function docker(args: readonly string[], { cwd, env }: Options = {}): Promise<Printed> {
  try {
    const options = { cwd, env: { ...process.env, ...env }, timeout: MOST_MS, maxBuffer: 2 ** 26 };
    return await run('docker', [...args], options);
  } catch (cause) {
    const { stderr, stdout, message } = cause as Error & Partial<Printed>;
    const said = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-30).join('\n');
    throw new Error(`docker ${args.slice(0, 3).join(' ')} failed: ${said || message}`, { cause });
  }
}

/** Its standard output as lines. */
export async function dockerLines(...args: readonly string[]): Promise<readonly string[]> {
  return (await docker(args)).stdout.split('\n').filter((line) => line !== '');
}

/** What is needed besides the engine, and how Debian calls it. */
const PLUGINS = { buildx: 'docker-buildx', compose: 'docker-compose' } as const;

/**
 * The version of the engine. An Error says what is missing.
 *
 * @param plugins of the program `docker`
 */
export async function requireEngine(...plugins: readonly (keyof typeof PLUGINS)[]): Promise<string> {
  const isThere = (...args: readonly string[]) =>
    docker(args).then(
      () => true,
      () => false,
    );
  if (!(await isThere('--version')))
    throw new Error('There is no program `docker`: install Docker, or on Debian docker.io and docker-cli.');
  const version = await dockerLines('version', '--format', '{{.Server.Version}}').catch(() => []);
  if (version[0] === undefined)
    throw new Error(
      `No Docker engine answers at ${await endpoint()}: start one, or name another with DOCKER_HOST.`,
    );
  for (const plugin of plugins)
    if (!(await isThere(plugin, 'version')))
      throw new Error(`\`docker ${plugin}\` is missing: on Debian install ${PLUGINS[plugin]}.`);
  return version[0];
}

const endpoint = async () =>
  (await dockerLines('context', 'inspect', '--format', '{{.Endpoints.docker.Host}}').catch(() => []))[0] ??
  process.env['DOCKER_HOST'] ??
  'the default socket';

export interface Usage {
  /** Of all its processes since it began, those of health checks and of `docker exec` too. */
  readonly cpuMs: number;
  /** What counts against its limit, without pages of files that can be dropped. */
  readonly memoryMiB: number;
}

interface Stats {
  readonly cpu_stats: { readonly cpu_usage: { readonly total_usage: number } };
  readonly memory_stats: {
    readonly usage?: number;
    readonly stats?: Readonly<Record<string, number>>;
  };
}

/** What the engine counts of a running container. */
export async function usageOf(container: string): Promise<Usage> {
  const path = `/containers/${container}/stats?stream=false&one-shot=true`;
  const { cpu_stats, memory_stats } = JSON.parse(await ask(path)) as Stats;
  const { stats = {}, usage = 0 } = memory_stats;
  // Version 1 of cgroups has the first, version 2 the second.
  const droppable = stats['total_inactive_file'] ?? stats['inactive_file'] ?? 0;
  return {
    cpuMs: cpu_stats.cpu_usage.total_usage / 1e6,
    memoryMiB: (usage - droppable) / 2 ** 20,
  };
}

async function ask(path: string): Promise<string> {
  const { protocol, hostname, port, pathname } = new URL(await endpoint());
  if (protocol !== 'unix:' && protocol !== 'tcp:')
    throw new Error(`an engine at ${protocol} does not tell its figures: use a socket or tcp://`);
  const where: RequestOptions = protocol === 'unix:' ? { socketPath: pathname } : { host: hostname, port };
  return await new Promise((resolve, reject) => {
    const request = get({ ...where, path, timeout: 10_000 }, async (response) => {
      const parts: Buffer[] = [];
      for await (const part of response) parts.push(part as Buffer);
      const text = Buffer.concat(parts).toString();
      if (response.statusCode === 200) resolve(text);
      else reject(new Error(`the engine answers ${response.statusCode}: ${text.trim()}`));
    });
    request.on('timeout', () => request.destroy(new Error('the engine did not answer within 10 s')));
    request.on('error', reject);
  });
}
