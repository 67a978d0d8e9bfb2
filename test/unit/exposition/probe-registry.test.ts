import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { ProbeRegistry } from '../../../src/exposition/probe-registry.ts';
import { Samples } from '../../../src/exposition/samples.ts';
import type { Family } from '../../../src/model/samples.ts';
import { labelText } from '../../../src/query-set/cells/label-text.ts';
import { parseExposition } from '../../support/parse-exposition.ts';

const ONE: Family = { name: 'one', type: 'gauge', help: 'First\\line\nand "second"' };
const TWO: Family = { name: 'two_total', type: 'counter', help: 'Two' };

function samplesOf(...entries: readonly (readonly [Family, string, number])[]): Samples {
  const samples = new Samples();
  for (const [family, labels, value] of entries) samples.sample(family, labels, value);
  return samples;
}

test('is a registry of prom-client, with a text of its own', async () => {
  const registry = new ProbeRegistry();
  assert.ok(registry instanceof Registry);
  assert.equal(registry.contentType, 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(await registry.metrics(), '');
  registry.add(samplesOf([ONE, '', 1], [TWO, 'a="b"', 2]));
  assert.equal(
    await registry.metrics(),
    '# HELP one First\\\\line\\nand "second"\n# TYPE one gauge\none 1\n# HELP two_total Two\n# TYPE two_total counter\ntwo_total{a="b"} 2\n',
  );
});

test('numbers as Prometheus spells them', () => {
  const values = [0, -0, 1.5, 1e21, 2 ** 64, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const registry = new ProbeRegistry();
  registry.add(samplesOf(...values.map((value, i) => [ONE, `i="${i}"`, value] as const)));
  const texts = registry
    .render()
    .text.split('\n')
    .slice(2, -1)
    .map((line) => line.split(' ')[1]);
  assert.deepEqual(texts, ['0', '0', '1.5', '1e+21', '18446744073709552000', 'NaN', '+Inf', '-Inf']);
});

test('a repeated series is dropped and counted, in one query and over two', () => {
  const first = samplesOf([ONE, 'a="1"', 1], [ONE, 'a="1"', 2], [ONE, 'a="2"', 3]);
  assert.deepEqual([first.count, first.duplicates], [2, 1]);
  const second = samplesOf([ONE, 'a="2"', 4], [ONE, 'a="3"', 5]);
  const registry = new ProbeRegistry();
  registry.add(first);
  registry.add(second);
  const { text, duplicates } = registry.render();
  assert.equal(duplicates, 1);
  assert.deepEqual(
    parseExposition(text).map(({ labels, value }) => [labels['a'], value]),
    [
      ['1', 1],
      ['2', 3],
      ['3', 5],
    ],
  );
});

test('registries share samples without changing them', () => {
  const shared = samplesOf([ONE, '', 1]);
  const [left, right] = [new ProbeRegistry(), new ProbeRegistry()];
  left.add(shared);
  left.add(samplesOf([ONE, 'only="left"', 2]));
  right.add(shared);
  assert.equal(parseExposition(left.render().text).length, 2);
  assert.equal(parseExposition(right.render().text).length, 1);
});

test('whatever is added, the text is valid and has every series once', () => {
  const sample = fc.tuple(fc.constantFrom(ONE, TWO), fc.nat(5), fc.double());
  fc.assert(
    fc.property(fc.array(fc.array(sample)), (queries) => {
      const registry = new ProbeRegistry();
      for (const query of queries) {
        registry.add(
          samplesOf(...query.map(([family, label, value]) => [family, `l="${label}"`, value] as const)),
        );
      }
      const expected = new Set(queries.flat().map(([family, label]) => `${family.name} ${label}`));
      assert.equal(parseExposition(registry.render().text).length, expected.size);
    }),
  );
});

test('the bytes are those of the text, whatever characters there are and wherever', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constant('x'.repeat(5000)));
  fc.assert(
    fc.property(text, fc.array(fc.array(text)), text, (help, queries, member) => {
      const family: Family = { name: 'any', type: 'gauge', help };
      const [registry, all] = [new ProbeRegistry(), new ProbeRegistry()];
      for (const query of queries)
        registry.add(samplesOf(...query.map((label) => [family, labelText({ l: label }), 1] as const)));
      all.addMember(registry, labelText({ instance: member }));
      for (const one of [registry, all]) {
        assert.deepEqual(one.encode().text.toString(), Buffer.from(one.render().text).toString());
        assert.equal(one.encode().duplicates, one.render().duplicates);
      }
    }),
  );
});

test('members are told apart by a label, and shared samples stay as they are', () => {
  const shared = samplesOf([ONE, '', 1], [ONE, 'a="{b} c,\u2028d e"', 2]);
  const [left, right, all] = [new ProbeRegistry(), new ProbeRegistry(), new ProbeRegistry()];
  left.add(shared);
  left.add(samplesOf([ONE, '', 1]));
  right.add(shared);
  right.add(samplesOf([TWO, 'a="$1"', 3]));
  const before = left.render();
  all.addMember(left, 'instance="$&"');
  all.addMember(right, 'instance="r"');
  all.add(samplesOf([TWO, 'own="1"', 4]));
  assert.deepEqual([...all.names].sort(), ['one', 'two_total']);
  const { text, duplicates } = all.render();
  assert.equal(duplicates, 1);
  const header = ['# HELP one First\\\\line\\nand "second"', '# TYPE one gauge'];
  assert.deepEqual(
    text.split('\n').filter((line) => line.includes('one') && !line.startsWith('two')),
    [
      ...header,
      'one{instance="$&"} 1',
      'one{instance="$&",a="{b} c,\u2028d e"} 2',
      'one{instance="r"} 1',
      'one{instance="r",a="{b} c,\u2028d e"} 2',
    ],
  );
  assert.deepEqual(
    text.split('\n').filter((line) => line.startsWith('two')),
    ['two_total{own="1"} 4', 'two_total{instance="r",a="$1"} 3'],
  );
  assert.deepEqual(left.render(), before);
  assert.equal(parseExposition(text).length, 6);
});

test('a label that the members have already is renamed as Prometheus does', () => {
  const [member, all] = [new ProbeRegistry(), new ProbeRegistry()];
  member.add(samplesOf([ONE, 'a=",instance=",instance="x"', 1]));
  all.addMember(member, 'instance="y"');
  assert.deepEqual(parseExposition(all.render().text)[0]?.labels, {
    instance: 'y',
    a: ',instance=',
    exported_instance: 'x',
  });
});

test('a label that a member brings itself is renamed until its name is free', () => {
  const all = new ProbeRegistry();
  const member = new ProbeRegistry();
  member.add(samplesOf([ONE, 'instance="x",exported_instance="y"', 1], [ONE, 'other="instance=\\"z\\""', 2]));
  all.addMember(member, 'instance="a"');
  assert.deepEqual(
    parseExposition(all.render().text).map(({ labels }) => labels),
    [
      { instance: 'a', exported_exported_instance: 'x', exported_instance: 'y' },
      { instance: 'a', other: 'instance="z"' },
    ],
  );
});
