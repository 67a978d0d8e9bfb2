/**
 * `npm run lab -- --check`: probes each target once and shows what came back.
 */
import { alignedTable } from '../harness/aligned-table.ts';

export interface Checked {
  readonly target: string;
  /** HTTP status, or undefined when there was no answer. */
  readonly status: number | undefined;
  /** The value of `mysql_up`, or undefined when it was not in the answer. */
  readonly up: string | undefined;
  readonly series: number;
  readonly ms: number;
}

export async function probeTarget(exporterUrl: string, target: string): Promise<Checked> {
  const started = performance.now();
  const url = `${exporterUrl}/probe?target=${encodeURIComponent(target)}`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) }).then(
    async (response) => ({ status: response.status, text: await response.text() }),
    () => ({ status: undefined, text: '' }),
  );
  return {
    target,
    status: answer.status,
    up: /^mysql_up (\S+)/m.exec(answer.text)?.[1],
    series: answer.status === 200 ? answer.text.split('\n').filter(isSample).length : 0,
    ms: Math.round(performance.now() - started),
  };
}

const isSample = (line: string) => line !== '' && !line.startsWith('#');

export const isUp = (checked: Checked) => checked.status === 200 && checked.up === '1';

export function table(rows: readonly Checked[]): string {
  const cells = rows.map((row) => [
    row.target,
    String(row.status ?? 'none'),
    row.up ?? 'none',
    String(row.series),
    String(row.ms),
  ]);
  return alignedTable([['target', 'status', 'mysql_up', 'series', 'ms'], ...cells]);
}
