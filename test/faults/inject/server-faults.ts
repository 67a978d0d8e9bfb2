/**
 * What a real server does to its clients: full, read-only, slow, killing, frozen, crashed, another one behind the name.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { metricValue } from '../../support/parse-exposition.ts';
import type { PrivateServer } from '../../support/real-servers.ts';
import { WHOLE } from '../judge.ts';
import { Scraper } from '../scrape.ts';
import { areGone, failing, MAX_QUERIES_PER_HOUR, PASSWORD, type Ward, wardsOf } from '../ward.ts';
import { addressOf, startExporter, type Target, type World } from '../world.ts';
import { exhaustHour, exhaustUser, rotate } from './account-faults.ts';
import { faultProxy } from './proxy.ts';

const ACCOUNTS = ['limited', 'failover', 'hourly', 'rotated'] as const;
/** The same distance into the past and into the future. */
const JUMP_SECONDS = 86_400 * 365;

export async function testServerFaults(world: World): Promise<void> {
  const { ledger, servers } = world;
  const [one, other] = servers as readonly [PrivateServer, PrivateServer];
  const folder = await mkdtemp(join(tmpdir(), 'passwords-'));
  const passwordFile = (server: PrivateServer) => join(folder, server.flavour);
  const proxy = await faultProxy('127.0.4.1', one);
  const targets: Target[] = [
    { name: 'failover', address: addressOf(proxy), more: { user: 'failover', password: PASSWORD } },
  ];
  for (const server of servers) {
    for (const user of ACCOUNTS) await server.createUser(user, PASSWORD);
    await server.root("ALTER USER limited@'%' WITH MAX_USER_CONNECTIONS 1");
    await server.root(`ALTER USER hourly@'%' WITH MAX_QUERIES_PER_HOUR ${MAX_QUERIES_PER_HOUR}`);
    await writeFile(passwordFile(server), PASSWORD);
    targets.push(...targetsOf(server, passwordFile(server)));
  }
  const exporter = await startExporter(world, targets);
  try {
    using scraper = new Scraper(exporter.url, world.scrapeSeconds);
    const { expect, wards } = wardsOf(world, exporter, scraper);
    await Promise.all(
      wards.map(async (ward) => {
        await fillUp(ward); // as long as few connections are open
        await exhaustUser(ward);
        await exhaustHour(ward);
        await rotate(ward, passwordFile(ward.server));
        await readOnly(ward);
        await slowCatalog(ward);
        await jumpInTime(ward);
        await killStatement(ward);
      }),
    );
    for (const [at, ward] of wards.entries()) await freeze(ward, wards[1 - at]!);
    await failOver();
    if (world.scale.isPatient) for (const ward of wards) await crash(ward);

    async function failOver(): Promise<void> {
      await expect('failover', WHOLE);
      for (const [to, from] of [
        [other, one],
        [one, other],
      ] as const) {
        proxy.failOver(to);
        ledger.injected('failover to another server behind the same address');
        await expect('failover', WHOLE);
        if ((await to.connections('failover')) === 0) ledger.wrong(`failover: no connection to ${to.name}`);
        if (!(await areGone(from, 'failover'))) ledger.leaked(`failover: a connection to ${from.name}`);
      }
    }
  } finally {
    await exporter[Symbol.asyncDispose]();
    await proxy.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function targetsOf(server: PrivateServer, passwordFile: string): readonly Target[] {
  const target = (name: string, more: Target['more'] = {}): Target => ({
    name: `${server.name} ${name}`,
    address: addressOf(server),
    more,
  });
  const as = (user: (typeof ACCOUNTS)[number]) => ({ user, password: PASSWORD });
  return [
    target('plain'),
    target('late'),
    target('hourly', as('hourly')),
    // One connection: a second one being opened in the background would be with the password of before.
    target('rotated', { user: 'rotated', password_file: passwordFile, max_connections: 1 }),
    target('limited a', { ...as('limited'), labels: { which: 'a' } }),
    target('limited b', { ...as('limited'), labels: { which: 'b' } }),
  ];
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

/** As a replica before its promotion, and a primary under repair: reading goes on, and new connections too. */
async function readOnly({ expect, killAll, server, world }: Ward): Promise<void> {
  world.ledger.injected('server read-only');
  await server.root('SET GLOBAL read_only = 1');
  await expect('plain', WHOLE);
  await killAll('exporter');
  await expect('plain', WHOLE);
  await server.root('SET GLOBAL read_only = 0');
}

/** A query of the catalog that would take hours: it alone is missing, and soon runs nowhere. */
async function slowCatalog({ expect, server, world }: Ward): Promise<void> {
  world.ledger.injected('very slow information_schema');
  await expect('plain', failing('timeout'), '&query_set=endless');
  const running = await server.untilIdle('exporter', 1_000 * world.scale.patience);
  if (running.length > 0) world.ledger.leaked(`${server.name}: the slow query runs on`);
  await expect('plain', WHOLE);
}

/**
 * The clock of the server is a year behind, then a year ahead: what it says of the time is passed on, and no timeout
 * or age is reckoned by it. A machine's clock is not ours to set; a session's is, before the exporter gets to use it.
 */
async function jumpInTime({ expect, killAll, server, world }: Ward): Promise<void> {
  for (const jump of [-JUMP_SECONDS, JUMP_SECONDS]) {
    world.ledger.injected('clock of the server jumped');
    const then = Math.floor(Date.now() / 1000) + jump;
    await server.root('SET GLOBAL init_connect = ?', [`SET timestamp = ${then}`]);
    await killAll('exporter');
    const now = metricValue(await expect('plain', WHOLE, '&query_set=clock'), 'faults_now');
    if (now !== then) world.ledger.wrong(`${server.name}: its clock says ${then}, the answer ${now}`);
    await expect('plain', WHOLE);
  }
  await server.root("SET GLOBAL init_connect = ''");
  await killAll('exporter');
  await expect('plain', WHOLE);
}

/** KILL under a statement: it is lost and not sent again, the next scrape has a new connection. */
async function killStatement({ expect, killAll, server, world }: Ward): Promise<void> {
  world.ledger.injected('KILL of a session at work');
  const holder = await server.connect();
  await holder.query("SELECT GET_LOCK('faults', 0)");
  const scraped = expect('plain', failing('lost'), '&query_set=hanging');
  const giveUp = performance.now() + 1_500 * world.scale.patience;
  while ((await server.statementsRunning('exporter')).length === 0 && performance.now() < giveUp);
  await sleep(50 * world.scale.patience); // a connection that ends at once is taken for one that was dead before
  await killAll('exporter');
  await scraped;
  await holder.end();
  await expect('plain', WHOLE);
}

/** SIGSTOP: its targets are down in time, those of the other server are whole, and all are after SIGCONT. */
async function freeze({ expect, server, world }: Ward, other: Ward): Promise<void> {
  world.ledger.injected('server frozen and thawed');
  await expect('plain', WHOLE);
  await server.process.pause();
  try {
    const frozen = failing('timeout', 'connect_timeout', 'queue');
    await Promise.all([expect('plain', frozen), expect('late', frozen), other.expect('plain', WHOLE)]);
  } finally {
    server.process.resume();
  }
  await server.root('SELECT 1');
  await expect('plain', WHOLE);
}

/** SIGKILL under way: refused at once while it is gone, whole with the first scrape after its start. */
async function crash({ expect, server, world }: Ward): Promise<void> {
  world.ledger.injected('server killed and started again');
  await server.root('FLUSH TABLES; FLUSH LOGS'); // the accounts; it is allowed to lose the last second
  await server.process.kill();
  await expect('plain', failing('refused'));
  await server.process.start();
  await expect('plain', WHOLE);
  await expect('late', WHOLE);
}
