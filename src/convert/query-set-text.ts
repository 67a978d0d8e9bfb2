/**
 * A query set as a query file of ours.
 */
import { stringifyDuration } from '../model/duration-text.ts';
import { type Entry, yamlText } from './yaml-text.ts';

export interface QuerySetText {
  /** A name of our language already, as those of queries are. */
  readonly name: string;
  readonly comment: string | undefined;
  /** Above everything else in the file. */
  readonly header?: string | undefined;
  readonly namespace: string;
  readonly queries: readonly QueryText[];
}

export interface QueryText {
  readonly name: string;
  readonly comment: string | undefined;
  readonly sql: string;
  readonly timeoutMs?: number | undefined;
  readonly minIntervalMs?: number | undefined;
  readonly metrics: readonly MetricText[];
}

export interface MetricText {
  readonly name: string;
  readonly comment: string | undefined;
  /** The keys of our language. */
  readonly entries: readonly Entry[];
}

export const queryFileName = (set: string): string => `queries/${set}.yml`;

/** One file for one set. A query with one metric of its own name has the short form. */
export function queryFile(set: QuerySetText) {
  const isShort = ({ name, metrics }: QueryText) => metrics.length === 1 && metrics[0]?.name === name;
  const long = set.queries.filter((query) => !isShort(query)).map(longForm);
  const short = set.queries.filter(isShort).map(shortForm);
  const body: readonly Entry[] = [
    { key: 'namespace', value: set.namespace },
    { key: 'queries', value: long.length > 0 ? long : undefined },
    { key: 'metrics', value: short.length > 0 ? short : undefined },
  ];
  const sets: readonly Entry[] = [{ key: set.name, value: body, comment: set.comment }];
  return { name: queryFileName(set.name), text: yamlText([{ key: 'query_sets', value: sets }], set.header) };
}

function longForm(query: QueryText): Entry {
  const metrics = query.metrics.map(({ name: key, comment, entries: value }) => ({ key, comment, value }));
  const value = [...executionOf(query), { key: 'metrics', value: metrics }];
  return { key: query.name, value, comment: query.comment };
}

function shortForm(query: QueryText): Entry {
  const comments = [query.comment, ...query.metrics.map(({ comment }) => comment)];
  return {
    key: query.name,
    value: [...executionOf(query), ...query.metrics.flatMap(({ entries }) => entries)],
    comment: comments.filter((comment) => comment !== undefined).join('\n') || undefined,
  };
}

function executionOf({ sql, timeoutMs, minIntervalMs }: QueryText): readonly Entry[] {
  return [
    { key: 'query', value: sql },
    { key: 'timeout', value: timeoutMs === undefined ? undefined : stringifyDuration(timeoutMs) },
    {
      key: 'min_interval',
      value: minIntervalMs === undefined ? undefined : stringifyDuration(minIntervalMs),
    },
  ];
}
