/** Starts an exporter with the instruments of instruments.ts in it, and asks them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exporter } from '../support/exporter.ts';

/** Starts what `start` starts with them; `env` is for them alone. */
export async function instrumented(
  start: () => Promise<Exporter>,
  env: Readonly<Record<string, string>> = {},
): Promise<Exporter> {
  const instruments = [import.meta.resolve('tsx'), new URL('./instruments.ts', import.meta.url).href];
  const all = { ...env, NODE_OPTIONS: instruments.map((url) => `--import=${url}`).join(' ') };
  Object.assign(process.env, all);
  try {
    return await start();
  } finally {
    for (const name of Object.keys(all)) delete process.env[name];
  }
}

/** What is left on its heap when garbage is collected. */
export async function heapMiB(exporter: Exporter): Promise<number> {
  exporter.signal('SIGUSR2');
  await sleep(100);
  exporter.signal('SIGUSR2'); // what the first one let go of
  await sleep(100);
  const { text } = await exporter.get('/metrics');
  return Number(/^nodejs_heap_size_used_bytes (\S+)$/m.exec(text)?.[1]) / 2 ** 20;
}
