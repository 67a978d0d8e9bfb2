/** What the build has read of the shipped query files is what reading them gives. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { libraryText, type PreparedLibrary } from '../../../src/config/prepared-library.ts';
import { readQueryFiles, shippedFiles } from '../../../src/config/query-files.ts';
import { DiagnosticList } from '../../../src/diagnostics/diagnostics.ts';

test('a set is plain data: nothing of it is lost in JSON', async () => {
  const { sets } = await readQueryFiles(await shippedFiles(), new DiagnosticList());
  const [set] = sets;
  assert.ok(sets.length > 50 && set !== undefined);
  const text = libraryText([{ file: '/any/where/one.yml', text: 'x', sets }], '/no/such/folder');
  const { 'one.yml': prepared } = JSON.parse(text) as PreparedLibrary;
  assert.deepEqual(prepared?.sets, sets.map(withoutUndefined));
});

test('the folder of the files is left open', () => {
  const place = { file: '/any/where/one.yml', line: 1, column: 1 };
  const set = { ...place, definition: { name: 'one', description: '', queries: [] } };
  const sets = [{ ...set, families: [], params: {}, disabled: [], overrides: false }];
  const text = libraryText([{ file: place.file, text: 'x', sets }], '/any/where');
  assert.ok(!text.includes('/any/where'), text);
  assert.match(text, /"file":"\{queries\}\/one\.yml"/);
});

/** As JSON has it, all the way down. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null) return value;
  // Another class would have become a plain object without a word.
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.map(([key, one]) => [key, withoutUndefined(one)]));
}
