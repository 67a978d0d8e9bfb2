/**
 * Names to addresses with dead, slow and failing name servers, and what the hosts file and resolv.conf say.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Deadline } from '../../../../src/deadline.ts';
import {
  createResolver,
  type ResolveHost,
  type ResolverOptions,
} from '../../../../src/mysql/connect/resolver.ts';
import { nameServer, type Zone } from '../../../support/dns-server.ts';
import { eventually, poolOf, timed } from '../../../support/mysql.ts';

const NO_FILE = '/nonexistent/file';

/** Names that know of nothing but the given name servers and files. */
const isolated = (options: ResolverOptions): ResolveHost =>
  createResolver({ hostsFile: NO_FILE, resolvConf: NO_FILE, ...options });

const addresses = async (names: ResolveHost, host: string): Promise<readonly string[] | string> => {
  const resolved = await names(host);
  return resolved.ok ? resolved.addresses : resolved.detail;
};

const ZONE: Zone = {
  'db1.example': ['10.1.0.1'],
  'db2.example': ['10.1.0.2', 'fd00::2'],
  'db6.example': ['fd00::6'],
  'db1.sub.example': ['10.1.1.1'],
  'only-mail.example': [],
};

const literals: readonly [string, readonly string[]][] = [
  ['10.0.0.1', ['10.0.0.1']],
  ['::1', ['::1']],
  ['[fd00::1]', ['fd00::1']],
  ['localhost', ['127.0.0.1', '::1']],
  ['LocalHost', ['127.0.0.1', '::1']],
  ['db.localhost', ['127.0.0.1', '::1']],
];
for (const [host, expected] of literals)
  test(`${host} needs no name server`, async (t) => {
    const dns = await nameServer(t, ZONE, 'silent');
    assert.deepEqual(await addresses(isolated({ servers: [dns.address] }), host), expected);
    assert.deepEqual(dns.asked, []);
  });

const answers: readonly [string, readonly string[] | string][] = [
  ['db1.example', ['10.1.0.1']],
  ['DB1.Example', ['10.1.0.1']],
  ['db1.example.', ['10.1.0.1']],
  ['db2.example', ['10.1.0.2', 'fd00::2']],
  ['db6.example', ['fd00::6']],
  ['nobody.example', 'nobody.example: no such name'],
  ['only-mail.example', 'only-mail.example: the name has no address'],
];
for (const [host, expected] of answers)
  test(`the name server's answer for ${host}`, async (t) => {
    const dns = await nameServer(t, ZONE);
    assert.deepEqual(await addresses(isolated({ servers: [dns.address] }), host), expected);
  });

test('eight dead names delay neither localhost, nor a listed name, nor a target by address', async (t) => {
  const dns = await nameServer(t, ZONE, 'silent');
  const hostsFile = await file(t, '10.2.0.1 listed\n');
  const names = createResolver({ hostsFile, resolvConf: NO_FILE, servers: [dns.address] });
  const dead = Array.from({ length: 8 }, (_, n) => timed(() => names(`dead${n}.example`)));
  for (const host of ['localhost', 'listed', '10.0.0.1']) {
    const { value, ms } = await timed(() => names(host));
    assert.equal(value.ok, true, host);
    assert.ok(ms < 100, `${host} took ${ms} ms`);
  }
  for (const { value, ms } of await Promise.all(dead)) {
    assert.match(value.ok ? '' : value.detail, /no answer from the name servers/);
    assert.ok(ms < 5_000, `a dead name took ${ms} ms`);
  }
});

test('a dead name is dns within the connect timeout', async (t) => {
  const dns = await nameServer(t, ZONE, 'silent');
  const pool = poolOf(
    t,
    { host: 'dead.example', port: 3306 },
    { resolve: isolated({ servers: [dns.address] }), connectTimeoutMs: 200 },
  );
  using until = Deadline.after(2_000);
  const { value, ms } = await timed(() => pool.acquire(until));
  assert.equal(value.ok ? 'open' : value.reason, 'dns');
  assert.ok(ms < 350, `took ${ms} ms`);
});

test('name servers that drop questions for IPv6 do not delay an IPv4 answer', async (t) => {
  const dns = await nameServer(t, ZONE, 'silent for IPv6');
  const { value, ms } = await timed(() => addresses(isolated({ servers: [dns.address] }), 'db1.example'));
  assert.deepEqual(value, ['10.1.0.1']);
  assert.ok(ms < 600, `took ${ms} ms`);
});

test('simultaneous lookups of one name are one', async (t) => {
  const dns = await nameServer(t, ZONE);
  const names = isolated({ servers: [dns.address] });
  await Promise.all(Array.from({ length: 20 }, () => names('db1.example')));
  assert.deepEqual(dns.asked, ['db1.example', 'db1.example']); // IPv4 and IPv6
});

