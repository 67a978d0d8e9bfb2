/** What became of the queries of targets, printed: each query of one, a table of many, or all of it as JSON. */
import type { Failure } from '../../model/reason.ts';
import { pluralize, reasonText, writeLine, writeText } from '../printable.ts';
import { textTable } from '../text-table.ts';
import { VERDICTS, type Verdict } from './verdict.ts';

interface JudgedQuery {
  /** `SET/QUERY`. */
  readonly query: string;
  readonly verdict: Verdict;
}

export interface JudgedTarget {
  readonly name: string;
  readonly down: Failure | undefined;
  /** What all of it took. */
  readonly ms: number;
  /** None when it is down. */
  readonly queries: readonly JudgedQuery[];
}

/** Returns the exit code, 1 when a target is down or a query is not whole. */
export function printJudged(judged: readonly JudgedTarget[], form: 'text' | 'table' | 'json'): number {
  if (form === 'json') printJson(judged);
  else if (form === 'table') printTable(judged);
  else for (const target of judged) printTarget(target);
  return judged.every(({ down, queries }) => down === undefined && queries.every(isWhole)) ? 0 : 1;
}

const isWhole = ({ verdict }: JudgedQuery): boolean =>
  verdict.word !== 'incomplete' && verdict.word !== 'failed';

const countOf = ({ queries }: JudgedTarget, word: Verdict['word']): number =>
  queries.filter(({ verdict }) => verdict.word === word).length;

function printTarget(target: JudgedTarget): void {
  if (target.down === undefined) printQueries(target.queries, '');
  const words = VERDICTS.map((word) => `${countOf(target, word)} ${word}`);
  writeLine(target.down === undefined ? `target ${target.name}: ${words.join(', ')}` : downText(target));
}

function printQueries(queries: readonly JudgedQuery[], indent: string): void {
  const width = queries.reduce((most, { query }) => Math.max(most, query.length), 0);
  for (const { query, verdict } of queries) {
    const [first, ...more] = verdict.lines;
    writeLine(`${indent}${query.padEnd(width)}  ${verdict.word.padEnd(10)}  ${first}`);
    for (const line of more) writeLine(`${indent}${' '.repeat(width + 14)}${line}`);
  }
}

const downText = ({ down, name }: JudgedTarget): string =>
  `target ${name} is down: ${down === undefined ? '' : reasonText(down)}`;

const STATES = ['good', 'incomplete', 'failed', 'down'] as const;

function stateOf(target: JudgedTarget): (typeof STATES)[number] {
  if (target.down !== undefined) return 'down';
  if (countOf(target, 'failed') > 0) return 'failed';
  return countOf(target, 'incomplete') > 0 ? 'incomplete' : 'good';
}

/** What is not as it should be stands below it, in the words of the servers. */
function printTable(judged: readonly JudgedTarget[]): void {
  if (judged.length > 0) {
    const columns = ['target', 'verdict', ...VERDICTS, 'ms', 'first reason'];
    writeText(`${textTable(columns, judged.map(rowOf))}\n`);
  }
  for (const target of judged) {
    const queries = target.queries.filter((query) => !isWhole(query));
    if (target.down !== undefined) writeLine(downText(target));
    else if (queries.length > 0) {
      writeLine(`target ${target.name}:`);
      printQueries(queries, '  ');
    }
  }
  const states = judged.map(stateOf);
  const numbers = STATES.map((state) => `${states.filter((one) => one === state).length} ${state}`);
  writeLine(`${pluralize(judged.length, 'enabled target')}: ${numbers.join(', ')}`);
}

function rowOf(target: JudgedTarget): readonly string[] {
  const [first] = target.queries.filter((query) => !isWhole(query));
  const why = first === undefined ? '' : `${first.query}: ${first.verdict.reason}`;
  const counts = VERDICTS.map((word) => (target.down === undefined ? String(countOf(target, word)) : ''));
  return [target.name, stateOf(target), ...counts, target.ms.toFixed(0), target.down?.reason ?? why];
}

function printJson(judged: readonly JudgedTarget[]): void {
  const targets = judged.map(({ down, ms, name, queries }) => ({
    target: name,
    up: down === undefined,
    reason: down?.reason ?? null,
    detail: down?.detail ?? null,
    ms: Math.round(ms),
    queries: queries.map(({ query, verdict: { lines, reason, word } }) => ({
      ...{ query, verdict: word, reason: reason ?? null, lines },
    })),
  }));
  writeText(`${JSON.stringify(targets, undefined, 2)}\n`);
}
