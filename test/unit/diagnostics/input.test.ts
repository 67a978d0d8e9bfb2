import assert from 'node:assert/strict';
import { test } from 'node:test';
import { haveChanged, inputOf } from '../../../src/diagnostics/input.ts';
import { parsed, refused } from '../../../src/diagnostics/parsed.ts';

test('an input has changed when it reads otherwise, and no more when it reads as before', async () => {
  let now = parsed('one');
  const input = inputOf(now, async () => now);
  assert.equal(await haveChanged([input]), false);
  now = parsed('two');
  assert.equal(await haveChanged([input]), true);
  now = parsed('one');
  assert.equal(await haveChanged([input]), false);
});

test('a file that is gone is another one than a file with those words in it', async () => {
  const gone = inputOf(refused('the file does not exist'), async () => parsed('the file does not exist'));
  assert.equal(await haveChanged([gone]), true);
});

test('nothing read, nothing changed', async () => assert.equal(await haveChanged([]), false));
