/**
 * For each reason the faults under which a server answers nothing, so that it is the reason of the whole probe.
 *
 * Real servers wherever they can have the fault, behind a proxy when it is the network's; scripts play the rest.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reason } from '../../../src/model/reason.ts';
import { blackHole } from '../../faults/inject/black-hole.ts';
import { mortalNameServer, nameOf } from '../../faults/inject/name-server.ts';
import { type FaultProxy, faultProxy } from '../../faults/inject/proxy.ts';
import { eventually } from '../../support/eventually.ts';
import type { Answer, Exporter } from '../../support/exporter.ts';
import { errorsOf, metricValue } from '../../support/parse-exposition.ts';
import { EXPORTER, type RealServer } from '../../support/real-servers.ts';
import {
  letIn,
  result,
  type Script,
  type ScriptedServer,
  scriptedServer,
  silence,
} from '../../support/scripted-server.ts';
import type { Verdict } from './verdict.ts';

/** Accounts of this process alone: test files run side by side on the same servers. */
export const LOGIN = { user: `families_${process.pid}`, password: 'a real secret' } as const;
/** An account that may have one connection. */
export const NARROW = { user: `narrow_${process.pid}`, password: 'another secret' } as const;
export const WRONG_PASSWORD = 'a wrong secret';
/** As Prometheus would announce it. */
export const SCRAPE_SECONDS = 5;

type Settings = Readonly<Record<string, unknown>>;

export interface Fault {
  /** Of the target too. */
  readonly name: string;
  readonly target: Settings;
  /** What brings the fault about in the end, and the answer that shows it; a plain probe unless told otherwise. */
  readonly ask?: (exporter: Exporter, target: string) => Promise<Answer>;
  /** What else the answer tells; unless told otherwise that both queries of `pair` failed for the same reason. */
  readonly tells?: Pick<Verdict, 'queries' | 'samples'>;
  /** Whether the exporter does not outlive it. */
  readonly isLast?: boolean;
  readonly scrapeSeconds?: number;
}

export interface Faults {
  readonly byReason: Readonly<Record<Reason, readonly Fault[] | 'only after an answer'>>;
  /** As `ip:port`, for the exporter. */
  readonly nameServer: string;
  close(): Promise<void>;
}

const at = ({ host, port }: { readonly host: string; readonly port: number }) => `${host}:${port}`;

