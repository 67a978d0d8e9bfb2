/**
 * The comparison with mysqld_exporter in short: all collectors at once, so a difference names the family and not the
 * collector. `npm run parity` tells them apart, and takes longer.
 *
 * Also what promtool says of both: our own names shall give it nothing to say.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { loadShippedSets } from '../../src/config/load.ts';
import { documentedAdvice } from '../repo/docs/naming.ts';
import { errorsOf } from '../support/parse-exposition.ts';
import { checkMetrics } from '../support/promtool.ts';
import { measureTogether } from './measure.ts';
import { isHarmless, renderDifference } from './report.ts';
import { SERVERS } from './servers.ts';
import { askOurs, startWorld } from './world.ts';

const world = await startWorld({ servers: SERVERS });
after(() => world.stop());
const shippedSets = [...(await loadShippedSets()).keys()];
const documented = await documentedAdvice();
const given = new Set<string>();

/** Enough that what moved by chance is not taken for a difference. */
const ROUNDS = 3;

for (const server of world.servers) {
  test(`${server.name}: the families, labels and values of mysqld_exporter ${world.version}`, async () => {
    const { counts, errors, differences, upstreamText } = await measureTogether(world, server, ROUNDS);
    assert.deepEqual(errors, []);
    assert.deepEqual(differences.filter((difference) => !isHarmless(difference)).map(renderDifference), []);
    // Both have something to say, and most of it stands still.
    assert.ok(counts.families > 500 && counts.still > counts.series / 2, JSON.stringify(counts));

    const text = await askOurs(world, server, shippedSets);
    assert.deepEqual(errorsOf(text), []);
    const lines = await checkMetrics(text);
    assert.deepEqual(lines, await checkMetrics(upstreamText), 'promtool says the same of both');
    assert.deepEqual(
      lines.filter((line) => !documented.some(({ fits }) => fits(line))),
      [],
      'docs/reference/naming.md has it',
    );
    for (const line of lines) given.add(line);
  });
}

test('docs/reference/naming.md has nothing that promtool does not say', () => {
  const unsaid = documented.filter(({ fits }) => ![...given].some(fits));
  // The engine is not to be had for every machine.
  const withoutEngine = unsaid.filter(({ families }) => !families.includes('_rocksdb_'));
  assert.deepEqual(
    withoutEngine.map(({ families, sentence }) => `${families} ${sentence}`),
    [],
  );
});
