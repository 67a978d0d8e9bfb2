import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressText,
  DEFAULT_ADDRESSES,
  listenAddress,
  listenAddresses,
  parseListenAddress,
} from '../../../../src/commands/serve/listen-address.ts';

const cases: readonly (readonly [string, ReturnType<typeof parseListenAddress>])[] = [
  [':9104', { host: '', port: 9104 }],
  ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  ['[::1]:9104', { host: '::1', port: 9104 }],
  ['localhost:80', { host: 'localhost', port: 80 }],
  ['9104', undefined],
  ['::1:9104', undefined],
  [':65536', undefined],
  [':', undefined],
  ['', undefined],
  ['unix:///run/exporter.sock', { path: '/run/exporter.sock' }],
  ['unix://run/exporter.sock', undefined],
  ['unix:///run/', undefined],
  ['unix://', undefined],
  [`unix:///${'x'.repeat(106)}`, { path: `/${'x'.repeat(106)}` }],
  [`unix:///${'x'.repeat(107)}`, undefined],
];

for (const [text, expected] of cases) {
  test(`${text} as a listen address`, () => {
    assert.deepEqual(parseListenAddress(text), expected);
    if (expected !== undefined) assert.equal(addressText(expected), text);
  });
}

test('the first address replaces the default, others are added', () => {
  const one = listenAddresses(':1', DEFAULT_ADDRESSES);
  assert.deepEqual(one, [{ host: '', port: 1 }]);
  assert.deepEqual(listenAddresses('unix:///a', one), [{ host: '', port: 1 }, { path: '/a' }]);
});

for (const [text, says] of [
  ['vsock://:9104', /cannot listen on vsock.*socat/],
  ['unix:socket', /Expected unix:\/\/\/PATH/],
  ['9104', /Expected \[HOST\]:PORT/],
] as const)
  test(`${text} says what to write`, () => assert.throws(() => listenAddress(text), says));
