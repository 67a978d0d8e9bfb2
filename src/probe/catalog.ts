/**
 * What one probe of one target asks: worked out at load for the sets that a target has, on demand for others.
 */
import type { Config, ScrapeDefinition, Target, TargetPattern } from '../model/config.ts';
import { type FactsWanted, unite } from '../model/facts.ts';
import type { ParamValue } from '../model/query-set.ts';
import {
  type SettingsOfSet,
  settingsOfQuery,
  settingsOfSet,
  withoutSwitchedOff,
} from '../model/query-settings.ts';
import { labelText } from '../query-set/cells/label-text.ts';
import type { CompiledQuery, CompiledQuerySet } from '../query-set/compiled.ts';
import { bindParams } from '../query-set/params.ts';
import { withSettings } from '../query-set/settings.ts';
import { dependsOnRights } from './account-rights.ts';
import { targetFinder } from './target-finder.ts';

export interface Plan {
  readonly target: Target;
  /** Credentials other than the target's own, one of `target.authModules`. */
  readonly authModule: string | undefined;
  readonly sets: readonly PlannedSet[];
  /** The facts that all its queries need together: the first query asks for them, the others reuse the answer. */
  readonly wanted: FactsWanted | undefined;
  /** Whether an account may lack a privilege of one of its queries and be answered all the same. */
  readonly dependsOnRights: boolean;
  /** To be put on all its samples; empty unless the target asks for it. */
  readonly labels: string;
  /** Equal for probes that may share one execution. */
  readonly key: string;
}

export interface PlannedSet {
  readonly name: string;
  /** `collector="collect.<set>"`, as mysqld_exporter has it. */
  readonly labels: string;
  readonly queries: readonly PlannedQuery[];
}

export interface PlannedQuery {
  readonly query: CompiledQuery;
  readonly timeoutMs: number;
  /** Whether its numbers count statements that run beside it, ours too. */
  readonly countsStatements: boolean;
  /** `query_set="...",query="..."` */
  readonly labels: string;
}

/** One target of several. */
export interface Member {
  readonly plan: Plan;
  /** To be put on all its samples. */
  readonly labels: string;
}

/** A scrape of several targets, ready to run. */
export interface ScrapePlan {
  readonly members: readonly Member[];
  /** The longest that any of its targets may take. */
  readonly timeoutMs: number;
}

/** Everything that can be probed: the configuration with its query sets compiled. */
export class Catalog {
  readonly targets: ReadonlyMap<string, Target>;
  readonly patterns: readonly TargetPattern[];
  /** The target of a name: one that is listed, or one that the name alone makes under a pattern. */
  readonly find: (name: string) => Target | undefined;
  /** By the path of the URL, without its first slash. */
  readonly scrapes: ReadonlyMap<string, ScrapePlan>;
  /** What /metrics asks besides the exporter itself. */
  readonly metricsPlan: Plan | undefined;
  readonly #sets: ReadonlyMap<string, CompiledQuerySet>;
  /** Of configured targets: as many as they have different settings for a set. */
  readonly #sharedSets = new Map<string, PlannedSet>();
  /** Of the sets that targets have; those of names under a pattern go with their target. */
  readonly #plans = new WeakMap<Target, Plan>();
  /** Of sets that requests have chosen. */
  readonly #chosen = new Recent<PlannedSets>(MAX_CHOSEN);

