import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../support/config-folder.ts';

const set = (name: string, more = '') =>
  `query_sets:\n  ${name}:\n    namespace: own\n${more}    metrics: {one: {query: SELECT 1 AS v, type: gauge, description: One, value: v}}\n`;
const targets = (files: string, sets: string) =>
  `query_files: ${files}\ndefaults: {user: u, query_sets: [${sets}]}\ntargets: {a: {address: h}}\n`;

async function setsOf(files: Readonly<Record<string, string>>) {
  const { lines, result } = await load(files);
  return { lines, sets: result.ok ? result.config.querySets : undefined };
}

test("builtin stands for the shipped files, beside files of one's own", async () => {
  const { lines, sets } = await setsOf({
    'targets.yml': targets('[own.yml, builtin]', 'own, sessions'),
    'own.yml': set('own'),
  });
  assert.deepEqual(lines, []);
  assert.ok(sets?.has('own') && sets.has('sessions') && sets.has('global_status'));
});

for (const files of ['[builtin, own.yml]', '[own.yml, builtin]']) {
  test(`${files}: an own set of a shipped name needs override`, async () => {
    const { lines } = await setsOf({ 'targets.yml': targets(files, 'sessions'), 'own.yml': set('sessions') });
    assert.deepEqual(lines, [
      'own.yml:2:3: error: a query set "sessions" comes with the program too: rename this one, or write override: true in it to have it in place of that one',
    ]);
  });

  test(`${files}: with override it takes the place of the shipped one`, async () => {
    const { lines, sets } = await setsOf({
      'targets.yml': targets(files, 'sessions'),
      'own.yml': set('sessions', '    override: true\n'),
    });
    assert.deepEqual(lines, []);
    assert.equal(sets?.get('sessions')?.queries[0]?.sql, 'SELECT 1 AS v');
  });
}

test('override of nothing is a warning', async () => {
  const { lines } = await setsOf({
    'targets.yml': targets('[own.yml]', 'sessions'),
    'own.yml': set('sessions', '    override: true\n'),
  });
  assert.deepEqual(lines, [
    'own.yml:2:3: warning: override: no loaded file of the program has a query set "sessions"',
  ]);
});

test('override does not settle which of two own sets is meant', async () => {
  const { lines } = await setsOf({
    'targets.yml': targets('[own.yml, other.yml]', 'own'),
    'own.yml': set('own', '    override: true\n'),
    'other.yml': set('own'),
  });
  assert.deepEqual(lines, ['other.yml:2:3: error: the query set "own" stands also at own.yml:2: rename one']);
});

test('a pattern that matches nothing is asked about', async () => {
  for (const [pattern, near] of [
    ['buildin', 'builtin'],
    ['onw.yml', 'own.yml'],
    ['querys/own.yml', 'queries/own.yml'],
  ]) {
    const { lines } = await setsOf({
      'targets.yml': targets(`[${pattern}]`, 'own'),
      'own.yml': set('own'),
      'queries/own.yml': set('own'),
    });
    assert.match(
      lines[0] ?? '',
      new RegExp(`no file matches "${pattern}" \\(looked for below [^)]*\\); did you mean "${near}"\\?$`),
    );
  }
});
