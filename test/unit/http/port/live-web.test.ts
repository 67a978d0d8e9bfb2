/** Settings that change while the port is used: when files are looked at, what is taken over, what is said. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Diagnostic } from '../../../../src/diagnostics/diagnostic.ts';
import { LiveWeb, type WebReading } from '../../../../src/http/port/live-web.ts';
import type { WebSettings, WebTls } from '../../../../src/model/web.ts';
import type { Logger } from '../../../../src/telemetry/logger.ts';
import { stopClock } from '../../../support/clock.ts';

const tls = (name: string): WebTls => ({
  context: { sessionIdContext: name },
  clientAuth: 'NoClientCert',
  allowedSans: undefined,
});

const settings = (of: Partial<WebSettings> = {}): WebSettings => ({
  ...{ tls: undefined, http2: true, headers: [], users: new Map(), rateLimit: undefined },
  ...of,
});

const ERROR: Diagnostic = { severity: 'error', file: 'web.yml', line: 2, column: 3, message: 'wrong' };

/** A file that has what the test says. */
function file(t: TestContext, first: WebSettings) {
  const clock = stopClock(t);
  const lines: string[] = [];
  const to =
    (level: string) =>
    (msg: string, fields: object = {}) =>
      lines.push(`${level} ${msg} ${JSON.stringify(fields)}`);
  const log: Logger = { debug: to('debug'), info: to('info'), warn: to('warn'), error: to('error') };
  const start = { settings: first, diagnostics: [] };
  let now: WebReading = start;
  let looks = 0;
  let hangs = false;
  const source = {
    read: async () => now,
    hasChanged: async (since: WebReading) => {
      looks++;
      if (hangs) await new Promise(() => {});
      return since !== now;
    },
  };
  const live = new LiveWeb<WebReading>(source, start, { log });
  return {
    ...{ clock, lines, live },
    looks: () => looks,
    hang: () => {
      hangs = true;
    },
    write: (next: WebSettings | undefined) => {
      now = { settings: next, diagnostics: next === undefined ? [ERROR] : [] };
    },
    /** As a request that comes after a while does. */
    use: async () => {
      clock.forward(1_001);
      await live.refresh();
    },
  };
}

test('it is looked at once in a second at most, and only when it is used', async (t) => {
  const { clock, live, looks } = file(t, settings());
  assert.equal(live.refresh(), undefined, 'fresh from the start');
  clock.forward(60_000);
  await turn();
  assert.equal(looks(), 0, 'nobody has used it');
  await Promise.all([live.refresh(), live.refresh(), live.refresh()]);
  assert.equal(looks(), 1);
  assert.equal(live.refresh(), undefined);
  clock.forward(999);
  assert.equal(live.refresh(), undefined);
  clock.forward(1);
  await live.refresh();
  assert.equal(looks(), 2);
});

test('who waits has the new settings', async (t) => {
  const { live, use, write } = file(t, settings());
  write(settings({ users: new Map([['alice', 'hash']]), headers: [['X-XSS-Protection', '0']] }));
  await use();
  assert.deepEqual([...live.current.users], [['alice', 'hash']]);
  assert.deepEqual(live.current.headers, [['X-XSS-Protection', '0']]);
});

test('a mistake keeps the last good settings, and is said once with its place', async (t) => {
  const users = new Map([['alice', 'hash']]);
  const { lines, live, use, write } = file(t, settings({ users }));
  write(undefined);
  for (let n = 0; n < 5; n++) await use();
  assert.equal(live.current.users, users);
  assert.deepEqual(lines, [
    'error web file not taken over, the last good one holds {"file":"web.yml","line":2,"column":3,"err":"wrong"}',
  ]);
  write(settings());
  await use();
  assert.equal(live.current.users.size, 0);
  assert.match(lines[1] ?? '', /^info web file taken over/);
});

const fixed = [
  { name: 'TLS switched on', first: settings(), next: settings({ tls: tls('a') }), says: 'tls, http2' },
  { name: 'TLS switched off', first: settings({ tls: tls('a') }), next: settings(), says: 'tls, http2' },
  {
    name: 'HTTP/2 switched off',
    first: settings({ tls: tls('a') }),
    next: settings({ tls: tls('b'), http2: false }),
    says: 'http2',
  },
  {
    name: 'another rate',
    first: settings({ rateLimit: { intervalMs: 1, burst: 1 } }),
    next: settings({ rateLimit: { intervalMs: 1, burst: 2 } }),
    says: 'rate_limit',
  },
];

for (const { first, name, next, says } of fixed)
  test(`${name} needs a restart, which is said once; the rest is taken over`, async (t) => {
    const { lines, live, use, write } = file(t, first);
    for (const user of ['alice', 'bob']) {
      write({ ...next, users: new Map([[user, 'hash']]) });
      await use();
      assert.ok(live.current.users.has(user), 'not taken over');
    }
    assert.deepEqual(
      lines.filter((line) => line.startsWith('warn')),
      [`warn this change of the web file needs a restart {"changed":"${says}"}`],
    );
    assert.equal(live.current.tls === undefined, first.tls === undefined);
    assert.deepEqual([live.current.http2, live.current.rateLimit], [first.http2, first.rateLimit]);
  });

test('a file system that hangs holds a request up for a second, and the next ones not at all', async (t) => {
  const { clock, hang, live, looks } = file(t, settings());
  hang();
  clock.forward(1_001);
  const waits = live.refresh();
  assert.notEqual(waits, undefined);
  clock.forward(1_000);
  await waits;
  assert.equal(looks(), 1);
});

test('a reload looks at once, and says what is wrong until it is right', async (t) => {
  const { live, write } = file(t, settings());
  write(undefined);
  assert.deepEqual(await live.reload(), [ERROR]);
  assert.deepEqual(await live.reload(), [ERROR]);
  write(settings({ users: new Map([['alice', 'hash']]) }));
  assert.deepEqual(await live.reload(), []);
  assert.ok(live.current.users.has('alice'), 'not taken over');
});
