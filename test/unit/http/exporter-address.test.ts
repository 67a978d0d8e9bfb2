/** Where Prometheus is sent: what an operator says, and what a client may say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressOfUrl, hostText } from '../../../src/http/exporter-address.ts';

for (const [url, expected] of [
  ['http://exporter:9104', { host: 'exporter:9104', isSecure: false, prefix: '' }],
  [
    'https://metrics.example.com/db/mysql/',
    { host: 'metrics.example.com:443', isSecure: true, prefix: '/db/mysql' },
  ],
  ['http://[::1]/', { host: '[::1]:80', isSecure: false, prefix: '' }],
] as const)
  test(`the address in ${url}`, () => assert.deepEqual(addressOfUrl(new URL(url)), expected));

for (const good of [
  ...[
    'exporter',
    'exporter:9104',
    'metrics.example.com',
    'my_host.local:80',
    '10.0.0.5:9104',
    '[::1]:9104',
    'db.example.com.:9104',
    '[fd00::5]',
  ],
  ...[`${'a'.repeat(63)}.example.com:65535`, '[::ffff:10.0.0.1]'],
])
  test(`${good} is a host`, () => assert.equal(hostText(good), good));

for (const bad of [
  ...[
    '',
    ':9104',
    'a:0',
    'a:65536',
    'a:99999',
    'a:',
    'a b',
    'a/b',
    'http://a',
    'u@a',
    'a?b',
    'a#b',
    'a,b',
    'a\nb',
  ],
  ...[
    '-a',
    'a-',
    '.a',
    'a..',
    'a..b',
    '[::1',
    '::1',
    '[x]',
    '[]',
    '[1.2.3.4]',
    'ä',
    'a:9104:1',
    '{{evil}}',
    'a"b',
    "a'b",
  ],
  ...[`${'a'.repeat(64)}.com`, `${'a.'.repeat(127)}com`],
])
  test(`${JSON.stringify(bad)} is none`, () => assert.equal(hostText(bad), undefined));

test('what is taken has no letter that means something in a URL, a list or a page', () =>
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', ':9104', '.com', '/x', '@h'),
      (text, end) => {
        const host = hostText(text + end);
        if (host !== undefined) assert.match(host, /^[a-zA-Z0-9_.:[\]-]+$/);
      },
    ),
  ));
