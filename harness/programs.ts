/**
 * Finds the programs that the lab and the tests start: MariaDB, MySQL, Prometheus, promtool, mysqld_exporter, HAProxy,
 * MySQL Router and kubectl.
 *
 * In this order: the path in an environment variable, PATH, the cache, and then, on Debian, its packages, which
 * are unpacked into the cache: nothing is installed. If none is possible the Error says what to do.
 */
import { execFile } from 'node:child_process';
import { access, constants, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { debianSource, unpackedPackages } from './debian-packages.ts';

const run = promisify(execFile);

export interface Program {
  /** What to spawn: the program itself or, for an unpacked one, its own loader. */
  readonly command: string;
  /** Arguments before the program's own. */
  readonly prefix: readonly string[];
  /** The path of the program, also when a loader starts it. */
  readonly path: string;
  /** As the program prints it: `10.11.19-MariaDB-0+deb12u1`, `9.7.4-2`, `3.5.3+ds1`. */
  readonly version: string;
}

/** MySQL 9.7, Prometheus 3.5 and mysqld_exporter 0.19 are in Debian unstable only. */
const UNSTABLE = 'sid';

/** Releases of MariaDB beside the machine's own, and the suites of Debian that have them. */
const MARIADB_SUITES = { '10.5': 'bullseye', '11.8': 'trixie' } as const;

export type MariadbRelease = keyof typeof MARIADB_SUITES;

export const findMariadb = (): Promise<Program> =>
  find({
    title: 'MariaDB',
    variable: 'TEST_MARIADBD',
    names: ['mariadbd'],
    fits: (version) => version.includes('MariaDB'),
    obtain: async () => {
      const { suite } = await debianSource();
      return await unpackedProgram(
        await unpackedPackages(suite, ['mariadb-server-core']),
        'usr/sbin/mariadbd',
      );
    },
    advice: 'install MariaDB 10.11 or later (Debian: apt install mariadb-server-core)',
  });

/**
 * With the plugins that Debian has in packages of their own: query response times and RocksDB. Where these cannot
 * be had it is the MariaDB of everybody else, and who asks for a plugin sees whether it is there.
 */
export async function findMariadbWithPlugins(): Promise<Program> {
  try {
    const { suite } = await debianSource();
    const root = await unpackedPackages(suite, ['mariadb-server', 'mariadb-plugin-rocksdb']);
    const found = await unpackedProgram(root, 'usr/sbin/mariadbd');
    const version = await versionOf(found);
    if (!process.env['TEST_MARIADBD'] && version !== undefined) return { ...found, version };
  } catch {
    // Not Debian, or no way to its packages: findMariadb() says what can be done about it.
  }
  return await findMariadb();
}

/** A release that is not the machine's own, with its query response times and Galera, without RocksDB. */
export const findMariadbRelease = (release: MariadbRelease): Promise<Program> =>
  find({
    title: `MariaDB ${release}`,
    variable: `TEST_MARIADBD_${release.replace('.', '_')}`,
    names: ['mariadbd'],
    fits: (version) => version.startsWith(`${release}.`) && version.includes('MariaDB'),
    obtain: async () =>
      await unpackedProgram(
        await unpackedPackages(MARIADB_SUITES[release], ['mariadb-server']),
        'usr/sbin/mariadbd',
      ),
    advice: `install MariaDB ${release}`,
  });

export const findMysql = (): Promise<Program> =>
  find({
    title: 'MySQL',
    variable: 'TEST_MYSQLD',
    names: ['mysqld'],
    // MariaDB's packages bring a `mysqld` too.
    fits: (version) => !version.includes('MariaDB'),
    obtain: async () =>
      await unpackedProgram(await unpackedPackages(UNSTABLE, ['mysql-server-core']), 'usr/sbin/mysqld'),
    advice: 'install MySQL 8.0 or later',
  });

export const findPrometheus = (): Promise<Program> => findOfPrometheus('prometheus', 'TEST_PROMETHEUS');

export const findPromtool = (): Promise<Program> => findOfPrometheus('promtool', 'TEST_PROMTOOL');

const findOfPrometheus = (name: string, variable: string): Promise<Program> =>
  find({
    title: name,
    variable,
    names: [name],
    fits: () => true,
    obtain: async () =>
      await unpackedProgram(await unpackedPackages(UNSTABLE, ['prometheus']), `usr/bin/${name}`),
    advice: 'install Prometheus 2.42 or later',
  });

export const findMysqldExporter = (): Promise<Program> =>
  find({
    title: 'mysqld_exporter',
    variable: 'TEST_MYSQLD_EXPORTER',
    names: ['mysqld_exporter', 'prometheus-mysqld-exporter'],
    // Names of families are compared with those of 0.19; Debian stable may have 0.14, without /probe.
    fits: (version) => Number(/^0\.(\d+)\./.exec(version)?.[1] ?? 0) >= 19,
    obtain: async () =>
      await unpackedProgram(
        await unpackedPackages(UNSTABLE, ['prometheus-mysqld-exporter']),
        'usr/bin/prometheus-mysqld-exporter',
      ),
    advice: 'install mysqld_exporter 0.19 or later',
  });

export const findHaproxy = (): Promise<Program> =>
  find({
    title: 'HAProxy',
    variable: 'TEST_HAPROXY',
    names: ['haproxy'],
    fits: () => true,
    versionArguments: ['-v'],
    obtain: async () => {
      const { suite } = await debianSource();
      return await unpackedProgram(await unpackedPackages(suite, ['haproxy']), 'usr/sbin/haproxy');
    },
    advice: 'install HAProxy 2.4 or later',
  });

export const findMysqlRouter = (): Promise<Program> =>
  find({
    title: 'MySQL Router',
    variable: 'TEST_MYSQLROUTER',
    names: ['mysqlrouter'],
    fits: () => true,
    obtain: async () =>
      await unpackedProgram(await unpackedPackages(UNSTABLE, ['mysql-router']), 'usr/bin/mysqlrouter'),
    advice: 'install MySQL Router 8.0 or later',
  });

/** Only for what it does without a cluster; before 1.27 its kustomize does not know all that our files say. */
export const findKubectl = (): Promise<Program> =>
  find({
    title: 'kubectl',
    variable: 'TEST_KUBECTL',
    names: ['kubectl'],
    fits: (version) => Number(/^v1\.(\d+)\./.exec(version)?.[1] ?? 0) >= 27,
    versionArguments: ['version', '--client'],
    obtain: async () =>
      await unpackedProgram(await unpackedPackages(UNSTABLE, ['kubernetes-client']), 'usr/bin/kubectl'),
    advice: 'install kubectl 1.27 or later',
  });

type Found = Omit<Program, 'version'>;

export interface Wanted {
  readonly title: string;
  readonly variable: string;
  readonly names: readonly string[];
  readonly fits: (version: string) => boolean;
  /** `--version` when left out. */
  readonly versionArguments?: readonly string[];
  readonly obtain: () => Promise<Found>;
  readonly advice: string;
}

/** The program that is wanted, from the first place that has one. */
export async function find(wanted: Wanted): Promise<Program> {
  const { title, variable, names, fits, versionArguments, obtain, advice } = wanted;
  const given = process.env[variable];
  if (given) {
    const version = await versionOf({ command: given, prefix: [], path: given }, versionArguments);
    if (version !== undefined && fits(version)) return { command: given, prefix: [], path: given, version };
    throw new Error(`${variable}=${given} is not a ${title} that starts`);
  }
  for (const path of await onPath(names)) {
    const version = await versionOf({ command: path, prefix: [], path }, versionArguments);
    if (version !== undefined && fits(version)) return { command: path, prefix: [], path, version };
  }
  let reason: unknown = 'it does not start';
  try {
    const found = await obtain();
    const version = await versionOf(found, versionArguments);
    if (version !== undefined) return { ...found, version };
  } catch (cause) {
    reason = cause instanceof Error ? cause.message : cause;
  }
  throw new Error(
    `${title} was not found, and Debian's package could not be had: ${reason}\n` +
      `What to do: ${advice}, or set ${variable} to the path of its program.`,
  );
}

/** Database servers live in folders that the PATH of an ordinary user leaves out. */
const MORE_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/usr/libexec', '/usr/local/mysql/bin'];

async function onPath(names: readonly string[]): Promise<string[]> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...MORE_FOLDERS];
  const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  const executable = await Promise.all(paths.map((path) => isExecutable(path)));
  return paths.filter((_, i) => executable[i]);
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function versionOf(
  { command, prefix }: Found,
  args: readonly string[] = ['--version'],
): Promise<string | undefined> {
  const answer = await run(command, [...prefix, ...args], { timeout: 30_000 }).catch(() => undefined);
  if (answer === undefined) return undefined;
  return /\b(?:Ver|[Vv]ersion:?|systemd|zsh|Chromium|Chrome) (\S+)/.exec(answer.stdout + answer.stderr)?.[1];
}

