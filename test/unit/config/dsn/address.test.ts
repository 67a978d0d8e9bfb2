import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAddress } from '../../../../src/config/dsn/address.ts';

const FORMS = 'write host, host:port, [IPv6]:port or unix:///path/to/socket';

const good: [string, object][] = [
  ['db1', { kind: 'tcp', host: 'db1', port: 3306 }],
  ['10.0.0.1:3307', { kind: 'tcp', host: '10.0.0.1', port: 3307 }],
  ['[::1]', { kind: 'tcp', host: '::1', port: 3306 }],
  ['[fe80::1%eth0]:3307', { kind: 'tcp', host: 'fe80::1%eth0', port: 3307 }],
  ['unix:///run/mysqld/mysqld.sock', { kind: 'unix', path: '/run/mysqld/mysqld.sock' }],
];
for (const [text, value] of good)
  test(`address ${text}`, () => assert.deepEqual(parseAddress(text), { ok: true, value }));

const PORT = 'the port must be a number from 1 to 65535';
const SOCKET = 'the path of the socket must be absolute, like unix:///run/mysqld/mysqld.sock';
const bad: [string, string][] = [
  ['db:0', PORT],
  ['db:65536', PORT],
  ['db:', PORT],
  ['db:x', PORT],
  [':3306', `the host is missing: ${FORMS}`],
  ['', `the host is missing: ${FORMS}`],
  ['::1', 'an IPv6 address must stand in brackets, like [::1]:3306'],
  ['[db]:3306', 'what stands in the brackets is not an IPv6 address'],
  ['a b', `the host has a character that no host name has: ${FORMS}`],
  ['db[1]', `not a valid address: ${FORMS}`],
  ['u:p@tcp(db)/', `this looks like a DSN or URL: use the key dsn for it, or ${FORMS}`],
  ['mysql://db', `this looks like a DSN or URL: use the key dsn for it, or ${FORMS}`],
  ['unix://run/x', SOCKET],
  ['unix:///', SOCKET],
];
for (const [text, message] of bad)
  test(`address ${JSON.stringify(text)} is refused`, () =>
    assert.deepEqual(parseAddress(text), { ok: false, message }));

test('no text throws', () => {
  fc.assert(fc.property(fc.string(), (text) => typeof parseAddress(text).ok === 'boolean'));
});
