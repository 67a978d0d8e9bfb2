/** The fault suite in its briefest form; `npm run test:faults` does more of everything. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Ledger } from './ledger.ts';
import { PARTS } from './parts.ts';
import { SCALES, startWorld } from './world.ts';

const world = await startWorld(new Ledger(), SCALES.brief);
after(() => world[Symbol.asyncDispose]());

for (const [name, part] of Object.entries(PARTS))
  test(name, async () => {
    const ledger = new Ledger();
    await part({ ...world, ledger });
    assert.deepEqual(ledger.troubles, []);
  });
