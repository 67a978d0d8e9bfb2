/**
 * `npm run locks`: measures anew what shipped queries do while others hold locks, and makes the page of the reference.
 */
import { FLAVOURS } from '../../../src/model/query-set.ts';
import { shippedQueries } from '../each-query.ts';
import { askedOf, type LocksMeasured, seenIn, waitsOf, writeMeasured } from './measured.ts';
import { STATE_NAMES } from './state-names.ts';
import { lockableServer } from './states.ts';

const queries = await shippedQueries();

const measured = await Promise.all(
  FLAVOURS.map(async (flavour) => {
    const server = await lockableServer(flavour);
    const waits: LocksMeasured['waits'] = [];
    const asked = new Set<string>();
    for (const state of STATE_NAMES) {
      const seen = await seenIn(server, state, queries);
      waits.push(...waitsOf(flavour, state, seen));
      for (const query of askedOf(seen)) asked.add(query);
    }
    await server.stop();
    return {
      flavour,
      version: /^[\d.]+/.exec(server.version)?.[0] ?? server.version,
      waits,
      asked: [...asked].sort(),
    };
  }),
);

const of = <T>(pick: (one: (typeof measured)[number]) => T) =>
  Object.fromEntries(measured.map((one) => [one.flavour, pick(one)])) as Record<(typeof FLAVOURS)[number], T>;
await writeMeasured({
  versions: of(({ version }) => version),
  asked: of(({ asked }) => asked),
  waits: measured.flatMap(({ waits }) => waits),
});
process.stdout.write('Written. Now: npm run docs\n');
