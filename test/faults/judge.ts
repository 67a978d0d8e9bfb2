/**
 * What an answer must be: whole, or partial or down for one of the reasons that fit the fault, and never false.
 */
import type { Reason } from '../../src/model/reason.ts';
import { parseExposition, type Sample } from '../support/parse-exposition.ts';
import type { Ledger } from './ledger.ts';
import type { Scraped } from './scrape.ts';

/** Nothing but a whole answer, or besides it one with these reasons alone. */
export interface Expected {
  readonly reasons: readonly Reason[];
  /** Whether the fault must be seen: then a whole answer is wrong. */
  readonly mustFail: boolean;
}

export const WHOLE: Expected = { reasons: [], mustFail: false };

/** The set of every target of the suite. The second result is so long that it is cut and stalled midway. */
export const QUERIES = `
query_sets:
  watched:
    namespace: faults
    queries:
      short: {query: SELECT 1 AS v, metrics: {short: {type: gauge, description: Short, value: v}}}
      long:
        query: SELECT 2 AS v, REPEAT('x', 40000) AS filler
        metrics: {long: {type: gauge, description: Long, value: v}}
  exact:
    namespace: faults
    metrics:
      first: {query: SELECT 5 AS v, type: gauge, description: First, value: v}
      second: {query: "SELECT 60 AS v, 'text' AS t", type: gauge, description: Second, labels: [t], value: v}
  quick:
    namespace: faults
    metrics: {quick: {query: SELECT 7 AS v, type: gauge, description: Quick, value: v}}
  endless:
    namespace: faults
    queries:
      endless:
        query: >-
          SELECT COUNT(*) + 8 AS v FROM information_schema.columns a, information_schema.columns b,
          information_schema.columns c WHERE a.column_name <> b.column_name AND b.column_name <> c.column_name
        timeout: 1s
        metrics: {endless: {type: gauge, description: The catalog against itself, value: v}}
      quick: {query: SELECT 7 AS v, metrics: {quick: {type: gauge, description: Quick, value: v}}}
  fresh:
    namespace: faults
    queries:
      fresh:
        query: >-
          WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 100)
          SELECT UUID() AS id, 9 AS v FROM n a JOIN n b
        metrics: {fresh: {type: gauge, description: Never seen before, labels: [id], value: v}}
  clock:
    namespace: faults
    metrics: {now: {query: SELECT UNIX_TIMESTAMP() AS v, type: gauge, description: Clock of the server, value: v}}
  slow:
    namespace: faults
    metrics: {slow: {query: SELECT SLEEP(0.3) + 3 AS v, type: gauge, description: Slow, value: v}}
  hanging:
    namespace: faults
    metrics: {hanging: {query: "SELECT GET_LOCK('faults', 60) + 4 AS v", type: gauge, description: Hanging, value: v}}
`;

const TRUTH: Readonly<Record<string, number>> = {
  faults_short: 1,
  faults_long: 2,
  faults_slow: 3,
  faults_first: 5,
  faults_second: 60,
  faults_quick: 7,
};

const isOurs = ({ name }: Sample) => name.startsWith('faults_');

/** Tells the ledger of every answer that is wrong or late. */
export function judge(
  ledger: Ledger,
  answers: readonly Scraped[],
  seconds: number,
  of: (target: string) => Expected,
): void {
  for (const answer of answers) {
    ledger.answered();
    const { ms, target } = answer;
    if (ms > seconds * 1000) ledger.late(`${target} after ${Math.round(ms)} of ${seconds * 1000} ms`);
    const wrong = whyWrong(answer, of(target));
    if (wrong !== undefined) ledger.wrong(`${target}: ${wrong}`);
  }
}

/** Why this answer is none to give; undefined when it is right. */
export function whyWrong({ status, text }: Scraped, { mustFail, reasons }: Expected): string | undefined {
  if (status !== 200) return `HTTP ${status} ${text.slice(0, 200)}`;
  const samples = parsed(text);
  if (typeof samples === 'string') return samples;
  const up = samples.find(({ name }) => name === 'mysql_up')?.value;
  const seen = samples
    .filter(({ name }) => name === 'query_exporter_probe_error' || name === 'query_exporter_query_error')
    .map(({ labels }) => labels['reason'] ?? '');
  const foreign = seen.filter((reason) => !(reasons as readonly string[]).includes(reason));
  if (foreign.length > 0)
    return `mysql_up ${up}, ${foreign.join(', ')}, expected ${reasons.join(', ') || 'all'}`;
  if (up === 0) return samples.some(isOurs) ? 'down, and samples nevertheless' : undefined;
  if (up !== 1) return `mysql_up ${up}`;
  for (const { name, value } of samples)
    if (name in TRUTH && TRUTH[name] !== value) return `${name} is ${value}`;
  const succeeded = samples.filter(
    ({ name, value }) => name === 'query_exporter_query_success' && value === 1,
  );
  const exposed = new Set(samples.filter(isOurs).map(({ name }) => name)).size;
  if (succeeded.length !== exposed) return `${succeeded.length} queries succeeded, ${exposed} have samples`;
  if (seen.length === 0 && exposed === 0) return 'up, no reason and no sample';
  if (seen.length === 0 && mustFail) return 'whole, although the target is sick';
  return undefined;
}

/** The reasons that an answer gives; none when it is whole. */
export function reasonsOf({ text }: Scraped): readonly string[] {
  const samples = parsed(text);
  if (typeof samples === 'string') return [samples];
  const reasons = samples
    .filter(({ name }) => name === 'query_exporter_probe_error' || name === 'query_exporter_query_error')
    .map(({ labels }) => labels['reason'] ?? '');
  return [...new Set(reasons)].sort();
}

function parsed(text: string): readonly Sample[] | string {
  try {
    return parseExposition(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
