// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the configuration
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readYaml } from '../../../../src/config/yaml/source.ts';
import { formatDiagnostic } from '../../../../src/diagnostics/diagnostic.ts';
import { YAML_STRUCTURE } from './pieces.ts';

const GENERAL = 'this is not valid YAML here: look for a missing quote, colon, comma or bracket';
const broken: [name: string, text: string, problems: string[]][] = [
  ['an empty file', '', ['f:1:1: error: the file is empty']],
  ['only a comment', '# x\n', ['f:1:1: error: the file is empty']],
  ['a duplicate key', 'a: 1\nb: 2\na: 3\n', ['f:3:1: error: duplicate key "a": keep one of them']],
  [
    'a number and a text as the same key',
    '1: x\n"1": y\n',
    ['f:2:1: error: duplicate key "1": keep one of them'],
  ],
  ['__proto__', '__proto__: {x: 1}\n', ['f:1:1: error: the key "__proto__" is not possible']],
  ['a list as key', '[a]: 1\n', ['f:1:1: error: a key must be a text: put quotes around it']],
  [
    'a merge key',
    '<<: {a: 1}\n',
    ['f:1:1: error: merge keys (<<) are not supported; share settings with defaults or groups'],
  ],
  ['an open quote', 'a: "x\n', ['f:2:1: error: a quoted text has no closing quote']],
  ['a tab', 'a:\n\tb: 1\n', ['f:2:1: error: a tab is used for indentation: use spaces']],
  [
    'two colons',
    'a: b: c\n',
    [
      'f:1:4: error: a second "key: value" on one line, or a line indented too deep: put quotes around a text that contains ": "',
    ],
  ],
  [
    'a variable in a flow map',
    'a: {b: ${X}}\n',
    ['f:1:9: error: a variable inside { } or [ ] needs quotes: "${NAME}"'],
  ],
  ['an at sign', 'a: @b\n', ['f:1:4: error: a plain text cannot begin with @ or `: put quotes around it']],
  ['a bracket too much', 'a: }\n', [`f:1:4: error: ${GENERAL}`]],
  [
    'a tag',
    'a: !secret x\n',
    ['f:1:4: error: a tag (!name) is not known: put quotes around a text that begins with !'],
  ],
  [
    'an alias without anchor',
    'a: *secret\n',
    [
      'f:1:4: error: an alias (*name) has no anchor (&name) before it; put quotes around a text that begins with *',
    ],
  ],
  [
    'an alias in itself',
    'a: &a\n  b: *a\n',
    ['f:2:6: error: an alias (*name) leads back into its own anchor'],
  ],
  [
    'two documents',
    'a: 1\n---\nb: 1\n',
    ['f:2:1: error: the file has more than one document: remove the line ---'],
  ],
  ['brackets without end', '['.repeat(100_000), ['f:1:1: error: lists or maps are nested too deeply']],
  ['dashes without end', '- '.repeat(100_000), ['f:1:1: error: lists or maps are nested too deeply']],
  [
    'aliases nested without end',
    Array.from({ length: 5000 }, (_, i) => `a${i}: &a${i} [${i ? `*a${i - 1}` : ''}]\n`).join(''),
    ['f:1:1: error: aliases repeat too much: the file is too large when written out'],
  ],
];
for (const [name, text, problems] of broken)
  test(`YAML: ${name}`, () => assert.deepEqual(readYaml('f', text).problems.map(formatDiagnostic), problems));

test('YAML: after duplicate keys the value is still there, the first one wins', () => {
  assert.deepEqual(readYaml('f', 'a: 1\na: 2\n').value, { a: 1 });
});

test('YAML: an alias bomb is refused', () => {
  const levels = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]`);
  const { problems, value } = readYaml('f', `a0: &a0 [x]\n${levels.join('\n')}\n`);
  assert.equal(value, undefined);
  assert.equal(problems[0]?.message, 'aliases repeat too much: the file is too large when written out');
});

test('YAML: text values are expanded, keys and numbers are not', () => {
  const { value } = readYaml('f', 'x: x\ny: 5\nz: [x]\n', {
    expand: (text) => ({ ok: true, value: `<${text}>` }),
  });
  assert.deepEqual(value, { x: '<x>', y: 5, z: ['<x>'] });
});

test('YAML: positions of keys, values, entries, aliases and of what is missing', () => {
  const { positionOf } = readYaml('f', 'a: &x\n  b: 1\n  c: [x, y]\nd: *x\n');
  const at = (path: (string | number)[], where?: 'key' | 'value') => {
    const { line, column } = positionOf(path, where);
    return `${line}:${column}`;
  };
  assert.equal(at([]), '1:1');
  assert.equal(at(['a', 'b']), '2:3');
  assert.equal(at(['a', 'b'], 'value'), '2:6');
  assert.equal(at(['a', 'c', 1]), '3:10');
  assert.equal(at(['d', 'c', 1]), '3:10');
  assert.equal(at(['a', 'nope']), '1:1');
  assert.equal(at(['d', 'nope', 'x']), '4:1');
});

test('YAML: no text throws', () => {
  const piece = fc.constantFrom(
    'a',
    ...YAML_STRUCTURE,
    '&a ',
    '*a',
    '"',
    "'",
    '|',
    '#',
    '?',
    '!',
    '%',
    '---',
    '\t',
    ',',
    '<<',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const { value, problems } = readYaml('f', pieces.join(''));
      assert.ok(value !== undefined || problems.length > 0);
      for (const { line, column } of problems) assert.ok(line >= 1 && column >= 1);
    }),
    { numRuns: 1000 },
  );
});
