import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pluralize } from '../../../src/commands/printable.ts';
import { textTable } from '../../../src/commands/text-table.ts';
import { visible } from '../../../src/visible-text.ts';

test('columns side by side, NULL as NULL', () => {
  const rows = [
    ['a', '1'],
    [null, '23'],
  ];
  assert.equal(textTable(['label', 'n'], rows), 'label  n\n-----  --\na      1\nNULL   23\n');
});

test('no rows, no columns', () => {
  assert.equal(textTable(['a'], []), 'a\n-\n');
  assert.equal(textTable([], []), '\n\n');
});

test('long cells are cut', () => {
  assert.equal(textTable(['a'], [['x'.repeat(61)]]).split('\n')[2], `${'x'.repeat(57)}...`);
  assert.equal(textTable(['a'], [['x'.repeat(60)]]).split('\n')[2], 'x'.repeat(60));
});

test('control characters of a server do not reach the terminal', () => {
  assert.equal(visible('a\x1b[2J\nb\u202e\x9b'), 'a\\u{1b}[2J\\nb\\u{202e}\\u{9b}');
  assert.ok(!textTable(['\x1b'], [['\x07']]).includes('\x07'));
});

test('counted', () => {
  assert.deepEqual(
    [0, 1, 2].map((number) => pluralize(number, 'row')),
    ['no rows', '1 row', '2 rows'],
  );
});
