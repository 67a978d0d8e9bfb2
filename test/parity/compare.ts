/**
 * Compares what mysqld_exporter and we say of one server at the same time.
 *
 * Servers do not hold still. mysqld_exporter is asked before and after us: a value that is the same in both has to
 * be ours too, one that moved has to have ours between them. All of it is done several times, and a difference
 * counts when every round has it.
 */
import { deviationOf } from './deviations.ts';
import type { Difference, Kind } from './difference.ts';
import type { Families, Family } from './exposition.ts';
import type { ServerName } from './servers.ts';

/** One answer of ours between two of theirs. */
export interface Round {
  readonly before: Families;
  readonly ours: Families;
  readonly after: Families;
}

export interface Counts {
  readonly families: number;
  readonly series: number;
  /** Of these, how many held still in the last round. */
  readonly still: number;
}

export interface Comparison {
  readonly counts: Counts;
  readonly differences: readonly Difference[];
}

export interface Scope {
  /** Some deviations are of one kind of server only. */
  readonly server: ServerName;
  /** Which families to look at. */
  readonly isMeant: (family: string) => boolean;
}

export function compareRounds(rounds: readonly Round[], { isMeant, server }: Scope): Comparison {
  const perRound = rounds.map((round) => [...differencesOf(round, isMeant)]);
  const keys = perRound.map((differences) => new Set(differences.map(keyOf)));
  const lasting = (perRound.at(-1) ?? []).filter((difference) =>
    keys.every((found) => found.has(keyOf(difference))),
  );
  return {
    counts: countsOf(rounds.at(-1), isMeant),
    differences: lasting.map((difference) => judged(difference, server)),
  };
}

const keyOf = ({ kind, family, series }: Difference) => `${kind} ${family} ${series}`;

function judged(difference: Difference, server: ServerName): Difference {
  const deviation = deviationOf(difference, server);
  return deviation === undefined ? difference : { ...difference, allowed: deviation.reason };
}

function countsOf(round: Round | undefined, isMeant: Scope['isMeant']): Counts {
  let families = 0;
  let series = 0;
  let still = 0;
  for (const [name, family] of round?.before ?? []) {
    if (!isMeant(name)) continue;
    families++;
    series += family.series.size;
    const after = round?.after.get(name);
    for (const [key, value] of family.series) if (Object.is(after?.series.get(key), value)) still++;
  }
  return { families, series, still };
}

function* differencesOf({ before, ours, after }: Round, isMeant: Scope['isMeant']) {
  for (const [name, first] of before) {
    const last = after.get(name);
    if (!isMeant(name) || last === undefined) continue;
    const mine = ours.get(name);
    if (mine === undefined) yield about('family_missing', name, { upstream: contentOf(first) });
    else yield* familyDifferences(first, mine, last);
  }
  for (const name of ours.keys()) {
    if (isMeant(name) && !before.has(name) && !after.has(name)) yield about('family_extra', name, {});
  }
}

/** The value of a family that has but one. */
function contentOf({ series }: Family): string | number | undefined {
  return series.size === 1 ? [...series.values()][0] : `${series.size} series`;
}

function* familyDifferences(first: Family, mine: Family, last: Family): Generator<Difference> {
  const { name } = first;
  if (mine.type !== first.type) yield about('type', name, { upstream: first.type, ours: mine.type });
  const [upstream, ours] = [first, mine].map(({ labelNames }) => [...labelNames].sort().join(' | '));
  // Then no series can be the same; that it is missing under its other name says nothing more.
  if (upstream !== ours) return yield about('label_names', name, { upstream, ours });
  for (const [series, value] of first.series) {
    const later = last.series.get(series);
    if (later === undefined) continue;
    const own = mine.series.get(series);
    if (own === undefined) yield { ...about('series_missing', name, { upstream: value }), series };
    else yield* valueDifference(first, series, [value, own, later]);
  }
  for (const [series, value] of mine.series) {
    if (first.series.has(series) || last.series.has(series)) continue;
    yield { ...about('series_extra', name, { ours: value }), series };
  }
}

/** What is not a counter may have gone up and down again meanwhile; a wrong unit is farther off than that. */
const SLACK = 0.1;

function* valueDifference(
  { name: family, type }: Family,
  series: string,
  [first, own, last]: readonly [number, number, number],
): Generator<Difference> {
  const low = Math.min(first, last);
  const high = Math.max(first, last);
  const slack = type === 'counter' ? 0 : 1 + SLACK * Math.max(Math.abs(low), Math.abs(high));
  if (Object.is(first, last)) {
    if (!Object.is(own, first)) yield { ...about('value', family, { upstream: first, ours: own }), series };
  } else if (own < low - slack || own > high + slack) {
    yield { ...about('range', family, { upstream: `${first} … ${last}`, ours: own }), series };
  }
}

function about(
  kind: Kind,
  family: string,
  values: { readonly upstream?: string | number | undefined; readonly ours?: string | number | undefined },
): Difference {
  const { upstream, ours } = values;
  return {
    kind,
    family,
    series: '',
    ...(upstream === undefined ? {} : { upstream: String(upstream) }),
    ...(ours === undefined ? {} : { ours: String(ours) }),
  };
}
