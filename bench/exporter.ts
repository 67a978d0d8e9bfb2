/**
 * Our exporter as users run it: built, with a configuration of so many targets that are all one server.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild, stopChild } from '../harness/children.ts';
import type { Service } from '../harness/exporter.ts';
import { freePort } from '../harness/free-port.ts';
import { httpReady } from '../harness/http-ready.ts';
import { portReady } from '../harness/proxies/port-ready.ts';
import { refuseOurs } from './answers.ts';
import type { Bench, Site } from './experiment.ts';
import { type Load, probeAll } from './load.ts';
import { ACCOUNT, addressOf, statementsDuring } from './server.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export interface Wanted {
  readonly targets: number;
  readonly sets: readonly string[];
  /** The exporter's own default when left out. */
  readonly maxConnections?: number;
  /** How long a connection that is not used stays open; the exporter's own default when left out. */
  readonly idleSeconds?: number;
  /** As in targets.yml; no limit when left out: a probe is to cost what it costs, also where a busy machine makes queries slow. */
  readonly maxLoad?: string;
  /** Query sets that are not shipped, as in a query file. */
  readonly ownSets?: Readonly<Record<string, unknown>>;
  /** Sets of single targets, counted from 0, instead of `sets`. */
  readonly setsOf?: ReadonlyMap<number, readonly string[]>;
  readonly profiled?: boolean;
  /** The file of --web.config.file; it has TLS. */
  readonly webFile?: string;
}

export interface Ours extends Service {
  /** Names of its targets. */
  readonly targets: readonly string[];
  readonly stop: () => Promise<void>;
}

/** The exporter's own default. */
export const CONNECTIONS_PER_TARGET = 3;

let started = 0;

/** Writes the configuration; the path of its file. */
export async function writeTargets(site: Site, wanted: Wanted): Promise<string> {
  const { folder, options, server } = site;
  const { idleSeconds, maxConnections = CONNECTIONS_PER_TARGET, maxLoad = '100%' } = wanted;
  const { ownSets, setsOf } = wanted;
  const id = ++started;
  const queryFiles = [join(ROOT, 'queries/*.yml')];
  if (ownSets !== undefined) {
    queryFiles.push(join(folder, `queries-${id}.yml`));
    await writeFile(queryFiles[1] ?? '', JSON.stringify({ query_sets: ownSets }));
  }
  const target = (i: number) => {
    const sets = setsOf?.get(i);
    const address = `${addressOf(i)}:${server.port}`;
    return sets === undefined ? { address } : { address, query_sets: sets };
  };
  const config = {
    query_files: queryFiles,
    defaults: {
      ...ACCOUNT,
      query_sets: wanted.sets,
      max_connections: maxConnections,
      ...(idleSeconds === undefined ? {} : { idle_timeout: `${idleSeconds}s` }),
      max_load: maxLoad,
      tls: { mode: options.tls ? 'required' : 'disabled' },
      // The first login of an account without TLS needs it; this server is on loopback.
      allow_public_key_retrieval: !options.tls,
    },
    targets: Object.fromEntries(Array.from({ length: wanted.targets }, (_, i) => [nameOf(i), target(i)])),
  };
  const file = join(folder, `targets-${id}.yml`);
  await writeFile(file, JSON.stringify(config, null, 1)); // JSON is YAML
  return file;
}

const nameOf = (index: number) => `bench-${index + 1}`;

export async function startOurs(site: Site, wanted: Wanted): Promise<Ours> {
  const config = await writeTargets(site, wanted);
  const { webFile } = wanted;
  const service = await startWith(site, config, wanted);
  if (webFile === undefined) await httpReady(service.child, `${service.url}/-/ready`, service.log);
  else await portReady(service.child, Number(new URL(service.url).port), service.log);
  return {
    ...service,
    targets: Array.from({ length: wanted.targets }, (_, i) => nameOf(i)),
    stop: () => stopChild(service.child),
  };
}

/** Starts it and does not wait. `profiled`: it leaves a .cpuprofile in the folder of the run when it ends. */
export async function startWith(
  { folder }: Pick<Site, 'folder'>,
  config: string,
  { profiled = false, webFile }: Pick<Wanted, 'profiled' | 'webFile'> = {},
): Promise<Service> {
  const log = join(folder, 'exporter.log');
  const address = `127.0.0.1:${await freePort()}`;
  const child = await startChild({
    command: process.execPath,
    args: [
      ...(profiled ? ['--cpu-prof', '--cpu-prof-dir', folder] : []),
      ...[programFile(profiled), 'serve', '--config.file', config, '--web.listen-address', address],
      ...(webFile === undefined ? [] : ['--web.config.file', webFile]),
    ],
    env: process.env,
    log,
  });
  return { child, url: `${webFile === undefined ? 'http' : 'https'}://${address}`, log };
}

/** A profile tells by the file which part of the program took the time; the built program has hardly any files. */
const programFile = (profiled: boolean): string =>
  join(ROOT, profiled ? 'dist-modules/cli.js' : 'dist/cli.js');

/** `queries`: how many must succeed in each answer, at least. */
export function loadOf({ targets, url }: Ours, { gzip }: Site['options'], queries: number): Load {
  return { url: `${url}/probe?target=`, targets, gzip, refuse: refuseOurs(queries) };
}

/**
 * What one probe asks the server once everything is known: learned from the server, so it is what is really asked.
 */
export async function statementsOf(bench: Bench, ours: Ours): Promise<readonly string[]> {
  const one: Load = { ...loadOf(ours, bench.options, 1), targets: ours.targets.slice(0, 1) };
  await probeAll(one, 1, { ms: 0, probes: 2 });
  const all = await statementsDuring(bench.server, () => probeAll(one, 1, { ms: 0, probes: 1 }));
  // What a new connection asks is no part of it: its settings, who the server is, what the account may do.
  const asked = all.filter((sql) => !/^(?:(?:SET|DO|SHOW GRANTS)\b|SELECT CONNECTION_ID\(\))/i.test(sql));
  if (asked.length === 0) throw new Error('the server saw no statement of a probe');
  return asked;
}

export interface OwnMetrics {
  /** How late the event loop was since it was last asked, at most in 99 of 100 looks, and at worst. */
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
}

/** Node's histogram holds the intervals of a timer of 10 ms: what is above that is delay. */
const LOOP_TIMER_MS = 10;

/** Asking for them also begins a new measurement of the event loop's delay. */
export async function ownMetrics({ url }: Ours): Promise<OwnMetrics> {
  const text = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) })).text();
  const read = (name: string) => {
    const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
    if (value === undefined) throw new Error(`the exporter's own metrics lack ${name}`);
    return Math.max(0, Number(value) * 1000 - LOOP_TIMER_MS);
  };
  return {
    loopDelayP99Ms: read('nodejs_eventloop_lag_p99_seconds'),
    loopDelayMaxMs: read('nodejs_eventloop_lag_max_seconds'),
  };
}
