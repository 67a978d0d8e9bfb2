/** Names in a text of labels, and the room that they make for others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { freeNames, labelNames } from '../../../src/exposition/label-names.ts';
import { ProbeRegistry } from '../../../src/exposition/probe-registry.ts';
import { Samples } from '../../../src/exposition/samples.ts';
import { labelText } from '../../../src/query-set/cells/label-text.ts';
import { parseExposition } from '../../support/parse-exposition.ts';

for (const [line, names, expected] of [
  ['a{x="1"} 1', ['y'], 'a{x="1"} 1'],
  ['a{x="1",y="2"} 1', ['y'], 'a{x="1",exported_y="2"} 1'],
  ['a{y="1",exported_y="2"} 1', ['y'], 'a{exported_exported_y="1",exported_y="2"} 1'],
  ['a{x="1",y="2"} 1', ['x', 'y'], 'a{exported_x="1",exported_y="2"} 1'],
  ['a{x="1"} 1', ['x', 'exported_x'], 'a{exported_exported_x="1"} 1'],
  ['a{z="{y=\\"1\\",y=\\"",y="2"} 1', ['y'], 'a{z="{y=\\"1\\",y=\\"",exported_y="2"} 1'],
  ['a 1', ['y'], 'a 1'],
] as const)
  test(`${line} without ${names}`, () => assert.equal(freeNames(line, names), expected));

const anyLabels = fc.dictionary(fc.constantFrom('a', 'b', 'exported_a', 'exported_exported_a'), fc.string());

test('the names of labels are those that they were made of', () =>
  fc.assert(
    fc.property(anyLabels, (labels) => assert.deepEqual(labelNames(labelText(labels)), Object.keys(labels))),
  ));

test('labels that are put on a sample are all there, and none of its own is lost', () =>
  fc.assert(
    fc.property(anyLabels, anyLabels, (own, more) => {
      fc.pre(Object.keys(more).length > 0);
      const samples = new Samples();
      samples.sample({ name: 'f', type: 'gauge', help: 'F' }, labelText(own), 1);
      const inner = new ProbeRegistry();
      inner.add(samples);
      const outer = new ProbeRegistry();
      outer.addMember(inner, labelText(more));
      const [sample, ...others] = parseExposition(outer.render().text);
      assert.ok(sample !== undefined && others.length === 0);
      for (const [name, value] of Object.entries(more)) assert.equal(sample.labels[name], value);
      assert.equal(Object.keys(sample.labels).length, Object.keys(own).length + Object.keys(more).length);
      const kept = Object.entries(sample.labels).flatMap(([name, value]) => (name in more ? [] : [value]));
      assert.deepEqual(kept.sort(), Object.values(own).sort());
    }),
  ));
