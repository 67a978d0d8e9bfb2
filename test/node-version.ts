/**
 * `npm run test:node`: the tests on another version of Node, the exporters that they start included.
 *
 *   npm run test:node -- 26               all of them on Node 26
 *   npm run test:node -- 26 mysql/pool    what `npm test` takes comes after the version
 *   npm run test:node -- 26 --unit pool   or what `npm run test:unit` takes
 *   npm run test:node -- 24.21.0          a release of its own
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTermination } from '../harness/children.ts';
import { NODE_LINES, nodeProgram, nodeRelease } from '../harness/node-program.ts';

/** The runner's file and its arguments. */
function runnerOf(args: readonly string[]): readonly string[] {
  const unit = args[0] === '--unit';
  const runner = fileURLToPath(new URL(unit ? 'run-unit.ts' : 'run.ts', import.meta.url));
  return [runner, ...(unit ? args.slice(1) : args)];
}

async function runOn(release: string, args: readonly string[]): Promise<number> {
  const program = await nodeProgram(release);
  process.stderr.write(`Node ${release}: ${program}\n`);
  const env = {
    ...process.env,
    // For scripts that ask for `env node`; the tests start exporters by process.execPath.
    PATH: `${dirname(program)}${delimiter}${process.env['PATH'] ?? ''}`,
    // What a newer Node deprecates, an older one of the same list of tests does not report: it fails here.
    NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --throw-deprecation`,
  };
  const child = spawn(program, ['--import', 'tsx', ...runnerOf(args)], { stdio: 'inherit', env });
  const exited = once(child, 'exit');
  onTermination(async () => {
    child.kill('SIGTERM');
    await exited; // the servers of the tests end with it
    return 1;
  });
  const [status] = (await exited) as [number | null];
  return status ?? 1;
}

const [wanted = '', ...args] = process.argv.slice(2);
const release = nodeRelease(wanted);
if (release === undefined) {
  process.stderr.write(
    `Usage: npm run test:node -- VERSION [--unit] [WORDS...], VERSION ${NODE_LINES.join(', ')} or as 24.21.0\n`,
  );
  process.exit(2);
}
try {
  process.exit(await runOn(release, args));
} catch (cause) {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exit(1);
}
