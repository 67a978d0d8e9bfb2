/**
 * Empty data directories, initialised once per version and set of arguments, then copied for each server.
 */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache.ts';
import type { Engine } from './server-process.ts';

/** `initialise` fills an empty folder; change RECIPE when it does so in another way. */
export async function datadirTemplate(
  engine: Engine,
  initialise: (datadir: string) => Promise<void>,
): Promise<string> {
  const { flavour, program, args } = engine;
  const made = createHash('sha256')
    .update(JSON.stringify([RECIPE, program, args]))
    .digest('hex')
    .slice(0, 12);
  const folder = await cached(`datadir-${flavour}-${made}`, async (entry) => {
    const datadir = join(entry, 'data');
    await mkdir(datadir);
    await initialise(datadir);
  });
  return join(folder, 'data');
}

const RECIPE = 1;
