/**
 * What a real server does to its clients: full, limits used up, account locked, another one behind the name, frozen.
 *
 * A changed password, KILL, restarts and a freeze of the target itself are in test/e2e/addresses.test.ts and
 * restart.test.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import type { Exporter } from '../e2e/exporter.ts';
import type { PrivateServer } from '../servers/real-servers.ts';
import { type Expected, judge, WHOLE } from './judge.ts';
import { faultProxy } from './proxy.ts';
import { Scraper } from './scrape.ts';
import { addressOf, SCRAPE_SECONDS, startExporter, type Target, type World } from './world.ts';

const PASSWORD = 'changing';
const failing = (...reasons: Expected['reasons']): Expected => ({ reasons, mustFail: true });

interface Ward {
  readonly world: World;
  readonly server: PrivateServer;
  /** Scrapes one of the server's targets by its short name. */
  readonly expect: (target: string, expected: Expected) => Promise<void>;
}

export async function testServerFaults(world: World): Promise<void> {
  const { ledger, servers } = world;
  const [one, other] = servers as readonly [PrivateServer, PrivateServer];
  const proxy = await faultProxy('127.0.4.1', one);
  const targets: Target[] = [
    { name: 'failover', address: addressOf(proxy), more: { user: 'failover', password: PASSWORD } },
  ];
  for (const server of servers) {
    for (const user of ['limited', 'locked', 'failover']) await server.createUser(user, PASSWORD);
    await server.root("ALTER USER limited@'%' WITH MAX_USER_CONNECTIONS 1");
    const address = addressOf(server);
    const name = (short: string) => `${server.name} ${short}`;
    targets.push(
      { name: name('plain'), address },
      { name: name('late'), address },
      { name: name('locked'), address, more: { user: 'locked', password: PASSWORD } },
      ...['a', 'b'].map((which) => ({
        name: name(`limited ${which}`),
        address,
        more: { user: 'limited', password: PASSWORD, labels: { which } },
      })),
    );
  }
  const exporter: Exporter = await startExporter(targets);
  try {
    using scraper = new Scraper(exporter.url, SCRAPE_SECONDS);
    const expect = async (target: string, expected: Expected): Promise<void> =>
      judge(ledger, [await scraper.scrape(target)], SCRAPE_SECONDS, () => expected);
    for (const server of servers) {
      const ward: Ward = {
        world,
        server,
        expect: (target, expected) => expect(`${server.name} ${target}`, expected),
      };
      await exhaustUser(ward);
      await fillUp(ward);
      await lock(ward);
      await freeze(ward, servers.find((candidate) => candidate !== server)!, expect);
    }
    await expect('failover', WHOLE);
    for (const [to, from] of [
      [other, one],
      [one, other],
    ] as const) {
      proxy.failOver(to);
      ledger.injected('failover to another server behind the same address');
      await expect('failover', WHOLE);
      if ((await to.connections('failover')) === 0) ledger.wrong(`failover: no connection to ${to.name}`);
      if ((await from.connections('failover')) > 0) ledger.leaked(`failover: a connection to ${from.name}`);
    }
  } finally {
    await exporter[Symbol.asyncDispose]();
    await proxy.close();
  }
}

async function killAll(server: PrivateServer, user: string): Promise<void> {
  const rows = await server.root('SELECT id AS id FROM information_schema.processlist WHERE user = ?', [
    user,
  ]);
  for (const { id } of rows) await server.root(`KILL ${Number(id)}`);
  const giveUp = performance.now() + 2_000;
  while ((await server.connections(user)) > 0 && performance.now() < giveUp);
}

/** 1226: one connection for the account, and two targets that want two each. */
async function exhaustUser({ expect, server, world }: Ward): Promise<void> {
  world.ledger.injected('limit of the account used up (1226)');
  await expect('limited a', WHOLE);
  await expect('limited b', failing('refused'));
  await expect('limited a', WHOLE);
  await killAll(server, 'limited');
  await expect('limited b', WHOLE);
  await expect('limited a', failing('refused'));
  await killAll(server, 'limited');
  await expect('limited a', WHOLE);
}

/** 1040: who has a connection goes on, who needs one is refused, until there is room again. */
async function fillUp({ expect, server, world }: Ward): Promise<void> {
  world.ledger.injected('server out of connections (1040)');
  await expect('plain', WHOLE);
  const usual = await server.root('SELECT @@max_connections AS n');
  await server.root('SET GLOBAL max_connections = 10');
  const holders: Connection[] = [];
  // Connections that are just ending still count: only repeated refusals mean that it is full.
  for (let refusals = 0; refusals < 3; ) {
    const holder = await server.connect().catch(() => undefined);
    if (holder !== undefined) holders.push(holder);
    else {
      refusals++;
      await sleep(100);
    }
  }
  await expect('late', failing('refused'));
  await expect('plain', WHOLE);
  for (const holder of holders) await holder.end();
  // It counts them a moment longer.
  for (let i = 0; i < 40 && (await server.globalStatus('Threads_connected')) > 7; i++) await sleep(50);
  await expect('late', WHOLE);
  await server.root(`SET GLOBAL max_connections = ${Number(usual[0]?.['n'])}`);
}

/** 3118 or 4151: one attempt, then the account is left alone. */
async function lock({ expect, server, world }: Ward): Promise<void> {
  world.ledger.injected('account locked');
  await expect('locked', WHOLE);
  await server.root("ALTER USER locked@'%' ACCOUNT LOCK");
  await expect('locked', WHOLE); // an open connection lives on
  await killAll(server, 'locked');
  // It may have been tried for a second connection, while the first one still answered.
  await expect('locked', failing('auth', 'backoff'));
  const refused = await server.globalStatus('Aborted_connects');
  for (let i = 0; i < 5; i++) await expect('locked', failing('backoff'));
  const more = (await server.globalStatus('Aborted_connects')) - refused;
  if (more > 0) world.ledger.wrong(`${server.name}: ${more} further logins to a locked account`);
}

/** SIGSTOP: its targets are down in time, those of the other server are whole, and all are after SIGCONT. */
async function freeze(
  { expect, server, world }: Ward,
  other: PrivateServer,
  expectAny: (target: string, expected: Expected) => Promise<void>,
): Promise<void> {
  world.ledger.injected('server frozen and thawed');
  await expect('plain', WHOLE);
  await server.process.pause();
  try {
    const frozen = failing('timeout', 'connect_timeout', 'queue');
    await Promise.all([
      expect('plain', frozen),
      expect('late', frozen),
      expectAny(`${other.name} plain`, WHOLE),
    ]);
  } finally {
    server.process.resume();
  }
  await server.root('SELECT 1');
  await expect('plain', WHOLE);
}
