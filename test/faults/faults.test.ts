/** The fault suite in its briefest form; `npm run test:faults` does more of everything. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Ledger } from './ledger.ts';
import { PARTS } from './parts.ts';
import { expectNoStall, SCALES, startWorld } from './world.ts';

const world = await startWorld(new Ledger(), SCALES.brief);
after(() => world[Symbol.asyncDispose]());

const rests: (() => Promise<void>)[] = [];
for (const [name, part] of Object.entries(PARTS))
  test(name, async () => {
    const ledger = new Ledger();
    const rest = await part({ ...world, ledger });
    if (rest !== undefined)
      rests.push(async () => {
        await rest();
        assert.deepEqual(ledger.troubles, []);
      });
    assert.deepEqual(ledger.troubles, []);
  });

test('what had to wait', async () => {
  for (const rest of rests) await rest();
});

test('the event loop of no exporter stood still', async () => {
  const ledger = new Ledger();
  await expectNoStall({ ...world, ledger });
  assert.deepEqual(ledger.troubles, []);
});
