/**
 * Checks that the timeouts of one target fit together, whichever levels they come from.
 */
import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import type { Target } from '../../model/config.ts';
import type { Level } from './precedence.ts';

type TimeoutKey = 'connect_timeout' | 'scrape_timeout';

/** A level and where it stands. */
export interface PlacedLevel {
  readonly diagnostics: Diagnostics;
  readonly says: Pick<Level, TimeoutKey>;
}

/**
 * Warns at the more specific of the two timeouts. The message does not name the target, so that a warning about a group
 * is reported once, and not for each of its targets.
 *
 * @param ascending the later wins
 * @param file where to warn when both are built in
 */
export function checkTimeouts(target: Target, ascending: readonly PlacedLevel[], file: Diagnostics): void {
  if (!target.enabled || target.scrapeTimeoutMs > target.connectTimeoutMs) return;
  const levelOf = (key: TimeoutKey) => ascending.findLastIndex(({ says }) => says[key] !== undefined);
  const at = (key: TimeoutKey) => ascending[levelOf(key)]?.diagnostics;
  const text = (ms: number, key: TimeoutKey) =>
    `${key} is ${ms / 1000}s (${at(key)?.path.join('.') ?? 'built in'})`;
  const key = levelOf('scrape_timeout') >= levelOf('connect_timeout') ? 'scrape_timeout' : 'connect_timeout';
  // A timeout inside a DSN is not found as a key below it, so the warning points at the DSN.
  (at(key) ?? file)
    .at(key)
    .warn(
      `${text(target.scrapeTimeoutMs, 'scrape_timeout')} and ${text(target.connectTimeoutMs, 'connect_timeout')}: ` +
        'a server that does not answer takes the whole scrape; make connect_timeout shorter',
    );
}
