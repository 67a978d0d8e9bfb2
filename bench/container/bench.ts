/**
 * `npm run bench:container`: what the image needs of an engine: memory and CPU with 200 targets by the options of Node.js and
 * the limit of memory, and what its health check costs. The figures of docs/guides/install.md.
 *
 *   npm run bench:container                  all of it, a quarter of an hour
 *   npm run bench:container -- memory        parts: memory, health
 */
import { requireEngine } from '../../harness/docker/engine.ts';
import { buildImage } from '../../harness/docker/image.ts';
import { health } from './health.ts';
import { memory } from './memory.ts';

const PARTS: Readonly<Record<string, (image: string) => Promise<string>>> = { memory, health };

const asked = process.argv.slice(2);
try {
  const parts = (asked.length === 0 ? Object.keys(PARTS) : asked).map((name) => {
    const part = PARTS[name];
    if (part === undefined) throw new Error(`no part ${name}: ${Object.keys(PARTS).join(', ')}`);
    return part;
  });
  await requireEngine('buildx');
  const { megabytes, name } = await buildImage('bare');
  process.stdout.write(`${name}: ${megabytes.toFixed(1)} MB\n`);
  for (const part of parts) process.stdout.write(`\n${await part(name)}\n`);
} catch (cause) {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exit(1);
}
