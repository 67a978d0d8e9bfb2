/**
 * `npm run stand-ins`: images under the names that Dockerfile and docker-compose.yml use, made of Debian's packages, for
 * an engine that cannot pull the official ones.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import * as z from 'zod';
import { docker, requireEngine } from '../../harness/docker/engine.ts';
import { make, present, standIns } from './make.ts';
import { RECIPES } from './recipes.ts';

const HELP = `Usage: npm run stand-ins [-- OPTIONS]

For trying out the containers where no image can be pulled: makes images with the names of the official ones
from Debian's packages (as root on Debian, with mmdebstrap; some minutes, 400 MB to fetch). An image that is
already there is left alone.

  --remove   remove all stand-ins from the engine, and nothing else
  --help     this text
`;

const ROOT = new URL('../../', import.meta.url);
const read = (name: string) => readFile(new URL(name, ROOT), 'utf8');
const say = (text: string) => void process.stdout.write(`${text}\n`);

const composeSchema = z.object({
  services: z.record(z.string(), z.object({ image: z.string().optional() })),
});

/** What the files name, each once. */
async function wantedImages(): Promise<readonly string[]> {
  const { services } = composeSchema.parse(parse(await read('docker-compose.yml')));
  const dockerfile = await read('Dockerfile');
  const built = [/^ARG NODE_IMAGE=(\S+)$/m, /--build-arg BASE=(\S+)/].map(
    (pattern) => pattern.exec(dockerfile)?.[1],
  );
  const names = [...built, ...Object.values(services).map(({ image }) => image)];
  return [...new Set(names.filter((name) => name !== undefined))];
}

async function makeMissing(): Promise<void> {
  for (const name of await wantedImages()) {
    const [repository = '', tag = ''] = name.split(':');
    const recipe = RECIPES[repository];
    const there = await present(name);
    if (there !== 'none') say(`${name}: ${there === 'other' ? 'is there' : 'is there, a stand-in'}`);
    else if (recipe === undefined) say(`${name}: has no stand-in, Debian has no such program`);
    else {
      const began = performance.now();
      await make(name, await recipe(tag));
      say(`${name}: made in ${Math.round((performance.now() - began) / 1000)} s`);
    }
  }
}

async function removeAll(): Promise<void> {
  for (const name of await standIns()) {
    await docker(['image', 'rm', name]);
    say(`${name}: removed`);
  }
}

try {
  const off = { type: 'boolean', default: false } as const;
  const { help, remove } = parseArgs({ options: { help: off, remove: off } }).values;
  if (help) say(HELP.trimEnd());
  else {
    await requireEngine();
    await (remove ? removeAll() : makeMissing());
  }
} catch (cause) {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exit(1);
}
