/**
 * Other versions of Node than the one that runs us: npm packages carry the program itself, and it is unpacked into
 * the cache. Nothing is installed.
 */
import { execFile } from 'node:child_process';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from './cache.ts';

const run = promisify(execFile);

/**
 * The release that stands for each line, pinned so that a red test is a change of ours. Of 20 it is the oldest that
 * `engines` in package.json admits, of the others the newest on 2026-11-28.
 */
const RELEASES = { 20: '20.19.0', 22: '22.23.5', 24: '24.22.3', 26: '26.12.1' } as const;

export const NODE_LINES: readonly string[] = Object.keys(RELEASES);

const DOWNLOAD_MS = 300_000;

/** `26` as 26.12.1; a complete version as it is; undefined for everything else. */
export function nodeRelease(wanted: string): string | undefined {
  if (/^\d+\.\d+\.\d+$/.test(wanted)) return wanted;
  return new Map<string, string>(Object.entries(RELEASES)).get(wanted);
}

/** The path of the `node` of that release. */
export async function nodeProgram(release: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = await cached(`${name}-${release}`, async (entry) => {
    const unpacked = join(entry, 'package');
    await mkdir(unpacked);
    const archive = await downloadPackage(`${name}@${release}`, entry);
    // The rest of the package is headers and manuals.
    await run('tar', ['-xzf', join(entry, archive), '-C', entry, 'package/bin/node']);
    await rename(join(unpacked, 'bin'), join(entry, 'bin'));
    await rm(unpacked, { recursive: true });
    await rm(join(entry, archive));
  });
  const program = join(folder, 'bin', 'node');
  const { stdout } = await run(program, ['--version']);
  if (stdout.trim() !== `v${release}`)
    throw new Error(`${program} is Node ${stdout.trim()}, not v${release}`);
  return program;
}

/** Fetches a package of npm as it is published; returns the name of the file in `folder`. */
export async function downloadPackage(npmPackage: string, folder: string): Promise<string> {
  try {
    const args = ['pack', npmPackage, '--silent', '--pack-destination', folder];
    return (await run('npm', args, { timeout: DOWNLOAD_MS })).stdout.trim();
  } catch (cause) {
    const { stderr, message } = cause as Error & { stderr?: string };
    throw new Error(
      `no package ${npmPackage} could be had: ${(stderr || message).trim()}\n` +
        'What to do: for another Node install it in a way of your own, and run npm test with it.',
      { cause },
    );
  }
}
