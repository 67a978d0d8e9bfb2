/**
 * The parts of the suite by the name that `--only` takes.
 */
import { testEndurance } from './endurance.ts';
import { testIsolation } from './isolation.ts';
import { testRogueClient } from './rogue-client.ts';
import { testServerFaults } from './server-faults.ts';
import type { World } from './world.ts';

export const PARTS = {
  isolation: testIsolation,
  'server-faults': testServerFaults,
  'rogue-client': testRogueClient,
  endurance: testEndurance,
} as const satisfies Readonly<Record<string, (world: World) => Promise<void>>>;

export type PartName = keyof typeof PARTS;
