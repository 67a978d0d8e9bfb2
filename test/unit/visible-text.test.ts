/** Texts for people's eyes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cut, visible, visibleLines } from '../../src/visible-text.ts';

test('what is not seen is written out', () => {
  assert.equal(visible('a\u202eb\u0007\u0085\u007f\n'), 'a\\u{202e}b\\u{7}\\u{85}\\u{7f}\\n');
  assert.equal(visible('Zürich 東京 🐬'), 'Zürich 東京 🐬');
  assert.equal(visible('\ud800'), '\\u{d800}');
});

test('lines stay lines', () => {
  assert.equal(visibleLines('a\tb\nc'), 'a\\u{9}b\nc');
});

test('the cut has a mark', () => {
  assert.equal(cut('abc', 3), 'abc');
  assert.equal(cut('abcd', 3), 'abc...');
});
