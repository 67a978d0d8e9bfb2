/** What a reload changes, for the one line of the log that tells it. */
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../../model/config.ts';
import type { LogFields } from '../../telemetry/logger.ts';

interface Changes {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** The names of targets and query sets that are new, other than before, or gone; nothing of what stays as it is. */
export function changesOf(before: Config, after: Config): LogFields {
  return {
    ...fieldsOf('targets', compare(before.targets, after.targets)),
    ...fieldsOf('patterns', compare(patternsOf(before), patternsOf(after))),
    ...fieldsOf('query_sets', compare(before.querySets, after.querySets)),
    ...fieldsOf('scrapes', compare(before.scrapes, after.scrapes)),
  };
}

const patternsOf = ({ patterns }: Config) => new Map(patterns.map((pattern) => [pattern.text, pattern]));

function compare(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): Changes {
  const kept = [...after.keys()].filter((name) => before.has(name));
  return {
    added: [...after.keys()].filter((name) => !before.has(name)),
    changed: kept.filter((name) => !isDeepStrictEqual(before.get(name), after.get(name))),
    removed: [...before.keys()].filter((name) => !after.has(name)),
  };
}

/** A fleet may change as a whole: so many are named. */
const MOST_NAMED = 10;

function fieldsOf(what: string, changes: Changes): LogFields {
  const named = Object.entries(changes).filter(([, names]) => names.length > 0);
  return Object.fromEntries(named.map(([how, names]) => [`${what}_${how}`, listOf(names)]));
}

function listOf(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return [...names.slice(0, MOST_NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}
