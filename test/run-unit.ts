/**
 * `npm run test:unit`: the tests that need no server, in seconds.
 *
 *   npm run test:unit                     all of test/unit, the table of rooms and what pages say of it
 *   npm run test:unit -- pool metric      files whose path contains one of the words
 *
 * Node's runner starts a process for each file, and most of the time would go into loading the same modules again.
 * Here a few processes load many files each; many tests wait for timers, so there are more than processors.
 */
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ALONE = [
  'test/repo/architecture.test.ts',
  'test/repo/architecture-map.test.ts',
  'test/repo/named-files.test.ts',
];

interface Outcome {
  readonly status: number;
  readonly output: string;
}

async function unitFiles(words: readonly string[]): Promise<readonly string[]> {
  const paths = (await readdir(join(ROOT, 'test/unit'), { recursive: true }))
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => join('test/unit', path));
  return [...ALONE, ...paths.sort()].filter(
    (path) => words.length === 0 || words.some((word) => path.includes(word)),
  );
}

function runGroup(files: readonly string[]): Promise<Outcome> {
  const imports = files.map((file) => `await import(${JSON.stringify(join(ROOT, file))});`).join('\n');
  const args = ['--import', 'tsx', '--test-reporter=dot', '--input-type=module', '--eval', imports];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (status) => resolve({ status: status ?? 1, output }));
  });
}

const files = await unitFiles(process.argv.slice(2));
if (files.length === 0) throw new Error(`no unit test matches ${process.argv.slice(2).join(' ')}`);
const started = performance.now();
const groups = Math.min(files.length, 3 * availableParallelism());
const outcomes = await Promise.all(
  Array.from({ length: groups }, (_, group) => runGroup(files.filter((_file, i) => i % groups === group))),
);
for (const { output, status } of outcomes) if (status !== 0) process.stdout.write(`${output}\n`);
const failed = outcomes.filter(({ status }) => status !== 0).length;
const seconds = ((performance.now() - started) / 1000).toFixed(1);
process.stdout.write(
  `${files.length} files in ${seconds} s, ${failed} of ${groups} processes with failures\n`,
);
process.exitCode = failed === 0 ? 0 : 1;
