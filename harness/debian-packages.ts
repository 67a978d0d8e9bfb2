/**
 * Programs from Debian packages that are unpacked into the cache, not installed.
 *
 * A private apt configuration (own sources, lists, cache and an empty list of installed packages) downloads a
 * package with everything it depends on, down to the C library. So a program of another Debian suite runs
 * beside this machine's own libraries, no service is started and nothing but the cache is written.
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from './cache.ts';

const run = promisify(execFile);

/** Maintainer scripts need perl, the programs themselves do not, and it is the largest of the dependencies. */
const NOT_UNPACKED = /^(lib)?perl/;
const DOWNLOAD_MS = 300_000;

/** Where apt finds Debian's packages on this machine. */
export interface DebianSource {
  readonly uri: string;
  readonly signedBy: string | undefined;
  /** The suite of the machine itself, such as `bookworm`. */
  readonly suite: string;
}

/** The root of a folder tree into which `packages` and their dependencies of that suite are unpacked. */
export async function unpackedPackages(suite: string, packages: readonly string[]): Promise<string> {
  const source = await debianSource();
  const folder = await cached(`${packages.join('+')}-${suite}`, async (entry) => {
    const apt = join(entry, 'apt');
    const archives = await download({ ...source, suite }, packages, apt);
    const root = join(entry, 'root');
    await mkdir(root);
    for (const archive of archives) await run('dpkg', ['-x', archive, root]);
    await rm(apt, { recursive: true });
  });
  return join(folder, 'root');
}

async function download(
  source: DebianSource,
  packages: readonly string[],
  folder: string,
): Promise<string[]> {
  const archives = join(folder, 'cache/archives');
  await mkdir(join(archives, 'partial'), { recursive: true });
  await mkdir(join(folder, 'lists/partial'), { recursive: true });
  await writeFile(join(folder, 'status'), '');
  const signedBy = source.signedBy === undefined ? '' : `[signed-by=${source.signedBy}] `;
  await writeFile(join(folder, 'sources.list'), `deb ${signedBy}${source.uri} ${source.suite} main\n`);
  const settings = [
    `Dir::Etc::sourcelist=${join(folder, 'sources.list')}`,
    'Dir::Etc::sourceparts=/dev/null',
    `Dir::State=${folder}`,
    `Dir::State::lists=${join(folder, 'lists')}`,
    `Dir::State::status=${join(folder, 'status')}`,
    `Dir::Cache=${join(folder, 'cache')}`,
    `Dir::Cache::archives=${archives}`,
    'APT::Install-Recommends=false',
    'Acquire::Languages=none',
    'Acquire::Retries=3',
    'Dpkg::Use-Pty=false',
    // As root apt would download as the user _apt, who may not enter the cache folder of root.
    ...(process.getuid?.() === 0 ? ['APT::Sandbox::User=root'] : []),
  ].flatMap((setting) => ['-o', setting]);
  await aptGet([...settings, '-q', 'update']);
  await aptGet([...settings, '-q', 'install', '-y', '--download-only', ...packages]);
  const names = await readdir(archives);
  return names
    .filter((name) => name.endsWith('.deb') && !NOT_UNPACKED.test(name))
    .map((name) => join(archives, name));
}

async function aptGet(args: readonly string[]): Promise<void> {
  const env = { ...process.env, LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await run('apt-get', args, { env, timeout: DOWNLOAD_MS, maxBuffer: 2 ** 24 });
  } catch (cause) {
    const { stderr, message } = cause as Error & { stderr?: string };
    throw new Error(`apt-get ${args.at(-1)} failed: ${(stderr || message).trim()}`, { cause });
  }
}

/** Reads the machine's own apt sources; an Error when it is not Debian. */
export async function debianSource(): Promise<DebianSource> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const suite = /^VERSION_CODENAME=(\S+)$/m.exec(release)?.[1];
  if (!/^ID=debian$/m.test(release) || suite === undefined) throw new Error('this machine is not Debian');
  return await findArchive(suite, '/etc/apt');
}

/** The archive of a suite itself: not its security updates, not a vendor's packages. */
export async function findArchive(suite: string, etcApt: string): Promise<DebianSource> {
  const parts = await readdir(join(etcApt, 'sources.list.d')).catch(() => []);
  const files = ['sources.list', ...parts.sort().map((part) => join('sources.list.d', part))];
  for (const file of files) {
    const text = await readFile(join(etcApt, file), 'utf8').catch(() => '');
    const entries = file.endsWith('.sources') ? deb822Entries(text) : oneLineEntries(text);
    const main = entries.find((entry) => entry.suites.includes(suite) && entry.components.includes('main'));
    if (main !== undefined) return { uri: main.uri, signedBy: main.signedBy, suite };
  }
  throw new Error(`no entry for Debian ${suite} main in ${etcApt}/sources.list or ${etcApt}/sources.list.d`);
}

interface SourceEntry {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly signedBy: string | undefined;
}

/** The form of `*.sources` files: paragraphs of `Key: value`. */
function deb822Entries(text: string): SourceEntry[] {
  const withoutComments = text.replace(/^#.*\n/gm, '');
  return withoutComments.split(/\n\s*\n/).flatMap((paragraph) => {
    const value = (key: string) => new RegExp(`^${key}:[ \\t]*(.*)$`, 'im').exec(paragraph)?.[1]?.trim();
    const words = (key: string) => value(key)?.split(/\s+/) ?? [];
    const signedBy = value('Signed-By');
    if (!words('Types').includes('deb') || value('Enabled')?.toLowerCase() === 'no') return [];
    return words('URIs').map((uri) => ({
      uri,
      suites: words('Suites'),
      components: words('Components'),
      // A key written into the file itself has no path; Debian's own keyring is trusted without naming it.
      signedBy: signedBy?.startsWith('/') ? signedBy : undefined,
    }));
  });
}

/** The form of `*.list` files: `deb [options] uri suite component...`. */
function oneLineEntries(text: string): SourceEntry[] {
  return text.split('\n').flatMap((line) => {
    const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+)$/.exec(line.trim());
    const [, options = '', uri, suite, components] = match ?? [];
    if (uri === undefined || suite === undefined || components === undefined) return [];
    const signedBy = /signed-by=(\/\S+)/i.exec(options)?.[1];
    return [{ uri, suites: [suite], components: components.split(/\s+/), signedBy }];
  });
}
