/** The program built for a run of the tests, with what it finds beside it: the repository's query files and manifest. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../harness/children.ts';
import { buildProgram } from '../tools/build/program.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Its entry, which is gone when this process ends. The repository's dist/ is left alone: somebody may be running it. */
export async function buildForTests(): Promise<string> {
  const dist = temporaryFolder(join(ROOT, 'dist-tests-'));
  await buildProgram(dist);
  return join(dist, 'cli.js');
}
