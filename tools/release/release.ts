/**
 * `npm run release`: checks, builds, packs and tags the version of package.json. It publishes nothing.
 *
 *   npm run release
 *   npm run release -- --skip-checks     without .ci/run, to try it out
 *
 * Leaves the package, its list of materials and the checksums in release/, and a tag in this clone.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { packagesIn } from '../build/licences.ts';
import { sectionOf } from './changelog.ts';
import { materialsOf } from './materials.ts';
import { type Clone, obstaclesOf, tagOf } from './obstacles.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RELEASE = join(ROOT, 'release');
const SKIP = '--skip-checks';

const say = (line: string) => process.stdout.write(`${line}\n`);
const read = (file: string) => readFile(join(ROOT, file), 'utf8');

async function output(command: string, ...args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(command, args, { cwd: ROOT, maxBuffer: 2 ** 26 })).stdout;
}

/** Runs it in the sight of whoever has called; an Error when it fails. */
async function show(command: string, ...args: readonly string[]): Promise<void> {
  const [code] = await once(spawn(command, args, { cwd: ROOT, stdio: 'inherit' }), 'exit');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed`);
}

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

const changes = async () =>
  linesOf(await output('git', 'status', '--porcelain')).map((line) => line.slice(3));

async function clone(): Promise<Clone> {
  const versionIn = async (file: string) => (JSON.parse(await read(file)) as { version: string }).version;
  return {
    version: await versionIn('package.json'),
    lockedVersion: await versionIn('package-lock.json'),
    changes: await changes(),
    tags: linesOf(await output('git', 'tag')),
    changelog: await read('CHANGELOG.md'),
  };
}

/** Builds the program and packs it; then what the package is made of, and the checksums of both files. */
async function pack(version: string): Promise<void> {
  await rm(RELEASE, { recursive: true, force: true });
  await mkdir(RELEASE);
  await show('npm', 'pack', '--silent', '--pack-destination', RELEASE);
  // Not --omit=dev: that leaves out what packages for development need as well, zod among them (npm 10 and 11).
  const bill = await output('npm', 'sbom', '--sbom-format=cyclonedx', '--sbom-type=application');
  const materials = materialsOf(bill, packagesIn(await read('dist/licences.txt')));
  await writeFile(join(RELEASE, `mysql-query-exporter-${version}.cdx.json`), materials);
  const files = (await readdir(RELEASE)).sort();
  const sums = files.map(async (file) => {
    const bytes = await readFile(join(RELEASE, file));
    return `${createHash('sha256').update(bytes).digest('hex')}  ${file}\n`;
  });
  await writeFile(join(RELEASE, 'SHA256SUMS'), (await Promise.all(sums)).join(''));
}

async function tag(version: string, changelog: string): Promise<void> {
  const message = join(RELEASE, 'message');
  await writeFile(message, `${version}\n\n${sectionOf(changelog, version)}\n`);
  await output('git', 'tag', '--annotate', '--cleanup=verbatim', '--file', message, tagOf(version));
  await rm(message);
}

async function release(options: readonly string[]): Promise<void> {
  const unknown = options.find((option) => option !== SKIP);
  if (unknown !== undefined) throw new Error(`unknown option ${unknown}; there is ${SKIP}`);
  const { changelog, version, ...rest } = await clone();
  const obstacles = obstaclesOf({ changelog, version, ...rest });
  if (obstacles.length > 0) throw new Error(obstacles.join('\n'));
  if (!options.includes(SKIP)) await show('.ci/run');
  await pack(version);
  const changed = await changes();
  if (changed.length > 0) throw new Error(`changed meanwhile: ${changed.join(', ')}`);
  await tag(version, changelog);
  const revision = (await output('git', 'rev-parse', 'HEAD')).trim();
  say(`\nTagged ${tagOf(version)}, in this clone only. release/ has:`);
  for (const file of await readdir(RELEASE)) say(`  ${file}`);
  say(`
Nothing is published. What is left to do:
  git push origin ${tagOf(version)}
  npm publish ./release/mysql-query-exporter-${version}.tgz
  docker build --build-arg VERSION=${version} --build-arg REVISION=${revision} -t mysql-query-exporter:${version} .
  and the files of release/ on the page of the release, with the section of CHANGELOG.md.
To take it back: git tag --delete ${tagOf(version)}`);
}

try {
  await release(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
