/**
 * `npm test`: starts the servers and builds the program that all test files share, then runs Node's test runner over them.
 *
 *   npm test                          all of test/**\/*.test.ts
 *   npm test -- mysql/pool            files whose path contains one of the words
 *   npm test -- --test-only           options go to `node --test`
 */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTermination, temporaryFolder } from '../harness/children.ts';
import { buildForTests } from './built-program.ts';
import { startSharedServers } from './support/real-servers.ts';
import { isUnit, testFiles, unitGroups } from './unit-groups.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Of what is said of a test that failed. */
const MOST_LINES = 20;

/** Node 20 takes no patterns. Those of units come first, a few processes for all of them. */
async function filesToRun(words: readonly string[]): Promise<readonly string[]> {
  const files = await testFiles(words);
  if (files.length === 0) throw new Error(`no test file matches ${words.join(' ')}`);
  const folder = temporaryFolder('units');
  const groups = unitGroups(files.filter(isUnit)).map(async (module, i) => {
    const path = join(folder, `units-${i + 1}.mjs`);
    await writeFile(path, module);
    return path;
  });
  return [...(await Promise.all(groups)), ...files.filter((file) => !isUnit(file))];
}

async function runTests(args: readonly string[]): Promise<number> {
  const files = await filesToRun(args.filter((arg) => !arg.startsWith('-')));
  const started = performance.now();
  const [servers, program] = await Promise.all([startSharedServers(), buildForTests()]);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stderr.write(
    `MariaDB on port ${servers.mariadb}, MySQL on port ${servers.mysql}, ready in ${seconds} s\n`,
  );
  const options = args.filter((arg) => arg.startsWith('-'));
  const report = options.some((option) => option.startsWith('--test-reporter'))
    ? []
    : ['--test-reporter=tap'];
  // Two at a time: the servers need processors too, and tests of deadlines suffer when there are none.
  const runner = ['--import', 'tsx', '--test', ...report, '--test-concurrency=2', ...options, ...files];
  const env = { ...process.env, TEST_SERVERS: JSON.stringify(servers), TEST_PROGRAM: program };
  const child = spawn(process.execPath, runner, { cwd: ROOT, stdio: ['inherit', 'pipe', 'inherit'], env });
  const failures = failuresIn(child.stdout);
  onTermination(async () => {
    child.kill('SIGTERM');
    return 1;
  });
  const status = await new Promise<number>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve(code ?? 1));
  });
  for (const failure of await failures) process.stderr.write(`\n${failure}\n`);
  return status;
}

/** Hands the report on, and returns what failed: it stands among thousands of lines, so it is said once more at the end. */
async function failuresIn(report: Readable): Promise<readonly string[]> {
  const failures: string[][] = [];
  let isFailure = false;
  for await (const line of createInterface({ input: report })) {
    process.stdout.write(`${line}\n`);
    if (/^\s*not ok /.test(line)) failures.push([]);
    isFailure = (isFailure && !/^\s*\.\.\.$/.test(line)) || /^\s*not ok /.test(line);
    const failure = failures.at(-1);
    if (isFailure && failure !== undefined && failure.length < MOST_LINES) failure.push(line);
  }
  return failures.map((lines) => lines.join('\n'));
}

/** The servers end with this process. */
try {
  process.exit(await runTests(process.argv.slice(2)));
} catch (cause) {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exit(1);
}
