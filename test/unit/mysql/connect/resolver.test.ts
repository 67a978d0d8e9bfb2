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
import { stopClock } from '../../../support/clock.ts';
import { nameServer, type Zone } from '../../../support/dns-server.ts';
import { eventually } from '../../../support/eventually.ts';
import { poolOf } from '../../../support/mysql.ts';

// The clock stands still in most of these tests, also where none lets it go on: how long one answer is waited for when
// there is another must not decide what is answered.

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
    stopClock(t);
    const dns = await nameServer(t, ZONE);
    assert.deepEqual(await addresses(isolated({ servers: [dns.address] }), host), expected);
  });

test('eight dead names delay neither localhost, nor a listed name, nor a target by address', async (t) => {
  const dns = await nameServer(t, ZONE, 'silent');
  const hostsFile = await file(t, '10.2.0.1 listed\n');
  const names = createResolver({ hostsFile, resolvConf: NO_FILE, servers: [dns.address] });
  let ended = 0;
  const dead = Array.from({ length: 8 }, async (_, n) => {
    const resolved = await names(`dead${n}.example`);
    ended++;
    return resolved;
  });
  for (const host of ['localhost', 'listed', '10.0.0.1']) assert.equal((await names(host)).ok, true, host);
  assert.equal(ended, 0);
  for (const resolved of await Promise.all(dead))
    assert.match(resolved.ok ? '' : resolved.detail, /no answer from the name servers/);
});

test('a dead name is dns at the connect timeout', async (t) => {
  const clock = stopClock(t);
  const dns = await nameServer(t, ZONE, 'silent');
  const pool = poolOf(
    t,
    { host: 'dead.example', port: 3306 },
    { resolve: isolated({ servers: [dns.address] }), connectTimeoutMs: 200 },
  );
  using until = Deadline.after(2_000);
  const acquiring = pool.acquire(until);
  await eventually(() => assert.ok(dns.asked.length > 0, 'nobody has asked'));
  clock.forward(200);
  const acquired = await acquiring;
  assert.equal(acquired.ok ? 'open' : acquired.reason, 'dns');
  assert.match(acquired.ok ? '' : acquired.detail, /no end in time: resolving the name/);
});

test('name servers that drop questions for IPv6 do not delay an IPv4 answer for long', async (t) => {
  const clock = stopClock(t);
  const dns = await nameServer(t, ZONE, 'silent for IPv6');
  const asking = addresses(isolated({ servers: [dns.address] }), 'db1.example');
  await eventually(() => assert.equal(clock.timers, 1)); // it has the one answer and waits for the other
  clock.forward(200);
  assert.equal(clock.timers, 0); // the other one comes to nothing after some seconds
  assert.deepEqual(await asking, ['10.1.0.1']);
});

test('simultaneous lookups of one name are one', async (t) => {
  stopClock(t);
  const dns = await nameServer(t, ZONE);
  const names = isolated({ servers: [dns.address] });
  await Promise.all(Array.from({ length: 20 }, () => names('db1.example')));
  assert.deepEqual(dns.asked, ['db1.example', 'db1.example']); // IPv4 and IPv6
});

test('an answer is remembered for its TTL, then asked for anew', async (t) => {
  const clock = stopClock(t);
  const dns = await nameServer(t, { ...ZONE });
  dns.ttl = 30;
  const names = isolated({ servers: [dns.address] });
  assert.deepEqual(await addresses(names, 'db1.example'), ['10.1.0.1']);
  dns.zone = { 'db1.example': ['10.1.0.99'] };
  clock.forward(29_000);
  assert.deepEqual(await addresses(names, 'db1.example'), ['10.1.0.1']);
  clock.forward(2_000);
  assert.deepEqual(await addresses(names, 'db1.example'), ['10.1.0.99']);
});

const bounds: readonly { readonly ttl: number; readonly keptMs: number; readonly goneMs: number }[] = [
  { ttl: 0, keptMs: 4_000, goneMs: 6_000 },
  { ttl: 1_000_000, keptMs: 290_000, goneMs: 301_000 },
];
for (const { ttl, keptMs, goneMs } of bounds)
  test(`a TTL of ${ttl} s is kept for more than ${keptMs} ms and less than ${goneMs} ms`, async (t) => {
    const clock = stopClock(t);
    const dns = await nameServer(t, ZONE);
    dns.ttl = ttl;
    const names = isolated({ servers: [dns.address] });
    await names('db1.example');
    clock.forward(keptMs);
    await names('db1.example');
    assert.equal(dns.asked.length, 2);
    clock.forward(goneMs - keptMs);
    await names('db1.example');
    assert.equal(dns.asked.length, 4);
  });

