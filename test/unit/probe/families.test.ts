import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROBE_FAMILIES } from '../../../src/model/families.ts';
import * as families from '../../../src/probe/families.ts';

test('the families of every probe are those that query files may not use', () => {
  const exposed = Object.values(families).map(({ name }) => name);
  assert.deepEqual(exposed.sort(), [...PROBE_FAMILIES].sort());
});
