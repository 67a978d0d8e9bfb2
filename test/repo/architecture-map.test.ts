/** The map in ARCHITECTURE.md has the rooms, parts and arrows that the architecture test holds imports against. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { unexplained, withFreshMap } from '../../tools/docs/architecture-map.ts';
import { ROOMS } from './rooms.ts';

const page = await readFile(new URL('../../ARCHITECTURE.md', import.meta.url), 'utf8');

test('rooms, parts and arrows are those of rooms.ts', () =>
  assert.equal(page, withFreshMap(page, ROOMS), 'the map is stale: npm run docs'));

test('a sentence stands beside every room and part', () => {
  assert.ok(page.includes('| `mysql/pool` |'), 'there is a table');
  assert.deepEqual(unexplained(page), []);
});

test('a room, a part or an arrow more makes the map stale', () => {
  const { sql, telemetry, ...others } = ROOMS;
  assert.ok(sql !== undefined && telemetry !== undefined);
  const changed = [
    others,
    { ...ROOMS, cellar: { mayImport: [] } },
    { ...ROOMS, sql: { ...sql, parts: { 'tokens.ts': [] } } },
    { ...ROOMS, telemetry: { mayImport: ['model'] } },
  ];
  for (const rooms of changed) assert.notEqual(page, withFreshMap(page, rooms));
  assert.deepEqual(unexplained(withFreshMap(page, { ...ROOMS, cellar: { mayImport: [] } })), ['cellar']);
});
