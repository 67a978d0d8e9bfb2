/** Which URLs others may reach the exporter at. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { externalUrl } from '../../../../src/commands/serve/external-url.ts';

for (const text of ['http://exporter:9104', 'https://monitor.example.com/mysql', 'http://[::1]:9104/a/b-c/'])
  test(text, () => assert.equal(externalUrl(text).href.replace(/\/$/, ''), text.replace(/\/$/, '')));

for (const text of [
  ...['/mysql', 'exporter:9104', '"http://a/"', 'ftp://a/', 'http://u:p@a/', 'http://a/?x', 'http://a/#x'],
  ...['http://a/b c', 'http://a/:id', 'http://a/*', 'http://a//b'],
])
  test(`${text} is refused`, () => assert.throws(() => externalUrl(text), /Expected a (?:URL|path)/));
