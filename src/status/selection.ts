/**
 * Which targets a list shows, and in which order.
 */
import { STATES, type TargetState, type TargetSummary } from './target-summary.ts';

export const SORTS = ['name', 'state', 'duration', 'last_failure'] as const;
export type Sort = (typeof SORTS)[number];

export interface Selection {
  /** Words that a target must have, each somewhere in its name, labels, groups, reasons or server; not their case. */
  readonly text: string;
  /** Those that are down or have a query that fails. */
  readonly onlyWrong: boolean;
  /** Only this state. */
  readonly state: TargetState | undefined;
  readonly sort: Sort;
}

/** The targets that a selection has, in its order. */
export function select(
  targets: readonly TargetSummary[],
  { onlyWrong, sort, state, text }: Selection,
): readonly TargetSummary[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return targets
    .filter((target) => state === undefined || target.state === state)
    .filter((target) => !onlyWrong || isWrong(target.state))
    .filter((target) => hasWords(target, words))
    .sort(ORDERS[sort]);
}

/** Whether somebody has to look at it. */
export const isWrong = (state: TargetState): boolean => state === 'down' || state === 'partly';

/** What a target is found by, in small letters. */
export function searchText({ failing, groups, labels, name, server, state }: TargetSummary): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  const reasons = failing.flatMap(({ query = '', reason }) => [reason, query]);
  const of = server === undefined ? [] : [`${server.flavour} ${server.version}`];
  return [name, state, ...groups, ...pairs, ...reasons, ...of].join(' ').toLowerCase();
}

function hasWords(target: TargetSummary, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = searchText(target);
  return words.every((word) => text.includes(word));
}

type Order = (one: TargetSummary, other: TargetSummary) => number;

const byName: Order = (one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0);

const WORST_FIRST: readonly TargetState[] = ['down', 'partly', 'not_asked', 'up', 'disabled'];

const ORDERS: Readonly<Record<Sort, Order>> = {
  name: byName,
  state: (one, other) =>
    WORST_FIRST.indexOf(one.state) - WORST_FIRST.indexOf(other.state) || byName(one, other),
  duration: (one, other) =>
    (other.lastProbe?.durationSeconds ?? -1) - (one.lastProbe?.durationSeconds ?? -1) || byName(one, other),
  last_failure: (one, other) => lastFailure(other) - lastFailure(one) || byName(one, other),
};

const lastFailure = ({ lastFailureAt }: TargetSummary): number => lastFailureAt?.getTime() ?? 0;

/** Undefined for a word that is no state. */
export const stateNamed = (word: string): TargetState | undefined => STATES.find((state) => state === word);
