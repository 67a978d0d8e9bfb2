/**
 * Timeouts of one target that do not fit together, whichever levels they come from.
 */
import type { Target } from '../../model/config.ts';
import type { Report } from '../check/zod-issues.ts';
import type { Path } from '../yaml/source.ts';
import type { Level } from './precedence.ts';

type TimeoutKey = 'connect_timeout' | 'scrape_timeout';

/** A level and where it stands. */
export interface PlacedLevel {
  readonly path: Path;
  readonly says: Pick<Level, TimeoutKey>;
}

/**
 * Warns where the more specific of the two is said. Nothing of it names the target, so that what a group says is
 * reported once, and not for each of its targets.
 *
 * @param ascending the later wins
 */
export function checkTimeouts(target: Target, ascending: readonly PlacedLevel[], warn: Report): void {
  if (!target.enabled || target.scrapeTimeoutMs > target.connectTimeoutMs) return;
  const levelOf = (key: TimeoutKey) => ascending.findLastIndex(({ says }) => says[key] !== undefined);
  const text = (ms: number, key: TimeoutKey) =>
    `${key} is ${ms / 1000}s (${ascending[levelOf(key)]?.path.join('.') ?? 'built in'})`;
  const key = levelOf('scrape_timeout') >= levelOf('connect_timeout') ? 'scrape_timeout' : 'connect_timeout';
  const at = ascending[levelOf(key)]?.path ?? [];
  warn(
    // Behind the path of a DSN, which has the timeout inside, no key is found: it stands for itself.
    [...at, key],
    `${text(target.scrapeTimeoutMs, 'scrape_timeout')} and ${text(target.connectTimeoutMs, 'connect_timeout')}: ` +
      'a server that does not answer takes the whole scrape; make connect_timeout shorter',
  );
}
