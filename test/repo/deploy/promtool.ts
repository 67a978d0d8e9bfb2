/** Prometheus' own tool: what it says of rules and of their tests. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findPromtool } from '../../../harness/programs.ts';

const run = promisify(execFile);

/** Runs promtool to its end; an Error carries what it said. */
export async function promtool(...args: readonly string[]): Promise<string> {
  const { command, prefix } = await findPromtool();
  const { stdout, stderr } = await run(command, [...prefix, ...args]);
  return stdout + stderr;
}
