/**
 * `npm run test:faults`: servers, networks and clients at their worst, and an exporter that must not mind.
 *
 *   npm run test:faults                        the short form, two minutes
 *   npm run test:faults -- --long              100,000 probes of endurance, ten minutes
 *   npm run test:faults -- --only rogue-client one part
 */
import { parseArgs } from 'node:util';
import { clock, Ledger } from './ledger.ts';
import { PARTS, type PartName } from './parts.ts';
import { startPulse } from './pulse.ts';
import { expectNoStall, SCALES, startWorld } from './world.ts';

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      long: { type: 'boolean', default: false },
      brief: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
  });
  const { brief, long, only } = values;
  const names = (Object.keys(PARTS) as PartName[]).filter((name) => only === undefined || name === only);
  if (names.length === 0) {
    process.stderr.write(`no part is called ${only}; there are ${Object.keys(PARTS).join(', ')}\n`);
    return 2;
  }
  const ledger = new Ledger();
  const pulse = startPulse();
  await using world = await startWorld(ledger, SCALES[long ? 'long' : brief ? 'brief' : 'short']);
  const rests: (() => Promise<void>)[] = [];
  try {
    for (const name of names) {
      const startedAt = performance.now();
      const rest = await PARTS[name](world);
      if (rest !== undefined) rests.push(rest);
      process.stdout.write(`${name}: done in ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
    }
  } finally {
    for (const rest of rests) await rest();
  }
  await expectNoStall(world);
  const { at, ms } = pulse.worst;
  await pulse.stop();
  ledger.note(`machine: stood still for ${ms.toFixed(0)} ms at most, until ${clock(at)}`);
  process.stdout.write(ledger.summary);
  return ledger.troubles.length === 0 ? 0 : 1;
}

process.exit(await run(process.argv.slice(2)));
