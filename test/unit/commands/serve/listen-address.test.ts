import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseListenAddress } from '../../../../src/commands/serve/listen-address.ts';

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
];

for (const [text, expected] of cases) {
  test(`${text} as a listen address`, () => assert.deepEqual(parseListenAddress(text), expected));
}
