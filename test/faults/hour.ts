/**
 * An hour of normal probing, 240 scrapes of each target, and an orderly stop: no server counts an aborted client.
 *
 * The hour is compressed, and with it the time after which an idle connection is closed: connections come and go as
 * often as in a whole one. No fault here, for a fault aborts connections.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { judge, WHOLE } from './judge.ts';
import { Scraper } from './scrape.ts';
import { areGone } from './ward.ts';
import { ENCRYPTED, startExporter, type Target, type World } from './world.ts';

const TARGETS = 6;
/** In place of 15 s. */
const SPACING_MS = 40;
/** In place of the 5 minutes that are usual. */
const IDLE_MS = (300 / 15) * SPACING_MS;

export async function testHour(world: World): Promise<void> {
  const { ledger, scale, scrapeSeconds, servers } = world;
  const targets = Array.from({ length: TARGETS }, (_, i): Target => {
    const encrypted = i < 3 ? {} : ENCRYPTED;
    return {
      name: `target-${i}`,
      address: `127.0.7.${i + 1}:${servers[i % servers.length]!.port}`,
      more: { query_sets: ['exact'], idle_timeout: `${IDLE_MS}ms`, ...encrypted },
    };
  });
  const counts = async (name: 'Aborted_clients' | 'Aborted_connects' | 'Connections') =>
    await Promise.all(servers.map((server) => server.globalStatus(name)));
  const look = async () => [...(await counts('Aborted_clients')), ...(await counts('Aborted_connects'))];
  const before = await look();
  const connectionsBefore = await counts('Connections');
  const exporter = await startExporter(world, targets);
  const names = targets.map(({ name }) => name);
  {
    using scraper = new Scraper(exporter.url, scrapeSeconds);
    for (let scrape = 0; scrape < scale.hourOfScrapes; scrape++) {
      const nextAt = performance.now() + SPACING_MS;
      judge(ledger, await scraper.round(names, SPACING_MS), scrapeSeconds, () => WHOLE);
      // Now and then Prometheus is away for so long that all connections are closed.
      const pauseMs = scrape % 80 === 40 ? 2 * IDLE_MS : 0;
      await sleep(Math.max(0, nextAt - performance.now()) + pauseMs);
    }
  }
  exporter.signal('SIGTERM');
  const code = await exporter.exited();
  await exporter[Symbol.asyncDispose]();
  if (code !== 0) ledger.wrong(`SIGTERM after normal probing: exit code ${code}`);
  for (const server of servers)
    if (!(await areGone(server, 'exporter'))) ledger.leaked(`${server.name}: connections after a clean stop`);
  const after = await look();
  const opened = (await counts('Connections')).map((now, at) => now - connectionsBefore[at]!);
  ledger.note(
    `hour: ${scale.hourOfScrapes} scrapes of ${TARGETS} targets over ${opened.join(' and ')} connections and a stop; ` +
      `aborted clients and connects ${before.join(' ')} -> ${after.join(' ')}`,
  );
  if (after.join() !== before.join())
    ledger.leaked(`aborted clients and connects: ${before.join(' ')} before, ${after.join(' ')} after`);
}