/** Makes the targets of all faults. A reason that is new does not compile before it has some. */
export async function makeFaults(servers: readonly RealServer[]): Promise<Faults> {
  const names = await mortalNameServer();
  const closing: (() => Promise<void>)[] = [];
  const script = async (play: Script) => {
    const server = await scriptedServer(play);
    closing.push(() => server.close());
    return server;
  };
  const proxy = async (server: RealServer) => {
    const made = await faultProxy('127.0.0.1', server);
    closing.push(() => made.close());
    return made;
  };
  const onEach = (make: (server: RealServer) => Promise<Fault>) => Promise.all(servers.map(make));
  const hole = { host: '127.0.0.9', port: 3306 };
  const swallowing = await blackHole(hole);
  closing.push(() => swallowing.close());

  return {
    byReason: {
      dns: [
        { name: 'a name that there is not', target: { address: 'no-such-host.invalid:3306' } },
        {
          name: 'a silent name server',
          target: { address: `${nameOf('127.0.0.1')}:3306`, connect_timeout: '300ms' },
          ask: async (exporter, target) => {
            names.isDead = true;
            return await exporter.probe(target, SCRAPE_SECONDS);
          },
        },
      ],
      refused: [
        { name: 'a port where nobody listens', target: { address: '127.0.0.1:1' } },
        { name: 'a socket that there is not', target: { address: 'unix:///no/such/socket' } },
        ...(await onEach(async (server) => noConnectionLeft(server))),
      ],
      // A kernel opens no TCP connection to an address of many hosts, whatever its routes are.
      unreachable: [{ name: 'an address without a route', target: { address: '224.0.0.1:3306' } }],
      connect_timeout: [
        { name: 'a silent server', target: { address: at(await script(silence)), connect_timeout: '300ms' } },
        { name: 'a black hole', target: { address: at(hole), connect_timeout: '300ms' } },
        ...(await onEach(async (server) => stallingLogin(server, await proxy(server)))),
      ],
      tls: await onEach(async (server) =>
        server.flavour === 'mysql'
          ? {
              name: 'MySQL with a certificate of its own making',
              target: { address: at(server), tls: { mode: 'verify_ca' } },
            }
          : { name: 'MariaDB without TLS', target: { address: at(server), tls: { mode: 'required' } } },
      ),
      credentials: [await lostPassword(servers[0]!, closing)],
      auth: await onEach(async (server) => ({
        name: `a wrong password for ${server.name}`,
        target: { address: at(server), password: WRONG_PASSWORD },
      })),
      backoff: await onEach(async (server) => ({
        name: `a second try at ${server.name}`,
        target: { address: at(server), password: WRONG_PASSWORD },
        ask: async (exporter, target) => {
          await exporter.probe(target, SCRAPE_SECONDS);
          return await exporter.probe(target, SCRAPE_SECONDS);
        },
      })),
      queue: await onEach(async (server) => onlyConnectionBusy(server)),
      timeout: [
        ...(await onEach(async (server) => frozen(server, await proxy(server)))),
        ...(await onEach(async (server) => frozenForLess(server, await proxy(server)))),
      ],
      canceled: [stoppingExporter(await script(silence))],
      sql: await onEach(async (server) => ({
        name: `a session that ${server.name} does not allow`,
        target: { address: at(server), session: { no_such_variable: 1 } },
      })),
      missing_column: 'only after an answer',
      invalid_value: 'only after an answer',
      limit: [{ name: 'rows where none belong', target: { address: at(await script(rowsForEverything)) } }],
      lost: [
        {
          name: 'no MySQL server',
          target: { address: at(await script((peer) => peer.raw('SSH-2.0-OpenSSH_9.2\r\n'))) },
        },
        ...(await onEach(async (server) => cutLogin(server, await proxy(server)))),
      ],
    },
    nameServer: names.address,
    close: async () => {
      names.close();
      await Promise.all(closing.map((close) => close()));
    },
  };
}

/** The only connection that the account may have is that of another target. */
function noConnectionLeft(server: RealServer): Fault {
  return {
    name: `no connection left at ${server.name}`,
    target: { address: at(server), ...NARROW },
    ask: async (exporter, target) => {
      await exporter.probe(`narrow ${server.name}`, SCRAPE_SECONDS);
      return await exporter.probe(target, SCRAPE_SECONDS);
    },
  };
}

/** Behind the greeting of MySQL comes TLS, of MariaDB the login: neither ever ends. */
async function stallingLogin(server: RealServer, proxy: FaultProxy): Promise<Fault> {
  await proxy.set({ kind: 'stall', after: 'greeting' });
  const mode = server.flavour === 'mysql' ? 'required' : 'disabled';
  return {
    name: `${server.name} that is silent after its greeting`,
    target: { address: at(proxy), connect_timeout: '300ms', tls: { mode } },
  };
}

async function cutLogin(server: RealServer, proxy: FaultProxy): Promise<Fault> {
  await proxy.set({ kind: 'cut', after: 'greeting' });
  return { name: `${server.name} that hangs up after its greeting`, target: { address: at(proxy) } };
}

/** The network dies under an open connection: the statement finds no answer, the next one no connection. */
function frozen(server: RealServer, proxy: FaultProxy, seconds = SCRAPE_SECONDS): Fault {
  return {
    name: `${server.name} that falls silent`,
    target: { address: at(proxy), max_connections: 1, query_timeout: '400ms' },
    ask: async (exporter, target) => {
      await untilUp(exporter, target, 'pair');
      await proxy.set({ kind: 'stall', after: 0 });
      return await exporter.probe(target, seconds);
    },
    tells: { queries: { 'pair/one': 'timeout, rows: 0', 'pair/other': 'queue, rows: 0' }, samples: {} },
  };
}

