/** No character that a terminal takes for an order, or that turns a line around, gets there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textFor } from '../../../src/commands/printable.ts';
import { visible } from '../../../src/visible-text.ts';

const UNSEEN = [
  ...['\u0000', '\u0007', '\b', '\t', '\n', '\r', '\u001b', '\u007f', '\u0085', '\u009b', '\u009f', '\u00ad'],
  ...['\u061c', '\u200b', '\u200e', '\u200f', '\u2028', '\u2029', '\u202a', '\u202e', '\u2066', '\u2069'],
  ...['\ufeff', '\ufff9', '\ud800', '\u{e0001}', '\u{e007f}'],
];

for (const character of UNSEEN)
  test(`U+${character.codePointAt(0)?.toString(16)}`, () => {
    const text = visible(`a${character}b`);
    assert.match(text, /^a\\(?:n|u\{[\da-f]+\})b$/);
    assert.equal(visible(text), text);
  });

test('letters of all kinds stay', () => {
  const text = 'aé ß Ж 漢字 ع ½ € 👍 \\ "';
  assert.equal(visible(text), text);
});

test('text for a program is as it is, and is safe when a person looks at it', () => {
  const text = 'a{l="\u009b2J"} 1\nb 2\n';
  assert.equal(textFor(text, false), text);
  assert.equal(textFor(text, true), 'a{l="\\u{9b}2J"} 1\nb 2\n');
});