test('an answer is remembered for its TTL, then asked for anew', async (t) => {
  const dns = await nameServer(t, { ...ZONE });
  dns.ttl = 30;
  const names = isolated({ servers: [dns.address] });
  const forward = movableClock(t);
  assert.deepEqual(await addresses(names, 'db1.example'), ['10.1.0.1']);
  dns.zone = { 'db1.example': ['10.1.0.99'] };
  forward(29_000);
  assert.deepEqual(await addresses(names, 'db1.example'), ['10.1.0.1']);
  forward(2_000);
  assert.deepEqual(await addresses(names, 'db1.example'), ['10.1.0.99']);
});

const bounds: readonly { readonly ttl: number; readonly keptMs: number; readonly goneMs: number }[] = [
  { ttl: 0, keptMs: 4_000, goneMs: 6_000 },
  { ttl: 1_000_000, keptMs: 290_000, goneMs: 301_000 },
];
for (const { ttl, keptMs, goneMs } of bounds)
  test(`a TTL of ${ttl} s is kept for more than ${keptMs} ms and less than ${goneMs} ms`, async (t) => {
    const dns = await nameServer(t, ZONE);
    dns.ttl = ttl;
    const names = isolated({ servers: [dns.address] });
    const forward = movableClock(t);
    await names('db1.example');
    forward(keptMs);
    await names('db1.example');
    assert.equal(dns.asked.length, 2);
    forward(goneMs - keptMs);
    await names('db1.example');
    assert.equal(dns.asked.length, 4);
  });

for (const mood of ['silent', 'fails'] as const)
  test(`while the name server ${mood === 'silent' ? 'is silent' : mood}, an old answer is used, and soon`, async (t) => {
    const dns = await nameServer(t, ZONE);
    const names = isolated({ servers: [dns.address] });
    const forward = movableClock(t);
    await names('db1.example');
    dns.mood = mood;
    forward(600_000);
    const first = await timed(() => addresses(names, 'db1.example'));
    assert.deepEqual(first.value, ['10.1.0.1']);
    // A connect has three seconds by default, and still has to connect.
    assert.ok(first.ms < 1_000, `took ${first.ms} ms`);
    const second = await timed(() => addresses(names, 'db1.example'));
    assert.deepEqual(second.value, ['10.1.0.1']);
    assert.ok(second.ms < 50, `took ${second.ms} ms`); // not each connection waits for dead name servers
    dns.mood = 'answers';
    dns.zone = { 'db1.example': ['10.1.0.99'] };
    const fresh = await eventually(
      () => {
        forward(6_000);
        return addresses(names, 'db1.example');
      },
      (found) => found[0] === '10.1.0.99',
      600 * 6_000, // the clock runs ahead: six seconds of real time
    );
    assert.deepEqual(fresh, ['10.1.0.99']);
  });

test('an old answer is not used for ever', async (t) => {
  const dns = await nameServer(t, ZONE);
  const names = isolated({ servers: [dns.address] });
  const forward = movableClock(t);
  await names('db1.example');
  dns.mood = 'fails';
  forward(2 * 3_600_000);
  assert.match(String(await addresses(names, 'db1.example')), /the name server failed/);
});

test('an old answer is not used for a name that is gone', async (t) => {
  const dns = await nameServer(t, ZONE);
  const names = isolated({ servers: [dns.address] });
  const forward = movableClock(t);
  await names('db1.example');
  dns.zone = {};
  forward(600_000);
  assert.equal(await addresses(names, 'db1.example'), 'db1.example: no such name');
  dns.mood = 'fails';
  assert.equal(await addresses(names, 'db1.example'), 'db1.example: the name server failed');
});

test('a failed lookup is not remembered', async (t) => {
  const dns = await nameServer(t, {});
  const names = isolated({ servers: [dns.address] });
  assert.equal(await addresses(names, 'db1.example'), 'db1.example: no such name');
  dns.zone = ZONE;
  assert.deepEqual(await addresses(names, 'db1.example'), ['10.1.0.1']);
});

interface SearchCase {
  readonly name: string;
  readonly resolvConf: string;
  readonly host: string;
  readonly expected: readonly string[] | string;
  /** Names in the order in which they are asked for. */
  readonly asked: readonly string[];
}

