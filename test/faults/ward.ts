/**
 * What the parts about real servers work with: one server, its targets, and what is asked of an answer.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exporter } from '../support/exporter.ts';
import type { PrivateServer } from '../support/real-servers.ts';
import { type Expected, judge } from './judge.ts';
import type { Scraper } from './scrape.ts';
import type { World } from './world.ts';

/** Scrapes a target by its name and judges the answer; its text. */
type Expect = (target: string, expected: Expected, query?: string) => Promise<string>;

export interface Ward {
  readonly world: World;
  readonly server: PrivateServer;
  /** The server's targets have its name before their own, which is left out here. */
  readonly expect: Expect;
  /** KILL of all connections of an account, when the exporter opens none. */
  readonly killAll: (user: string) => Promise<void>;
}

/** A password of all accounts made for the suite. */
export const PASSWORD = 'changing';

/** Of the account `hourly`. */
export const MAX_QUERIES_PER_HOUR = 30;

/** A ward for each server; `expect` takes whole names. */
export function wardsOf(
  world: World,
  exporter: Exporter,
  scraper: Scraper,
): { readonly wards: readonly Ward[]; readonly expect: Expect } {
  const expect: Expect = async (target, expected, query) => {
    const answer = await scraper.scrape(target, query);
    judge(world.ledger, [answer], world.scrapeSeconds, () => expected);
    return answer.text;
  };
  const wards = world.servers.map(
    (server): Ward => ({
      world,
      server,
      expect: (target, expected, query) => expect(`${server.name} ${target}`, expected, query),
      killAll: async (user) => {
        await exporter.untilConnected();
        await killAll(server, user);
      },
    }),
  );
  return { wards, expect };
}

export const failing = (...reasons: Expected['reasons']): Expected => ({ reasons, mustFail: true });

/** KILL of all connections of an account; resolves when the server lists none any more. */
export async function killAll(server: PrivateServer, user: string): Promise<void> {
  const rows = await server.root('SELECT id AS id FROM information_schema.processlist WHERE user = ?', [
    user,
  ]);
  // Some may be gone by now: an error about one is none about the others.
  for (const { id } of rows) await server.root(`KILL ${Number(id)}`).catch(() => []);
  await areGone(server, user);
}

/** Waits until the server lists no connection of an account; false when it still does after a long time. */
export async function areGone(server: PrivateServer, user: string): Promise<boolean> {
  const giveUp = performance.now() + 10_000;
  while ((await server.connections(user)) > 0) {
    if (performance.now() > giveUp) return false;
    await sleep(5);
  }
  return true;
}
