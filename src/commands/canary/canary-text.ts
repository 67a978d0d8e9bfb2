/** What became of a query on its canaries, printed. */
import { pluralize, reasonText, writeLine, writeText } from '../printable.ts';
import { textTable } from '../text-table.ts';
import { expectedSeries } from './spread.ts';
import type { Learned, Trial } from './trial.ts';

interface Canaries extends Learned {
  readonly path: string;
  /** All that could have been asked. */
  readonly targets: number;
  readonly trials: readonly Trial[];
}

const COLUMNS = ['target', 'server', 'verdict', 'ms', 'rows', 'series', 'rows of the plan', 'reason'];

/** Returns the exit code, 1 when the query is not whole on one of them, or nobody could be asked. */
export function printCanaries({ down, known, path, targets, trials }: Canaries): number {
  if (trials.length > 0) writeText(`${textTable(COLUMNS, trials.map(rowOf))}\n`);
  for (const { name, verdict } of trials.filter(isNotWhole)) {
    writeLine(`target ${name}:`);
    for (const line of verdict.lines) writeLine(`  ${line}`);
  }
  for (const { name, why } of down) writeLine(`target ${name} is down: ${reasonText(why)}`);
  const tried = trials.map(({ answer, name, verdict, version }) => ({
    name,
    version,
    series: verdict.word === 'skipped' ? 0 : answer?.samples.count,
  }));
  const expected = expectedSeries(tried, known, targets);
  const on = `${path} on ${trials.length} of ${pluralize(targets, 'target')}`;
  writeLine(expected === undefined ? `${on}: no answer` : `${on}; on all of them about ${expected} series`);
  return trials.length === 0 || trials.some(isNotWhole) ? 1 : 0;
}

const isNotWhole = ({ verdict }: Trial): boolean =>
  verdict.word === 'failed' || verdict.word === 'incomplete';

function rowOf({ answer, name, planRows, said, seconds, verdict }: Trial): readonly string[] {
  return [
    ...[name, said, verdict.word, seconds === undefined ? '' : (seconds * 1000).toFixed(1)],
    ...[answer?.rows, answer?.samples.count, planRows].map((number) =>
      number === undefined ? '' : String(number),
    ),
    verdict.reason ?? '',
  ];
}
