import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDiagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { DiagnosticList, type SourceFile } from '../../../src/diagnostics/diagnostics.ts';

/** A file in which the line is the length of a path, and values stand behind their keys. */
const SOURCE: SourceFile = {
  file: 'f.yml',
  positionOf: (path, at) => ({ line: path.length + 1, column: at === 'key' ? 1 : 9 }),
};
const lines = (found: DiagnosticList) => found.all.map(formatDiagnostic);

test('diagnostics point at the key or the value of their part', () => {
  const found = new DiagnosticList();
  const diagnostics = found.in(SOURCE).at('a', 0);
  diagnostics.error('wrong');
  diagnostics.at('b').warn('odd', 'value');
  assert.deepEqual(lines(found), ['f.yml:3:1: error: wrong', 'f.yml:4:9: warning: odd']);
  assert.deepEqual(diagnostics.path, ['a', 0]);
  assert.deepEqual(diagnostics.place, { file: 'f.yml', line: 3, column: 1 });
});

test('of a file known by its name only, the path is a line', () => {
  const found = new DiagnosticList();
  found.in('f').error('does not exist');
  found.in('f').at(7).warn('has no meaning');
  assert.deepEqual(lines(found), ['f:1:1: error: does not exist', 'f:7:1: warning: has no meaning']);
});

test('an error at a kept place, and the order of reading, each once', () => {
  const found = new DiagnosticList();
  const { place } = found.in(SOURCE).at('a');
  found.error(place, 'later');
  found.error(place, 'later');
  found.in(SOURCE).error('first');
  assert.equal(found.all.length, 3);
  assert.deepEqual(found.sorted().map(formatDiagnostic), [
    'f.yml:1:1: error: first',
    'f.yml:2:1: error: later',
  ]);
});

test('what is dropped: advice, warnings, everything; by the parts below too, and for good', () => {
  for (const [name, of, kept] of [
    ['nothing', (found: DiagnosticList) => found.in(SOURCE), ['a', 'w', 'e']],
    ['advice', (found: DiagnosticList) => found.in(SOURCE).withoutAdvice(), ['w', 'e']],
    ['warnings', (found: DiagnosticList) => found.in(SOURCE).withoutWarnings().withoutAdvice(), ['e']],
    ['everything', (found: DiagnosticList) => found.in(SOURCE).silent().withoutWarnings(), []],
  ] as const) {
    const found = new DiagnosticList();
    const diagnostics = of(found).at('part');
    diagnostics.advise('a');
    diagnostics.warn('w');
    diagnostics.error('e');
    const messages = found.all.map(({ message }) => message);
    assert.deepEqual(messages, kept, name);
    assert.equal(diagnostics.hasErrors, messages.includes('e'), name);
  }
});

test('a part has errors when it or a part below has reported one, not its neighbours or a dropped one', () => {
  const found = new DiagnosticList();
  const file = found.in(SOURCE);
  const [part, neighbour] = [file.at('part'), file.at('neighbour')];
  part.warn('odd');
  part.silent().error('dropped');
  assert.equal(found.hasErrors || file.hasErrors || part.hasErrors, false);
  part.at('key').error('wrong');
  assert.deepEqual(
    [found, file, part, neighbour].map(({ hasErrors }) => hasErrors),
    [true, true, true, false],
  );
});
