/**
 * An account that is locked (3118 or 4151): one attempt, then it is left alone for half a minute, and works again
 * with the first scrape after that.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { WHOLE } from './judge.ts';
import { Scraper } from './scrape.ts';
import { failing, PASSWORD, type Ward, wardsOf } from './ward.ts';
import { addressOf, startExporter, type World } from './world.ts';

/** As src/mysql/connect/login.ts has it for the first refused login, and some for a busy machine. */
const BACK_OFF_MS = 30_000 + 500;
const USER = 'locked';

/** @returns waits for the end of the back-off; meanwhile there is time for other parts */
export async function testLockout(world: World): Promise<() => Promise<void>> {
  const { servers } = world;
  for (const server of servers) await server.createUser(USER, PASSWORD);
  const exporter = await startExporter(
    world,
    servers.map((server) => ({
      name: `${server.name} locked`,
      address: addressOf(server),
      more: { user: USER, password: PASSWORD },
    })),
  );
  const scraper = new Scraper(exporter.url, world.scrapeSeconds);
  const end = async (): Promise<void> => {
    scraper[Symbol.dispose]();
    await exporter[Symbol.asyncDispose]();
  };
  try {
    const { wards } = wardsOf(world, exporter, scraper);
    const unlocked = await Promise.all(wards.map(lock));
    return async () => {
      await Promise.all(unlocked.map((recover) => recover())).finally(end);
    };
  } catch (error) {
    await end();
    throw error;
  }
}

async function lock({ expect, killAll, server, world }: Ward): Promise<() => Promise<void>> {
  world.ledger.injected('account locked, and unlocked');
  await expect('locked', WHOLE);
  await server.root('ALTER USER ?@? ACCOUNT LOCK', [USER, '%']);
  await expect('locked', WHOLE); // an open connection lives on
  await killAll(USER);
  // It may have been tried for a second connection, while the first one still answered.
  await expect('locked', failing('auth', 'backoff'));
  const refusedAt = performance.now();
  const refused = await server.globalStatus('Aborted_connects');
  for (let i = 0; i < 5; i++) await expect('locked', failing('backoff'));
  const more = (await server.globalStatus('Aborted_connects')) - refused;
  if (more > 0) world.ledger.wrong(`${server.name}: ${more} further logins to a locked account`);
  await server.root('ALTER USER ?@? ACCOUNT UNLOCK', [USER, '%']);
  return async () => {
    await sleep(Math.max(0, refusedAt + BACK_OFF_MS - performance.now()));
    await expect('locked', WHOLE);
  };
}
