/**
 * The parts of the suite by the name that `--only` takes, in the order in which they run.
 */
import { testCorruption } from './corruption.ts';
import { testEndurance } from './endurance.ts';
import { testHour } from './hour.ts';
import { testRogueClient } from './inject/rogue-client.ts';
import { testRogueServer } from './inject/rogue-server.ts';
import { testServerFaults } from './inject/server-faults.ts';
import { testStalledFiles } from './inject/stalled-files.ts';
import { testIsolation } from './isolation.ts';
import { testLockout } from './lockout.ts';
import type { World } from './world.ts';

/** A part may have to wait for long; what it does then is what it returns, for when all other parts are done. */
type Part = (world: World) => Promise<void | (() => Promise<void>)>;

export const PARTS = {
  lockout: testLockout,
  isolation: testIsolation,
  corruption: testCorruption,
  'server-faults': testServerFaults,
  'rogue-server': testRogueServer,
  'stalled-files': testStalledFiles,
  'rogue-client': testRogueClient,
  hour: testHour,
  endurance: testEndurance,
} as const satisfies Readonly<Record<string, Part>>;

export type PartName = keyof typeof PARTS;
