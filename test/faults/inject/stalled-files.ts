/**
 * Password files on a file system that hangs: a FIFO that nobody writes to keeps the thread that opens it, as a mount
 * does whose server is gone. Whose file was read before goes on with what it was; names, compression and the end of
 * the process do not wait for the others.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Exporter } from '../../support/exporter.ts';
import { judge, WHOLE } from '../judge.ts';
import { Scraper } from '../scrape.ts';
import { failing, killAll } from '../ward.ts';
import { addressOf, startExporter, type Target, type World } from '../world.ts';

/** More than libuv has threads. */
const STALLED = 6;
const NEVER_READ = 2;
const ROUNDS = 3;
/** What a service manager waits at least. */
const MOST_STOP_MS = 10_000;

export async function testStalledFiles(world: World): Promise<void> {
  const { ledger, scrapeSeconds, servers } = world;
  const folder = await mkdtemp(join(tmpdir(), 'stalled-files-'));
  const paths = Array.from({ length: STALLED }, (_, i) => join(folder, `password-${i}`));
  const plain = join(folder, 'password');
  for (const path of [...paths, plain]) await writeFile(path, 'exporter', { mode: 0o600 });
  const targetOf = (name: string, i: number, path: string): Target => ({
    name,
    address: addressOf(servers[i % servers.length]!),
    more: { password_file: path },
  });
  const stalled = paths.map((path, i) => targetOf(`stalled ${i}`, i, path));
  const honest = servers.map((_, i) => targetOf(`honest ${i}`, i, plain));
  const exporter = await startExporter(world, [...honest, ...stalled]);
  try {
    using scraper = new Scraper(exporter.url, scrapeSeconds);
    const neverRead = new Set(stalled.slice(-NEVER_READ).map(({ name }) => name));
    const names = [...honest, ...stalled].map(({ name }) => name);
    const readBefore = names.filter((name) => !neverRead.has(name));
    judge(ledger, await scraper.round(readBefore, 100), scrapeSeconds, () => WHOLE);
    for (const path of paths) await rm(path);
    execFileSync('mkfifo', paths);
    for (let round = 0; round < ROUNDS; round++) {
      for (const server of servers) await killAll(server, 'exporter'); // the files are read for new connections
      ledger.injected('password file that hangs', STALLED);
      judge(ledger, await scraper.round(names, 100), scrapeSeconds, (name) =>
        neverRead.has(name) ? failing('credentials', 'connect_timeout') : WHOLE,
      );
    }
  } finally {
    await expectStop(world, exporter);
    await rm(folder, { recursive: true });
  }
}

/** A thread that waits for a file must not keep the process. */
async function expectStop({ ledger, scale }: World, exporter: Exporter): Promise<void> {
  const startedAt = performance.now();
  const patienceMs = MOST_STOP_MS * scale.patience;
  const timer = setTimeout(() => {
    ledger.late(`no stop beside files that hang within ${patienceMs} ms`);
    exporter.signal('SIGKILL');
  }, patienceMs);
  await exporter[Symbol.asyncDispose]();
  clearTimeout(timer);
  ledger.note(`stalled files: the exporter stopped within ${(performance.now() - startedAt).toFixed(0)} ms`);
}
