/**
 * The program as a few files in one folder, with all that it needs of its libraries in them.
 *
 * Node.js takes a third of a second of CPU to find and to compile the hundreds of files of these libraries; and whoever
 * installs the program gets the versions that were tested.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { LIBRARY_FILE } from '../../src/config/prepared-library.ts';
import { readLibrary } from './library.ts';
import { licencesText } from './licences.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Loaded while the program runs, and by some programs never: each a file of its own, named as the package is. */
const LOADED_LATER = ['bcryptjs', 're2js'];

const SHARED = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  // Names stay, for the traces of errors.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none', // they are in licences.txt
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** What CommonJS expects of the world, and where {@link LOADED_LATER} is. */
const BANNER = `import { createRequire as createRequireHere } from 'node:module';
const require = createRequireHere(import.meta.url);
const resolveHere = (name) => new URL('./' + name + '.cjs', import.meta.url).href;`;

/** Throws when something cannot be built. @param outdir made anew */
export async function buildProgram(outdir: string): Promise<void> {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  const program = await build({
    ...SHARED,
    outdir,
    entryPoints: ['src/cli.ts'],
    format: 'esm',
    splitting: true,
    chunkNames: '[name]-[hash]',
    banner: { js: BANNER },
    define: { 'import.meta.resolve': 'resolveHere' },
  });
  const later = await build({
    ...SHARED,
    outdir,
    entryPoints: LOADED_LATER,
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
  });
  const inputs = [program.metafile, later.metafile].flatMap(({ outputs }: Metafile) =>
    Object.values(outputs).flatMap(({ inputs: parts }) => Object.keys(parts)),
  );
  await writeFile(join(outdir, LIBRARY_FILE), await readLibrary());
  await writeFile(join(outdir, 'licences.txt'), await licencesText(ROOT, inputs));
}
