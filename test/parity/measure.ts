/**
 * Asks both exporters about one server, several times, and compares collector by collector.
 */
import { errorsOf } from '../support/parse-exposition.ts';
import { COLLECTORS } from './collectors.ts';
import { type Comparison, compareRounds, type Round } from './compare.ts';
import type { Difference } from './difference.ts';
import { type Families, readFamilies } from './exposition.ts';
import type { NamedServer, ServerName } from './servers.ts';
import { askOurs, askUpstream, type World } from './world.ts';

export interface CollectorResult extends Comparison {
  readonly server: ServerName;
  readonly collector: string;
  /** Whether we have a query set of that name. */
  readonly hasSet: boolean;
  /** `mysql_exporter_collector_success`; undefined when mysqld_exporter left the collector out. */
  readonly upstreamSuccess: boolean | undefined;
  /** Our queries that failed, with the reason. */
  readonly errors: readonly string[];
}

export interface Measured {
  readonly results: readonly CollectorResult[];
  /** The last answers as they came. */
  readonly upstreamText: string;
  readonly oursText: string;
  /** What mysqld_exporter says with one collector at a time. */
  readonly upstreamTexts: ReadonlyMap<string, string>;
}

/** The families that come with every collector, compared as if they were one. */
const SELF = 'self';
/** Families that were in no answer about one collector alone; there should be none. */
const NOBODY = 'of no collector';

const SELF_FAMILIES = /^mysql_(up$|exporter_)/;
/** Of ours alone: what became of our queries. */
const OUR_OWN = /^query_exporter_/;

export async function measure(
  world: World,
  server: NamedServer,
  collectors: readonly string[],
  rounds: number,
): Promise<Measured> {
  const sets = collectors.filter((name) => world.sets.has(name));
  const upstreamTexts = new Map<string, string>();
  const owners = new Map<string, string>();
  for (const collector of collectors) {
    const text = await askUpstream(world, server, [collector]);
    upstreamTexts.set(collector, text);
    own(owners, collector, readFamilies(text));
    if (world.sets.has(collector)) {
      own(owners, collector, readFamilies(await askOurs(world, server, [collector])));
    }
  }
  const { seen, oursText, upstreamText } = await askBoth(world, server, { collectors, rounds });
  const errors = errorsOf(oursText);
  const results = [...(sets.length === 0 ? [] : [SELF]), ...collectors, NOBODY].map((collector) => {
    const isMeant = (family: string) => ownerOf(owners, family) === collector;
    const compared = compareRounds(seen, { server: server.name, isMeant });
    return {
      server: server.name,
      collector,
      hasSet: collector === SELF || collector === NOBODY || world.sets.has(collector),
      upstreamSuccess: successOf(seen.at(-1)?.after, collector),
      errors: errors.filter((error) => error.startsWith(`${collector}/`)),
      ...compared,
      differences: compared.differences.filter((difference) => !isOfMissingSet(difference, world.sets)),
    };
  });
  return {
    results: results.filter(({ collector, counts }) => collector !== NOBODY || counts.families > 0),
    upstreamText,
    oursText,
    upstreamTexts,
  };
}

/** The rounds, and the last answers as they came. */
async function askBoth(
  world: World,
  server: NamedServer,
  { collectors, rounds }: { readonly collectors: readonly string[]; readonly rounds: number },
): Promise<{ readonly seen: readonly Round[]; readonly oursText: string; readonly upstreamText: string }> {
  const sets = collectors.filter((name) => world.sets.has(name));
  let upstreamText = await askUpstream(world, server, collectors);
  let oursText = '';
  const seen: Round[] = [];
  for (let i = 0; i < rounds; i++) {
    const before = readFamilies(upstreamText);
    oursText = sets.length === 0 ? '' : await askOurs(world, server, sets);
    upstreamText = await askUpstream(world, server, collectors);
    seen.push({ before, ours: readFamilies(oursText), after: readFamilies(upstreamText) });
  }
  return { seen, oursText, upstreamText };
}

/**
 * As {@link measure}, without telling the collectors apart, for which each is asked alone: one result for all of
 * them in a fifth of the time.
 */
export async function measureTogether(
  world: World,
  server: NamedServer,
  rounds: number,
): Promise<
  Pick<Measured, 'oursText' | 'upstreamText'> & Pick<CollectorResult, 'counts' | 'differences' | 'errors'>
> {
  const { seen, ...texts } = await askBoth(world, server, { collectors: COLLECTORS, rounds });
  const isMeant = (family: string) => !OUR_OWN.test(family);
  const compared = compareRounds(seen, { server: server.name, isMeant });
  return { ...texts, ...compared, errors: errorsOf(texts.oursText) };
}

/** That a set is missing is said once, not for its success and its duration too. */
function isOfMissingSet({ kind, family, series }: Difference, sets: ReadonlySet<string>): boolean {
  if (!SELF_FAMILIES.test(family)) return false;
  const collector = /collector="collect\.([^"]+)"/.exec(series)?.[1];
  return kind === 'series_missing' && collector !== undefined && !sets.has(collector);
}

function own(owners: Map<string, string>, collector: string, families: Families): void {
  for (const family of families.keys()) {
    if (!owners.has(family)) owners.set(family, collector);
  }
}

function ownerOf(owners: ReadonlyMap<string, string>, family: string): string | undefined {
  if (OUR_OWN.test(family)) return undefined;
  return SELF_FAMILIES.test(family) ? SELF : (owners.get(family) ?? NOBODY);
}

function successOf(families: Families | undefined, collector: string): boolean | undefined {
  const success = families
    ?.get('mysql_exporter_collector_success')
    ?.series.get(`mysql_exporter_collector_success{collector="collect.${collector}"}`);
  return success === undefined ? undefined : success === 1;
}
