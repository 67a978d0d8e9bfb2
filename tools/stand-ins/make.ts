/**
 * An image of a recipe: mmdebstrap makes the root, the engine imports it under the official name.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { removeFolder, temporaryFolder } from '../../harness/children.ts';
import { debianSource } from '../../harness/debian-packages.ts';
import { docker, dockerLines } from '../../harness/docker/engine.ts';
import type { Recipe } from './recipe.ts';

const run = promisify(execFile);

/** By it a stand-in is told from the image whose name it has. */
const MARK = 'mysql-query-exporter.stand-in';

const MAKING_MS = 600_000;

/** What the slim images of Debian leave out; and no waiting for the disk. */
const DPKG_OPTIONS = [
  'force-unsafe-io',
  'path-exclude=/usr/share/doc/*',
  'path-include=/usr/share/doc/*/copyright',
  'path-exclude=/usr/share/man/*',
  'path-exclude=/usr/share/info/*',
  'path-exclude=/usr/share/locale/*',
];

/** Whether the engine has no such image, one of ours, or somebody else's. */
export async function present(name: string): Promise<'none' | 'stand-in' | 'other'> {
  const format = `{{index .Config.Labels "${MARK}"}}`;
  const lines = await dockerLines('image', 'inspect', '--format', format, name).catch(() => undefined);
  if (lines === undefined) return 'none';
  return lines[0] === 'true' ? 'stand-in' : 'other';
}

/** The names of all stand-ins of the engine. */
export const standIns = (): Promise<readonly string[]> =>
  dockerLines('image', 'ls', '--filter', `label=${MARK}=true`, '--format', '{{.Repository}}:{{.Tag}}');

/** Makes the image; as root, which is who may make a root. */
export async function make(name: string, recipe: Recipe): Promise<void> {
  const { signedBy, uri } = await debianSource();
  const folder = temporaryFolder('stand-in');
  try {
    const root = join(folder, 'root.tar');
    const trust = signedBy === undefined ? '' : `[signed-by=${signedBy}] `;
    await mmdebstrap([
      '--variant=apt',
      // A mirror may be behind.
      '--aptopt=Acquire::Check-Valid-Until "false"',
      ...DPKG_OPTIONS.map((option) => `--dpkgopt=${option}`),
      ...(recipe.packages.length > 0 ? [`--include=${recipe.packages.join(',')}`] : []),
      ...recipe.steps.map((step) => `--customize-hook=${step}`),
      recipe.suite,
      root,
      `deb ${trust}${uri} ${recipe.suite} main`,
    ]);
    const settings = [...recipe.settings, `LABEL ${MARK}=true`].flatMap((line) => ['--change', line]);
    await docker(['import', ...settings, root, name]);
  } finally {
    removeFolder(folder);
  }
}

async function mmdebstrap(args: readonly string[]): Promise<void> {
  try {
    const env = {
      ...process.env,
      LC_ALL: 'C.UTF-8',
      DEBIAN_FRONTEND: 'noninteractive',
      // Its parts are run for each package, by Debian's own Python and Perl: those of a version manager start slowly.
      PATH: '/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin',
    };
    await run('mmdebstrap', [...args], { env, timeout: MAKING_MS, maxBuffer: 2 ** 26 });
  } catch (cause) {
    const { code, stderr, message } = cause as Error & { code?: string; stderr?: string };
    if (code === 'ENOENT') throw new Error('mmdebstrap is missing: apt-get install mmdebstrap', { cause });
    const last = (stderr ?? '').trim().split('\n').slice(-20).join('\n');
    throw new Error(`mmdebstrap failed: ${last || message}`, { cause });
  }
}
