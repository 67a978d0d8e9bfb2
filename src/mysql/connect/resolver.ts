/**
 * Names to addresses without the C library's resolver.
 *
 * `dns.lookup` runs on two of libuv's threads: a few dead names make every other lookup wait for tens of
 * seconds (libuv#1845). This asks the name servers directly (c-ares), remembers answers for their TTL, serves
 * a stale one when the name servers are gone, and honours /etc/hosts and the search list of resolv.conf.
 */
import type { RecordWithTtl } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { readFile, stat } from 'node:fs/promises';
import { isIP } from 'node:net';

export type ResolveHost = (host: string) => Promise<Resolved>;

export type Resolved =
  | {
      readonly ok: true;
      readonly addresses: readonly string[];
      /** Has the name servers asked again next time: one of the addresses refuses or is silent. */
      readonly forget?: () => void;
    }
  | { readonly ok: false; readonly detail: string };

/** Seams of this module to the machine, set by tests. */
export interface ResolverOptions {
  readonly hostsFile?: string;
  readonly resolvConf?: string;
  /** Name servers as `ip` or `ip:port`; those of the machine when left out. */
  readonly servers?: readonly string[];
}

const MIN_TTL_MS = 5_000;
const MAX_TTL_MS = 300_000;
/** How long an answer may still be used when the name servers do not answer. */
const STALE_MS = 3_600_000;
/** How long to wait for them while there is such an answer: dead ones take three seconds, all of a connect. */
const STALE_WAIT_MS = 300;
/** How long IPv6 may keep us waiting when there is an IPv4 address: some name servers drop such questions. */
const IPV6_WAIT_MS = 200;
const MAX_CACHED = 10_000;

interface Cached {
  readonly addresses: readonly string[];
  readonly freshUntil: number;
  readonly usableUntil: number;
}

/** `isFinal` when a name server answered; false when none did. */
type Answer =
  | Extract<Resolved, { ok: true }>
  | (Extract<Resolved, { ok: false }> & { readonly isFinal: boolean });

/** A resolver with its own cache. A lookup ends by itself within five seconds. */
export function createResolver(options: ResolverOptions = {}): ResolveHost {
  const lookups = new Lookups(options);
  return (host) => {
    const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
    return isIP(bare) !== 0
      ? Promise.resolve({ ok: true, addresses: [bare] })
      : lookups.find(bare.toLowerCase());
  };
}

class Lookups {
  readonly #servers: readonly string[] | undefined;
  readonly #cache = new Map<string, Cached>();
  readonly #underWay = new Map<string, Promise<Answer>>();
  readonly #hosts: () => Promise<ReadonlyMap<string, readonly string[]> | undefined>;
  readonly #search: () => Promise<Search | undefined>;

  constructor({ hostsFile, resolvConf, servers }: ResolverOptions) {
    this.#servers = servers;
    this.#hosts = watchedFile(hostsFile ?? '/etc/hosts', parseHosts);
    this.#search = watchedFile(resolvConf ?? '/etc/resolv.conf', parseSearch);
  }

  /** @param host a name in lower case */
  async find(host: string): Promise<Resolved> {
    const listed = (await this.#hosts())?.get(host);
    if (listed !== undefined) return { ok: true, addresses: listed };
    if (host === 'localhost' || host.endsWith('.localhost'))
      return { ok: true, addresses: ['127.0.0.1', '::1'] };
    const known = this.#cache.get(host);
    if (known !== undefined && performance.now() < known.freshUntil) return this.#answer(host, known);
    const running = this.#askOnce(host);
    if (known === undefined || performance.now() > known.usableUntil) return await running;
    const answer = await atMost(STALE_WAIT_MS, running);
    if (answer !== undefined && (answer.ok || answer.isFinal)) return answer;
    // The next queries need not wait.
    const still = { ...known, freshUntil: performance.now() + MIN_TTL_MS };
    this.#cache.set(host, still);
    return this.#answer(host, still);
  }

  #answer(host: string, cached: Cached): Answer {
    const forget = () => {
      const old = { ...cached, freshUntil: Number.NEGATIVE_INFINITY };
      if (this.#cache.get(host) === cached) this.#cache.set(host, old);
    };
    return { ok: true, addresses: cached.addresses, forget };
  }

  /** Simultaneous lookups of a name share one. */
  #askOnce(host: string): Promise<Answer> {
    const known = this.#underWay.get(host);
    if (known !== undefined) return known;
    const running = this.#ask(host).finally(() => this.#underWay.delete(host));
    this.#underWay.set(host, running);
    return running;
  }

