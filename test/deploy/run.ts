/**
 * `npm run test:deploy`: the image and the compose lab as a real Docker engine runs them. Not a part of `npm test`: it
 * needs an engine, its images or the stand-ins for them, and ten minutes.
 *
 *   npm run test:deploy                 all of it
 *   npm run test:deploy -- image        parts: image, limits, compose
 */
import { requireEngine } from '../../harness/docker/engine.ts';

/** Each adds its tests. */
const PARTS: Readonly<Record<string, () => Promise<unknown>>> = {
  image: () => import('./image.ts'),
  limits: () => import('./limits.ts'),
  compose: () => import('./compose.ts'),
};

const asked = process.argv.slice(2);
try {
  const names = asked.length === 0 ? Object.keys(PARTS) : asked;
  const parts = names.map((name) => {
    const part = PARTS[name];
    if (part === undefined) throw new Error(`no part ${name}: ${Object.keys(PARTS).join(', ')}`);
    return part;
  });
  process.stderr.write(`Docker engine ${await requireEngine('buildx', 'compose')}\n`);
  for (const part of parts) await part();
} catch (cause) {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exit(1);
}
