/** Who gets a page, and who the text format. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefersHtml } from '../../../src/http/plain-text.ts';

const cases = [
  ['a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
  ['curl', '*/*', false],
  ['nobody says', undefined, false],
  [
    'Prometheus 2',
    'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    false,
  ],
  [
    'Prometheus 3',
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,*/*;q=0.2',
    false,
  ],
  ['plain text rather than HTML', 'text/html;q=0.2, text/plain', false],
  ['HTML is refused', 'text/html;q=0', false],
] as const;

for (const [name, header, isHtml] of cases)
  test(name, () => {
    assert.equal(prefersHtml(header), isHtml);
  });