  async #ask(host: string): Promise<Answer> {
    // A new resolver each time, because it reads resolv.conf only when it is made.
    const resolver = new Resolver({ timeout: 1000, tries: 2 });
    if (this.#servers !== undefined) resolver.setServers(this.#servers);
    let detail = `no address for ${host}`;
    let isFinal = true;
    for (const name of candidates(host, await this.#search())) {
      const found = await askFor(resolver, name);
      if (found.addresses.length > 0) return this.#keep(host, found);
      detail = found.detail;
      isFinal = found.reached;
      if (!isFinal) break; // silent name servers will be silent for the next suffix too
    }
    if (isFinal) this.#cache.delete(host);
    return { ok: false, detail, isFinal };
  }

  #keep(host: string, { addresses, ttlMs }: Found): Answer {
    if (this.#cache.size >= MAX_CACHED) this.#cache.clear();
    const ttl = Math.min(Math.max(ttlMs, MIN_TTL_MS), MAX_TTL_MS);
    const freshUntil = performance.now() + ttl;
    const cached = { addresses, freshUntil, usableUntil: freshUntil + STALE_MS };
    this.#cache.set(host, cached);
    return this.#answer(host, cached);
  }
}

interface Found {
  readonly addresses: readonly string[];
  readonly ttlMs: number;
  readonly detail: string;
  /** Whether a name server answered at all. */
  readonly reached: boolean;
}

async function askFor(resolver: Resolver, name: string): Promise<Found> {
  const asking6 = recordsOf(resolver.resolve6(name, { ttl: true }));
  const v4 = await recordsOf(resolver.resolve4(name, { ttl: true }));
  const v6 = v4.records.length === 0 ? await asking6 : await atMost(IPV6_WAIT_MS, asking6);
  const records = [...v4.records, ...(v6?.records ?? [])];
  const code = v4.code;
  return {
    addresses: records.map((record) => record.address),
    ttlMs: Math.min(...records.map((record) => record.ttl)) * 1000,
    detail: `${name}: ${EXPLANATION[code] ?? code}`,
    reached: code === 'ENOTFOUND' || code === 'ENODATA',
  };
}

const EXPLANATION: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such name',
  ENODATA: 'the name has no address',
  ETIMEOUT: 'no answer from the name servers',
  ECONNREFUSED: 'no name server to ask',
  ESERVFAIL: 'the name server failed',
  EREFUSED: 'the name server refused',
};

async function recordsOf(
  asked: Promise<readonly RecordWithTtl[]>,
): Promise<{ readonly records: readonly RecordWithTtl[]; readonly code: string }> {
  try {
    return { records: await asked, code: 'ENODATA' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'EUNKNOWN';
    return { records: [], code };
  }
}

/** The promise's value, or undefined when it takes longer. A question to name servers ends by itself. */
function atMost<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

interface Search {
  readonly domains: readonly string[];
  readonly ndots: number;
}

/** The order of resolv.conf(5): a name with enough dots is tried as it is first, others last. */
function candidates(host: string, search: Search | undefined): readonly string[] {
  if (host.endsWith('.') || search === undefined || search.domains.length === 0) return [host];
  const suffixed = search.domains.map((domain) => `${host}.${domain}`);
  return host.split('.').length > search.ndots ? [host, ...suffixed] : [...suffixed, host];
}

function parseSearch(text: string): Search {
  let domains: readonly string[] = [];
  let ndots = 1;
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line.trim().split(/\s+/);
    if (keyword === 'search' || keyword === 'domain') domains = words.filter((word) => word !== '.');
    if (keyword === 'options') {
      const option = words.find((word) => word.startsWith('ndots:'));
      if (option !== undefined) ndots = Number.parseInt(option.slice('ndots:'.length), 10) || 0;
    }
  }
  return { domains, ndots };
}

function parseHosts(text: string): ReadonlyMap<string, readonly string[]> {
  const hosts = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (address === undefined || isIP(address) === 0) continue;
    for (const name of names) {
      const known = hosts.get(name.toLowerCase()) ?? [];
      hosts.set(name.toLowerCase(), isIP(address) === 4 ? [address, ...known] : [...known, address]);
    }
  }
  return hosts;
}

/** Reads and parses a file again only when it has changed, and looks for a change at most once a second. */
function watchedFile<T>(path: string, parse: (text: string) => T): () => Promise<T | undefined> {
  let parsed: T | undefined;
  let version = '';
  let checkedAt = Number.NEGATIVE_INFINITY;
  let checking: Promise<T | undefined> = Promise.resolve(undefined);

  async function check(): Promise<T | undefined> {
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const seen = `${mtimeMs} ${size} ${ino}`;
      if (seen !== version) {
        parsed = parse(await readFile(path, 'utf8'));
        version = seen;
      }
    } catch {
      parsed = undefined; // a machine without the file has nothing to say
      version = '';
    }
    return parsed;
  }

  // Callers share one check: before the first is done, nothing is known.
  return () => {
    if (performance.now() - checkedAt >= 1000) {
      checkedAt = performance.now();
      checking = check();
    }
    return checking;
  };
}
