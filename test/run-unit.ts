/**
 * `npm run test:unit`: the tests that need no server, in seconds.
 *
 *   npm run test:unit                     all of test/unit, the table of rooms and what pages say of it
 *   npm run test:unit -- pool metric      files whose path contains one of the words
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isUnit, testFiles, unitGroups } from './unit-groups.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Outcome {
  readonly status: number;
  readonly output: string;
}

function runGroup(module: string): Promise<Outcome> {
  const args = ['--import', 'tsx', '--test-reporter=dot', '--input-type=module', '--eval', module];
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

const words = process.argv.slice(2);
const files = (await testFiles(words)).filter(isUnit);
if (files.length === 0) throw new Error(`no unit test matches ${words.join(' ')}`);
const started = performance.now();
const outcomes = await Promise.all(unitGroups(files).map(runGroup));
for (const { output, status } of outcomes) if (status !== 0) process.stdout.write(`${output}\n`);
const failed = outcomes.filter(({ status }) => status !== 0).length;
const seconds = ((performance.now() - started) / 1000).toFixed(1);
process.stdout.write(
  `${files.length} files in ${seconds} s, ${failed} of ${outcomes.length} processes with failures\n`,
);
process.exitCode = failed === 0 ? 0 : 1;