/** With less time than before the session's limit is set anew: that statement is part of the first query. */
function frozenForLess(server: RealServer, proxy: FaultProxy): Fault {
  const scrapeSeconds = 0.5;
  return {
    ...frozen(server, proxy, scrapeSeconds),
    name: `${server.name} that falls silent, asked for less time than before`,
    scrapeSeconds,
  };
}

/** A probe that has its results, and only wants to know whether the server is there, while another one asks. */
function onlyConnectionBusy(server: RealServer): Fault {
  return {
    name: `the only connection to ${server.name} busy`,
    target: { address: at(server), max_connections: 1, query_timeout: '300ms' },
    ask: async (exporter, target) => {
      await untilUp(exporter, target, 'kept');
      await using _held = await holdConnection(exporter, target, server);
      return await exporter.probe(target, SCRAPE_SECONDS, '&query_set=kept');
    },
    tells: { queries: { 'kept/kept': 'ok, rows: 1' }, samples: { families_kept: 4 } },
  };
}

/** Probes until all is answered: the first connection may take longer than a query with a short timeout waits. */
async function untilUp(exporter: Exporter, target: string, set: string): Promise<void> {
  await eventually(async () => {
    const { text } = await exporter.probe(target, SCRAPE_SECONDS, `&query_set=${set}`);
    assert.deepEqual(errorsOf(text), []);
    assert.equal(metricValue(text, 'mysql_up'), 1);
  });
}

/** Keeps one connection of a target busy with another probe. */
export async function holdConnection(
  exporter: Exporter,
  target: string,
  server: RealServer,
): Promise<AsyncDisposable> {
  const hangUp = new AbortController();
  const held = exporter
    .get(`/probe?target=${encodeURIComponent(target)}&query_set=holding`, { signal: hangUp.signal })
    .catch(() => {});
  await eventually(async () => {
    const running = await server.statementsRunning(LOGIN.user);
    assert.equal(running.filter(({ sql }) => sql?.includes('holding')).length, 1);
  });
  return {
    async [Symbol.asyncDispose]() {
      hangUp.abort();
      await held;
    },
  };
}

/** A probe that waits for a server without end is answered when the exporter may not wait any longer. */
function stoppingExporter(silent: ScriptedServer): Fault {
  return {
    name: 'an exporter that stops',
    target: { address: at(silent), connect_timeout: '20s', query_timeout: '20s' },
    isLast: true,
    scrapeSeconds: 10,
    ask: async (exporter, target) => {
      const answer = exporter.probe(target, 10);
      await eventually(async () => assert.equal(silent.open, 1));
      exporter.signal('SIGTERM');
      return await answer;
    },
  };
}

/** What sets a session up returns no rows; a rogue server sends some nevertheless. */
const rowsForEverything: Script = async (peer) => {
  await letIn(peer);
  for (;;) {
    await peer.question();
    peer.send(...result(['v'], [['1'], ['2']]));
  }
};

/** A password file that was there when the exporter started. */
async function lostPassword(server: RealServer, closing: (() => Promise<void>)[]): Promise<Fault> {
  const folder = await mkdtemp(join(tmpdir(), 'password-'));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'password');
  await writeFile(file, EXPORTER.password, { mode: 0o600 });
  return {
    name: 'a password file that is gone',
    target: { address: at(server), password_file: file },
    ask: async (exporter, target) => {
      await rename(file, `${file}.gone`);
      const answer = await exporter.probe(target, SCRAPE_SECONDS);
      await rename(`${file}.gone`, file); // another exporter starts with it
      return answer;
    },
  };
}
