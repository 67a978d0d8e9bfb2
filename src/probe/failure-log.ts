/**
 * Log lines about what keeps failing: when it begins, when its reason is another one, every ten minutes, and when it is
 * well again. A line at each probe of each such target would be most of a log, and tell nothing new.
 */
import type { Reason } from '../model/reason.ts';
import type { LogFields, Logger } from '../telemetry/logger.ts';

/** What can fail, and what is said of it. */
const TEXTS = {
  target: { begins: 'target is down', goesOn: 'target is still down', ends: 'target is up again' },
  query: { begins: 'query failed', goesOn: 'query still fails', ends: 'query is well again' },
  metric: { begins: 'metric failed', goesOn: 'metric still fails', ends: 'metric is well again' },
  duplicates: {
    begins: 'duplicate series dropped',
    goesOn: 'duplicate series are still dropped',
    ends: 'no duplicate series any more',
  },
  answer: {
    begins: 'samples left out, the answer is too large',
    goesOn: 'samples are still left out, the answer is too large',
    ends: 'the answer has room for all samples again',
  },
} as const;

export interface Trouble {
  readonly what: keyof typeof TEXTS;
  /** Undefined where there is but one. */
  readonly reason?: Reason;
  /** Say what fails, and tell it from other troubles of its scope. */
  readonly of: LogFields;
  /** Of this failure, such as the words of the server. */
  readonly about: LogFields;
}

interface Episode {
  readonly what: keyof typeof TEXTS;
  readonly of: LogFields;
  readonly beganAt: number;
  reason: Reason | undefined;
  failures: number;
  loggedAt: number;
}

const REMIND_MS = 600_000;

export class FailureLog {
  readonly #log: Logger;
  readonly #now: () => number;
  /** By target, then by scope and what fails in it. What is well has no entry. */
  readonly #targets = new Map<string, Map<string, Map<string, Episode>>>();

  /** @param now milliseconds that only grow */
  constructor(log: Logger, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#now = now;
  }

  /**
   * Tells what fails in a part of what is asked of a target; what failed in it before and is not named any more is well.
   *
   * @param scope unique for the target, such as the name of a query
   */
  report(target: string, scope: string, troubles: readonly Trouble[]): void {
    const scopes = this.#targets.get(target) ?? new Map<string, Map<string, Episode>>();
    if (troubles.length === 0 && scopes.size === 0) return;
    const before = scopes.get(scope) ?? new Map<string, Episode>();
    const now = new Map<string, Episode>();
    for (const trouble of troubles) {
      const key = `${trouble.what} ${JSON.stringify(trouble.of)}`;
      now.set(key, this.#failed(target, trouble, before.get(key)));
    }
    for (const [key, episode] of before) if (!now.has(key)) this.#ended(target, episode);
    keep(scopes, scope, now);
    keep(this.#targets, target, scopes);
  }

  /** Whether nothing is known to fail of a target. */
  isWell(target: string): boolean {
    return !this.#targets.has(target);
  }

  /** Forgets targets that are gone. */
  forget(isGone: (target: string) => boolean): void {
    for (const target of this.#targets.keys()) if (isGone(target)) this.#targets.delete(target);
  }

  #failed(target: string, { about, of, reason, what }: Trouble, before: Episode | undefined): Episode {
    const now = this.#now();
    const episode = before ?? { what, of, beganAt: now, reason, failures: 0, loggedAt: now };
    episode.failures++;
    const isChanged = reason !== episode.reason;
    if (before !== undefined && !isChanged && now - episode.loggedAt < REMIND_MS) return episode;
    episode.reason = reason;
    episode.loggedAt = now;
    const text = TEXTS[what][before === undefined || isChanged ? 'begins' : 'goesOn'];
    const past = before === undefined ? {} : { failures: episode.failures, since: sinceOf(episode, now) };
    this.#log.warn(text, { target, ...of, reason, ...about, ...past });
    return episode;
  }

  #ended(target: string, episode: Episode): void {
    const { failures, of, what } = episode;
    this.#log.info(TEXTS[what].ends, { target, ...of, failures, since: sinceOf(episode, this.#now()) });
  }
}

/** Empty maps are not kept. */
function keep<Inner extends ReadonlyMap<string, unknown>>(
  map: Map<string, Inner>,
  key: string,
  inner: Inner,
): void {
  if (inner.size === 0) map.delete(key);
  else map.set(key, inner);
}

/** How long ago it began. */
const sinceOf = ({ beganAt }: Episode, now: number): string => `${Math.round((now - beganAt) / 1000)}s`;
