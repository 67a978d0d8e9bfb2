/**
 * `npm run build`: the program as a few files in dist/, with all that it needs of its libraries in them.
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
const DIST = join(ROOT, 'dist');

/** Loaded while the program runs, and by some programs never: each a file of its own, named as the package is. */
const LOADED_LATER = ['bcryptjs', 're2js'];

const SHARED = {
  absWorkingDir: ROOT,
  outdir: DIST,
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

const program = await (async () => {
  await rm(DIST, { recursive: true, force: true });
  await mkdir(DIST);
  return await build({
    ...SHARED,
    entryPoints: ['src/cli.ts'],
    format: 'esm',
    splitting: true,
    chunkNames: '[name]-[hash]',
    banner: { js: BANNER },
    define: { 'import.meta.resolve': 'resolveHere' },
  });
})();
const later = await build({
  ...SHARED,
  entryPoints: LOADED_LATER,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
});
const inputs = [program.metafile, later.metafile].flatMap(({ outputs }: Metafile) =>
  Object.values(outputs).flatMap(({ inputs: parts }) => Object.keys(parts)),
);
await writeFile(join(DIST, LIBRARY_FILE), await readLibrary());
await writeFile(join(DIST, 'licences.txt'), await licencesText(ROOT, inputs));