/** Of MySQL and of MySQL Router. */
const PRIVATE_LIBRARIES = ['usr/lib/mysql/private', 'usr/lib/mysql-router'];

/** A program of an unpacked root, started by the loader of the same root: the machine's own may be older. */
export async function unpackedProgram(root: string, path: string): Promise<Found> {
  const folders = await libraryFolders(root);
  const loader = await loaderIn(folders);
  const own = [
    ...PRIVATE_LIBRARIES.map((folder) => join(root, folder)),
    ...folders.map((folder) => join(folder, 'systemd')),
  ];
  const libraries = [...folders, ...own].join(':');
  return { command: loader, prefix: ['--library-path', libraries, join(root, path)], path: join(root, path) };
}

/** Such as `lib/x86_64-linux-gnu`, which suites before trixie have besides the one in `usr`. */
async function libraryFolders(root: string): Promise<string[]> {
  const parents = [join(root, 'usr/lib'), join(root, 'lib')];
  const entries = await Promise.all(parents.map((parent) => readdir(parent).catch(() => [])));
  return parents.flatMap((parent, i) =>
    (entries[i] ?? []).filter((name) => name.includes('-linux-gnu')).map((name) => join(parent, name)),
  );
}

async function loaderIn(folders: readonly string[]): Promise<string> {
  for (const folder of folders) {
    const loader = (await readdir(folder)).find((name) => /^ld-linux.*\.so\.\d+$/.test(name));
    if (loader !== undefined) return join(folder, loader);
  }
  throw new Error(`no loader (ld-linux) in ${folders.join(', ')}`);
}
