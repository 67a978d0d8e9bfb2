/** The settings of V8 do on the running Node what they are for. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { YOUNG_BYTES } from '../../../../src/commands/serve/engine.ts';

const run = promisify(execFile);

/** As one text: what loads TypeScript makes the space for young objects grow before there is anything to see. */
async function engine(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../../../src/commands/serve/engine.ts', import.meta.url))],
    ...{ platform: 'node', format: 'esm', write: false },
  });
  return outputFiles[0]?.text ?? '';
}

/** What a process of its own saw, as the settings hold for a whole process. */
interface Seen {
  /** Bytes of a half of the space for young objects at the end of a start, and at most during work that makes many objects. */
  readonly youngAtStart: number;
  readonly youngAtWork: number;
  /** Bytes of the heap in use before and after the end of the start. */
  readonly usedBefore: number;
  readonly usedAfter: number;
  /** Whether code was optimized, during the start and after it. */
  readonly optimizedAtStart: boolean;
  readonly optimizedAtWork: boolean;
}

const SCRIPT = `
import { setTimeout as delay } from 'node:timers/promises';
import { getHeapSpaceStatistics } from 'node:v8';
const young = () => {
  const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  return space.space_used_size + space.space_available_size;
};
const used = () => process.memoryUsage().heapUsed;
// Lives long enough to be copied, as what a probe makes while it waits for its server.
const ring = new Array(100_000);
const make = () => { for (let i = 0; i < 200_000; i++) ring[i % ring.length] = { i, list: [i] }; };
const { tuneForStart } = process.env.TUNED
  ? await import('data:text/javascript,' + encodeURIComponent(process.env.TUNED))
  : { tuneForStart: () => () => {} };
const isOptimized = (code) => (%GetOptimizationStatus(code) & (1 << 5 | 1 << 4)) !== 0;
const sum = (list) => { let all = 0; for (const one of list) all += one; return all; };
const numbers = Array.from({ length: 1_000 }, (_, i) => i);
const work = async () => { for (let i = 0; i < 20_000; i++) { sum(numbers); if (i % 1_000 === 0) await delay(1); } };
const end = tuneForStart();
for (let i = 0; i < 5; i++) make();
await work();
const youngAtStart = young();
const optimizedAtStart = isOptimized(sum);
ring.fill(undefined);
const usedBefore = used();
end();
const usedAfter = used();
// Node 26 lets it run over for a moment when a collection comes late.
const looks = [];
for (let i = 0; i < 21; i++) {
  make();
  await delay(0);
  looks.push(young());
}
const youngAtWork = looks.sort((a, b) => a - b)[10];
await work();
const optimizedAtWork = isOptimized(sum);
console.log(JSON.stringify({ youngAtStart, youngAtWork, usedBefore, usedAfter, optimizedAtStart, optimizedAtWork }));
`;

async function see(tuned: boolean, options: readonly string[] = []): Promise<Seen> {
  const { stderr, stdout } = await run(
    process.execPath,
    ['--allow-natives-syntax', ...options, '--input-type=module', '--eval', SCRIPT],
    // --throw-deprecation and the like of whoever runs the tests are not what is looked at.
    { env: { TUNED: tuned ? await engine() : '' } },
  );
  // A setting that V8 no longer knows is told of there.
  assert.equal(stderr, '');
  return JSON.parse(stdout) as Seen;
}

test('the space for young objects stays small, during the start and after it', async () => {
  const [tuned, asIs] = await Promise.all([see(true), see(false)]);
  const half = YOUNG_BYTES / 2;
  assert.ok(tuned.youngAtStart <= half, `${tuned.youngAtStart} bytes during the start`);
  assert.ok(asIs.youngAtStart > half, `left to itself it has ${asIs.youngAtStart} bytes then`);
  assert.ok(tuned.youngAtWork > half, `${tuned.youngAtWork} bytes at work`);
  // It may double once more than it was looked at.
  assert.ok(tuned.youngAtWork <= 2 * YOUNG_BYTES, `${tuned.youngAtWork} bytes at work`);
  assert.ok(asIs.youngAtWork > 2 * YOUNG_BYTES, `left to itself it has ${asIs.youngAtWork} bytes then`);
});

test('the garbage of the start is collected when it is over', async () => {
  const { usedAfter, usedBefore } = await see(true);
  assert.ok(usedAfter < usedBefore * 0.6, `${usedAfter} of ${usedBefore} bytes`);
});

test('code is optimized after the start and not before', async () => {
  const { optimizedAtStart, optimizedAtWork } = await see(true);
  assert.deepEqual({ optimizedAtStart, optimizedAtWork }, { optimizedAtStart: false, optimizedAtWork: true });
});

test('what the operator says of the space holds', async () => {
  const { youngAtStart } = await see(true, ['--max-semi-space-size=16']);
  assert.ok(youngAtStart > YOUNG_BYTES / 2, `${youngAtStart} bytes`);
});
