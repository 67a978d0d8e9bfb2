/** The limit of open files is shared: targets and clients cannot take each other's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareFiles } from '../../../../src/commands/serve/open-files.ts';

const CASES = [
  { files: undefined, connections: 10_000, clients: 4_608 },
  { files: 1_048_576, connections: 10_000, clients: 4_608 },
  { files: 12_000, connections: 10_000, clients: 1_904 },
  { files: 4_096, connections: 3_456, clients: 544 },
  { files: 900, connections: 260, clients: 544 },
  { files: 256, connections: 1, clients: 159 },
  { files: 64, connections: 1, clients: 8 },
] as const;

for (const { files, ...shares } of CASES)
  test(`${files ?? 'unknown'}: ${shares.connections} connections, ${shares.clients} clients`, () => {
    assert.deepEqual(shareFiles(files, 10_000, 512), shares);
    if (files !== undefined && files > 128) assert.ok(shares.connections + shares.clients <= files - 96);
  });
