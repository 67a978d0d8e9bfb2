import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeLabelValue, labelText } from '../../../../src/query-set/cells/label-text.ts';
import { parseExposition } from '../../../support/parse-exposition.ts';

test('backslash, quote and newline are escaped, nothing else', () => {
  assert.equal(escapeLabelValue('a\\b"c\nd\te\rf é'), 'a\\\\b\\"c\\nd\te\rf é');
  assert.equal(labelText({ a: 'x', b: '"' }), 'a="x",b="\\""');
  assert.equal(labelText({}), '');
});

test('any label values come back from the exposition', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (a, b) => {
      const text = `# HELP m x\n# TYPE m gauge\nm{${labelText({ a, b })}} 1\n`;
      assert.deepEqual(parseExposition(text), [{ name: 'm', labels: { a, b }, value: 1 }]);
    }),
  );
});

test('different label values are never the same series', () => {
  const pair = fc.tuple(fc.string(), fc.string());
  fc.assert(
    fc.property(pair, pair, ([a, b], [c, d]) => {
      assert.equal(labelText({ a, b }) === labelText({ a: c, b: d }), a === c && b === d);
    }),
  );
});