const searches: readonly SearchCase[] = [
  {
    name: 'a short name gets the search domains in turn',
    resolvConf: 'nameserver 192.0.2.1\nsearch other.example sub.example\n',
    host: 'db1',
    expected: ['10.1.1.1'],
    asked: ['db1.other.example', 'db1.sub.example'],
  },
  {
    name: 'a name with a dot is tried as it is first',
    resolvConf: 'search sub.example\n',
    host: 'db1.example',
    expected: ['10.1.0.1'],
    asked: ['db1.example'],
  },
  {
    name: 'ndots asks for the search domains first',
    resolvConf: 'search example\noptions rotate ndots:5\n',
    host: 'db1.sub',
    expected: ['10.1.1.1'],
    asked: ['db1.sub.example'],
  },
  {
    name: 'the last of search and domain counts',
    resolvConf: 'search other.example\ndomain sub.example\n',
    host: 'db1',
    expected: ['10.1.1.1'],
    asked: ['db1.sub.example'],
  },
  {
    name: 'a name with a final dot gets no search domain',
    resolvConf: 'search sub.example\n',
    host: 'db1.',
    expected: 'db1.: no such name',
    asked: ['db1'],
  },
  {
    name: 'nothing found anywhere',
    resolvConf: 'search sub.example\n',
    host: 'nobody',
    expected: 'nobody: no such name',
    asked: ['nobody.sub.example', 'nobody'],
  },
];
for (const { name, resolvConf, host, expected, asked } of searches)
  test(`search: ${name}`, async (t) => {
    const dns = await nameServer(t, ZONE);
    const names = createResolver({
      hostsFile: NO_FILE,
      resolvConf: await file(t, resolvConf),
      servers: [dns.address],
    });
    assert.deepEqual(await addresses(names, host), expected);
    assert.deepEqual([...new Set(dns.asked)], asked);
  });

test('silent name servers are not asked for every search domain', async (t) => {
  const dns = await nameServer(t, ZONE, 'silent');
  const resolvConf = await file(t, 'search a.example b.example c.example d.example\n');
  const names = createResolver({ hostsFile: NO_FILE, resolvConf, servers: [dns.address] });
  const { ms } = await timed(() => names('db1'));
  assert.ok(ms < 5_000, `took ${ms} ms`);
  assert.deepEqual([...new Set(dns.asked)], ['db1.a.example']);
});

const HOSTS = `
# comment
127.0.0.1   localhost
10.2.0.1    db1.example  DB1   # the old one
fd00::21    db1.example
10.2.0.3    db1.example
not-an-ip   broken
`;

test('the hosts file comes before the name servers, IPv4 first', async (t) => {
  const dns = await nameServer(t, ZONE);
  const names = createResolver({
    hostsFile: await file(t, HOSTS),
    resolvConf: NO_FILE,
    servers: [dns.address],
  });
  const listed = await addresses(names, 'db1.example');
  assert.deepEqual([...listed].sort(), ['10.2.0.1', '10.2.0.3', 'fd00::21']);
  assert.equal(listed.at(-1), 'fd00::21');
  assert.deepEqual(await addresses(names, 'db1'), ['10.2.0.1']);
  assert.equal(await addresses(names, 'broken'), 'broken: no such name');
});

test('the first lookups of all targets at once find the hosts file and the search domains', async (t) => {
  const dns = await nameServer(t, ZONE);
  const names = createResolver({
    hostsFile: await file(t, '10.2.0.1 listed\n'),
    resolvConf: await file(t, 'search sub.example\n'),
    servers: [dns.address],
  });
  const [first, second, third, fourth] = await Promise.all(
    ['listed', 'listed', 'db1', 'db1'].map((host) => addresses(names, host)),
  );
  assert.deepEqual([first, second], [['10.2.0.1'], ['10.2.0.1']]);
  assert.deepEqual([third, fourth], [['10.1.1.1'], ['10.1.1.1']]);
});

test('a changed hosts file is noticed within a second', async (t) => {
  const dns = await nameServer(t, {});
  const hostsFile = await file(t, '10.2.0.1 listed\n');
  const names = createResolver({ hostsFile, resolvConf: NO_FILE, servers: [dns.address] });
  const forward = movableClock(t);
  assert.deepEqual(await addresses(names, 'listed'), ['10.2.0.1']);
  await writeFile(hostsFile, '10.2.0.200 listed\n');
  forward(1_100);
  assert.deepEqual(await addresses(names, 'listed'), ['10.2.0.200']);
  await rm(hostsFile);
  forward(1_100);
  assert.equal(await addresses(names, 'listed'), 'listed: no such name');
});

/** Lets `performance.now()` jump; timers go on as ever. */
function movableClock(t: TestContext): (ms: number) => void {
  const now = performance.now.bind(performance);
  let ahead = 0;
  t.mock.method(performance, 'now', () => now() + ahead);
  return (ms) => {
    ahead += ms;
  };
}

async function file(t: TestContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'names-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'file');
  await writeFile(path, text);
  return path;
}
