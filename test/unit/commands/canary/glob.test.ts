import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fitsGlob } from '../../../../src/commands/canary/glob.ts';

/** The same by an expression. */
function byExpression(glob: string, name: string): boolean {
  const parts = glob.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(name);
}

test('a star is any letters, and what stands around it must not overlap', () => {
  assert.equal(fitsGlob('shop-*', 'shop-1'), true);
  assert.equal(fitsGlob('*-de', 'shop-1-de'), true);
  assert.equal(fitsGlob('a*a', 'a'), false);
  assert.equal(fitsGlob('a*b*c', 'abc'), true);
  assert.equal(fitsGlob('a.c', 'abc'), false);
});

test('any glob and any name', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '.'), maxLength: 8 });
  fc.assert(
    fc.property(letters, letters, (glob, name) => fitsGlob(glob, name) === byExpression(glob, name)),
    {
      numRuns: 2_000,
    },
  );
});