for (const mood of ['silent', 'fails'] as const)
  test(`while the name server ${mood === 'silent' ? 'is silent' : mood}, an old answer is used, and soon`, async (t) => {
    const clock = stopClock(t);
    const dns = await nameServer(t, ZONE);
    const names = isolated({ servers: [dns.address] });
    await names('db1.example');
    dns.mood = mood;
    clock.forward(600_000);
    const first = addresses(names, 'db1.example');
    if (mood === 'silent') {
      await eventually(() => assert.equal(clock.timers, 1));
      // A connect has three seconds by default, and still has to connect.
      clock.forward(300);
      assert.equal(clock.timers, 0);
    }
    assert.deepEqual(await first, ['10.1.0.1']);
    // Not each connection waits for dead name servers: no time passes here.
    assert.deepEqual(await addresses(names, 'db1.example'), ['10.1.0.1']);
    dns.mood = 'answers';
    dns.zone = { 'db1.example': ['10.1.0.99'] };
    await eventually(async () => {
      clock.forward(6_000);
      assert.deepEqual(await addresses(names, 'db1.example'), ['10.1.0.99']);
    });
  });

test('an old answer is not used for ever', async (t) => {
  const clock = stopClock(t);
  const dns = await nameServer(t, ZONE);
  const names = isolated({ servers: [dns.address] });
  await names('db1.example');
  dns.mood = 'fails';
  clock.forward(2 * 3_600_000);
  assert.match(String(await addresses(names, 'db1.example')), /the name server failed/);
});

test('an old answer is not used for a name that is gone', async (t) => {
  const clock = stopClock(t);
  const dns = await nameServer(t, ZONE);
  const names = isolated({ servers: [dns.address] });
  await names('db1.example');
  dns.zone = {};
  clock.forward(600_000);
  assert.equal(await addresses(names, 'db1.example'), 'db1.example: no such name');
  dns.mood = 'fails';
  assert.equal(await addresses(names, 'db1.example'), 'db1.example: the name server failed');
});

test('a failed lookup is not remembered', async (t) => {
  stopClock(t);
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
    stopClock(t);
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
  assert.equal((await names('db1')).ok, false);
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
  stopClock(t);
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
  stopClock(t);
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
  const clock = stopClock(t);
  const dns = await nameServer(t, {});
  const hostsFile = await file(t, '10.2.0.1 listed\n');
  const names = createResolver({ hostsFile, resolvConf: NO_FILE, servers: [dns.address] });
  assert.deepEqual(await addresses(names, 'listed'), ['10.2.0.1']);
  await writeFile(hostsFile, '10.2.0.200 listed\n');
  clock.forward(1_100);
  assert.deepEqual(await addresses(names, 'listed'), ['10.2.0.200']);
  await rm(hostsFile);
  clock.forward(1_100);
  assert.equal(await addresses(names, 'listed'), 'listed: no such name');
});

async function file(t: TestContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'names-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'file');
  await writeFile(path, text);
  return path;
}

test('an answer one of whose addresses refused is asked for again, and used still when nobody answers', async (t) => {
  const dns = await nameServer(t, ZONE);
  const names = isolated({ servers: [dns.address] });
  const first = await names('db1.example');
  assert.ok(first.ok);
  assert.deepEqual(await addresses(names, 'db1.example'), ['10.1.0.1']);
  assert.equal(dns.asked.length, 2); // once for either kind of address
  dns.zone = { 'db1.example': ['10.1.0.9'] };
  first.forget?.();
  assert.deepEqual(await addresses(names, 'db1.example'), ['10.1.0.9']);
  dns.mood = 'silent';
  const second = await names('db1.example');
  assert.ok(second.ok);
  second.forget?.();
  assert.deepEqual(await addresses(names, 'db1.example'), ['10.1.0.9']);
});
