/**
 * Names to addresses without the C library's resolver.
 *
 * `dns.lookup` runs on two of libuv's threads: a few dead names make every other lookup wait for tens of
 * seconds (libuv#1845). This asks the name servers directly (c-ares), remembers answers for their TTL, serves
 * a stale one when the name servers are gone, and honours /etc/hosts and the search list of resolv.conf.
 */
import { Resolver } from 'node:dns/promises';
import { readFile, stat } from 'node:fs/promises';
import { isIP } from 'node:net';

export type Names = (host: string) => Promise<Resolved>;

export type Resolved =
  | { readonly ok: true; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly detail: string };

/** Seams of this module to the machine, set by tests. */
export interface NamesOptions {
  readonly hostsFile?: string;
  readonly resolvConf?: string;
  /** Name servers as `ip` or `ip:port`; those of the machine when left out. */
  readonly servers?: readonly string[];
}

const MIN_TTL_MS = 5_000;
const MAX_TTL_MS = 300_000;
/** How long an answer may still be used when the name servers do not answer. */
const STALE_MS = 3_600_000;
const MAX_CACHED = 10_000;

interface Cached {
  readonly addresses: readonly string[];
  readonly freshUntil: number;
}

/** A resolver with its own cache. A lookup ends by itself within four seconds. */
export function createNames(options: NamesOptions = {}): Names {
  const cache = new Map<string, Cached>();
  const underWay = new Map<string, Promise<Resolved>>();
  const hosts = watchedFile(options.hostsFile ?? '/etc/hosts', parseHosts);
  const search = watchedFile(options.resolvConf ?? '/etc/resolv.conf', parseSearch);

  async function lookUp(host: string): Promise<Resolved> {
    const listed = (await hosts())?.get(host);
    if (listed !== undefined) return { ok: true, addresses: listed };
    if (host === 'localhost' || host.endsWith('.localhost'))
      return { ok: true, addresses: ['127.0.0.1', '::1'] };
    const known = cache.get(host);
    if (known !== undefined && performance.now() < known.freshUntil)
      return { ok: true, addresses: known.addresses };
    let running = underWay.get(host);
    if (running === undefined) {
      running = ask(host).finally(() => underWay.delete(host));
      underWay.set(host, running);
    }
    const answer = await running;
    if (!answer.ok && known !== undefined && performance.now() < known.freshUntil + STALE_MS) {
      return { ok: true, addresses: known.addresses };
    }
    return answer;
  }

  async function ask(host: string): Promise<Resolved> {
    // A new resolver each time, because it reads resolv.conf only when it is made.
    const resolver = new Resolver({ timeout: 1000, tries: 2 });
    if (options.servers !== undefined) resolver.setServers(options.servers);
    let detail = `no address for ${host}`;
    for (const name of candidates(host, await search())) {
      const found = await askFor(resolver, name);
      if (found.addresses.length > 0) {
        if (cache.size >= MAX_CACHED) cache.clear();
        const ttl = Math.min(Math.max(found.ttlMs, MIN_TTL_MS), MAX_TTL_MS);
        cache.set(host, { addresses: found.addresses, freshUntil: performance.now() + ttl });
        return { ok: true, addresses: found.addresses };
      }
      detail = found.detail;
      if (!found.reached) break; // silent name servers will be silent for the next suffix too
    }
    return { ok: false, detail };
  }

  return (host) => {
    const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
    return isIP(bare) !== 0 ? Promise.resolve({ ok: true, addresses: [bare] }) : lookUp(bare.toLowerCase());
  };
}

interface Found {
  readonly addresses: readonly string[];
  readonly ttlMs: number;
  readonly detail: string;
  /** Whether a name server answered at all. */
  readonly reached: boolean;
}

async function askFor(resolver: Resolver, name: string): Promise<Found> {
  const [v4, v6] = await Promise.allSettled([
    resolver.resolve4(name, { ttl: true }),
    resolver.resolve6(name, { ttl: true }),
  ]);
  const records = [v4, v6].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  const code = v4.status === 'rejected' && v4.reason instanceof Error ? codeOf(v4.reason) : 'ENOTFOUND';
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

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : 'EUNKNOWN';
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
  return async () => {
    if (performance.now() - checkedAt < 1000) return parsed;
    checkedAt = performance.now();
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
  };
}
