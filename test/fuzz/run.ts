/**
 * A fuzzing run over all that others send: packets, HTTP, YAML and cells. Not a part of the tests: it takes as long as
 * it is given.
 *
 * Usage: npm run fuzz -- [--minutes 20] [--seed N] [--only packets,http,yaml,cells]. It ends with 1 at the first input
 * that throws, hangs, or keeps the event loop for long, and names its seed, from which the same input is made again.
 */
import { parseArgs } from 'node:util';
import { longestPieceOf } from '../support/cpu-time.ts';
import { randomFrom } from './mutation.ts';
import type { Surface } from './surface.ts';
import { cells } from './surfaces/cells.ts';
import { http } from './surfaces/http.ts';
import { packets } from './surfaces/packets.ts';
import { yaml } from './surfaces/yaml.ts';

/** In processor time, for one input: others wait meanwhile. */
const MOST_MS = 300;
/** Longer than any deadline of a round. */
const HANGS_MS = 20_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    only: { type: 'string', default: 'packets,http,yaml,cells' },
  },
});

const MAKE: Readonly<Record<string, () => Surface | Promise<Surface>>> = { packets, http, yaml, cells };
const surfaces = await Promise.all(
  values.only.split(',').map((name) => {
    const make = MAKE[name];
    if (make === undefined) throw new Error(`no surface ${name}: ${Object.keys(MAKE).join(', ')}`);
    return make();
  }),
);
const rounds = new Map<string, number>();
const broken = (surface: Surface, seed: number, why: unknown): never => {
  const text = why instanceof Error ? (why.stack ?? why.message) : String(why);
  process.stderr.write(`${surface.name}, seed ${seed}: ${text}\n`);
  process.exit(1);
};
let current: { readonly surface: Surface; readonly seed: number } | undefined;
for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, (error: unknown) => {
    if (current === undefined) throw error;
    broken(current.surface, current.seed, error);
  });

const end = Date.now() + Number(values.minutes) * 60_000;
for (let seed = Number(values.seed); Date.now() < end; seed++) {
  for (const surface of surfaces) {
    current = { surface, seed };
    const hangs = setTimeout(() => broken(surface, seed, `no end within ${HANGS_MS} ms`), HANGS_MS);
    try {
      const { cpuMs } = await longestPieceOf(() => surface.round(randomFrom(seed)));
      if (cpuMs > MOST_MS) broken(surface, seed, `worked for ${Math.round(cpuMs)} ms in one piece`);
    } catch (error) {
      broken(surface, seed, error);
    }
    clearTimeout(hangs);
    rounds.set(surface.name, (rounds.get(surface.name) ?? 0) + 1);
  }
}
for (const surface of surfaces) await surface.close();
process.stdout.write(
  `no input broke a promise: ${[...rounds].map(([name, n]) => `${n} ${name}`).join(', ')}; from seed ${values.seed}\n`,
);
process.exit(0);
