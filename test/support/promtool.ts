/**
 * What Prometheus' own tool says of an exposition.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findPromtool } from '../../harness/programs.ts';

/** The lines of `promtool check metrics`, such as `NAME counter metrics should have "_total" suffix`. */
export async function checkMetrics(text: string): Promise<readonly string[]> {
  const { command, prefix } = await findPromtool();
  const child = spawn(command, [...prefix, 'check', 'metrics']);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  child.stdin.end(text);
  const [code] = (await once(child, 'close')) as [number | null];
  const lines = output.split('\n').filter((line) => line !== '');
  // 3 is for advice.
  if (code === (lines.length === 0 ? 0 : 3)) return lines;
  throw new Error(`promtool ended with ${code}:\n${output}`);
}