  constructor(config: Config, sets: ReadonlyMap<string, CompiledQuerySet>) {
    this.targets = config.targets;
    this.patterns = config.patterns;
    this.find = targetFinder(config);
    this.#sets = sets;
    const alike = new Recent<PlannedSets>(Number.POSITIVE_INFINITY);
    for (const target of config.targets.values()) {
      this.#plans.set(target, this.#make(target, undefined, target.querySets, alike));
    }
    this.scrapes = new Map([...config.scrapes].map(([path, scrape]) => [path, this.#planScrape(scrape)]));
    const metricsTarget = this.targets.get(config.metricsTarget ?? '');
    this.metricsPlan = metricsTarget && this.plan(metricsTarget);
  }

  hasQuerySet(name: string): boolean {
    return this.#sets.has(name);
  }

  get querySetNames(): readonly string[] {
    return [...this.#sets.keys()];
  }

  /**
   * The plan of a probe.
   *
   * @param querySets exactly these sets, known ones, whose order and repetition mean nothing; the target's own when empty
   */
  plan(target: Target, querySets: readonly string[] = [], authModule?: string): Plan {
    if (querySets.length > 0)
      return this.#make(target, authModule, [...new Set(querySets)].sort(), this.#chosen);
    if (authModule !== undefined) return this.#make(target, authModule, target.querySets, this.#chosen);
    const known = this.#plans.get(target);
    if (known !== undefined) return known;
    const made = this.#make(target, undefined, target.querySets, this.#chosen);
    this.#plans.set(target, made);
    return made;
  }

  #planScrape({ members, querySets }: ScrapeDefinition): ScrapePlan {
    const planned = members.flatMap(({ target: name, instance }) => {
      const target = this.targets.get(name);
      if (target === undefined) return [];
      const labels = target.exposesLabels ? target.labels : {};
      return [{ plan: this.plan(target, querySets), labels: labelText({ ...labels, instance }) }];
    });
    return {
      members: planned,
      timeoutMs: Math.max(0, ...planned.map(({ plan }) => plan.target.scrapeTimeoutMs)),
    };
  }

  #make(
    target: Target,
    authModule: string | undefined,
    names: readonly string[],
    known: Recent<PlannedSets>,
  ): Plan {
    const alike = JSON.stringify([
      names,
      target.queryTimeoutMs,
      target.params ?? null,
      target.queries ?? null,
    ]);
    const { sets, setNames, ...facts } = known.get(alike, () => this.#planSets(target, names));
    return {
      target,
      authModule,
      labels: target.exposesLabels ? labelText(target.labels) : '',
      key: JSON.stringify([target.name, authModule ?? null, setNames]),
      ...facts,
      sets,
    };
  }

  #planSets(target: Target, names: readonly string[]): PlannedSets {
    const sets = [...new Set(names)].flatMap((name) => this.#sets.get(name) ?? []);
    const planned = sets.flatMap((set) => this.#planSet(set, settingsFor(set.name, target)) ?? []);
    const asked = planned.flatMap(({ queries }) => queries.map(({ query }) => query));
    return {
      sets: planned,
      setNames: sets
        .map(({ name }) => name)
        .sort()
        .join(' '),
      wanted: unite(asked.map(({ conditions }) => conditions?.wanted)),
      dependsOnRights: asked.some(dependsOnRights),
    };
  }

  /** Undefined when the target has all its queries switched off: then it is no collector of the target. */
  #planSet(set: CompiledQuerySet, settings: SetSettings): PlannedSet | undefined {
    const key = JSON.stringify([set.name, settings]);
    const known = this.#sharedSets.get(key);
    if (known !== undefined) return known;
    const asked = withoutSwitchedOff(set.queries, settings.queries);
    if (asked.length === 0 && set.queries.length > 0) return undefined;
    const planned = planSet({ name: set.name, queries: asked }, settings);
    this.#sharedSets.set(key, planned);
    return planned;
  }
}

/** What targets with the same sets and settings have in common: of a thousand most are alike. */
interface PlannedSets {
  readonly sets: readonly PlannedSet[];
  readonly setNames: string;
  readonly wanted: FactsWanted | undefined;
  readonly dependsOnRights: boolean;
}

/** What the plan of a set depends on besides the set. */
interface SetSettings {
  readonly queryTimeoutMs: number;
  readonly params: Readonly<Record<string, ParamValue>> | undefined;
  readonly queries: SettingsOfSet | undefined;
}

const settingsFor = (set: string, { params, queries, queryTimeoutMs }: Target): SetSettings => ({
  queryTimeoutMs,
  params: params?.[set],
  queries: settingsOfSet(queries, set),
});

function planSet(
  { name, queries }: CompiledQuerySet,
  { params, queries: settings, queryTimeoutMs }: SetSettings,
): PlannedSet {
  return {
    name,
    labels: labelText({ collector: `collect.${name}` }),
    queries: queries.flatMap((query) => {
      const bound = bindParams(withSettings(query, settingsOfQuery(settings, query.name)), params);
      if (bound === undefined) return [];
      return {
        query: bound,
        timeoutMs: bound.timeoutMs ?? queryTimeoutMs,
        countsStatements: /^\s*SHOW\s+GLOBAL\s+STATUS\b/i.test(bound.sql),
        labels: labelText({ query_set: name, query: query.name }),
      };
    }),
  };
}

/** URLs choose sets too, and there are more choices than memory. */
const MAX_CHOSEN = 300;

/** The values that were asked for last. */
class Recent<Value> {
  readonly #max: number;
  readonly #values = new Map<string, Value>();

  constructor(max: number) {
    this.#max = max;
  }

  get(key: string, make: () => Value): Value {
    const value = this.#values.get(key) ?? make();
    this.#values.delete(key);
    this.#values.set(key, value);
    const [oldest] = this.#values.keys();
    if (this.#values.size > this.#max && oldest !== undefined) this.#values.delete(oldest);
    return value;
  }
}
