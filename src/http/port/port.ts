/**
 * The port as a web file wants it: what stands before its connections and its requests.
 */
import type { WebTls } from '../../model/web.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { TurnedAway } from '../../telemetry/own-metrics.ts';
import { BcryptThread } from './bcrypt-thread.ts';
import { guard, type Handler } from './guard.ts';
import { Handshakes } from './handshakes.ts';
import type { LiveWeb } from './live-web.ts';
import { Logins } from './logins.ts';

export interface PortOptions {
  readonly live: LiveWeb;
  readonly isOpen: (path: string) => boolean;
  readonly refused: (why: TurnedAway) => void;
  readonly log: Logger;
}

export interface Port {
  /** Undefined for plain HTTP. */
  readonly securing: Handshakes | undefined;
  readonly guarded: (handler: Handler) => Handler;
  readonly close: () => void;
}

/** For a handshake; a client far away takes one second. */
const HANDSHAKE_MS = 10_000;
/** A handshake takes milliseconds of its connection: whoever has this many open has no wish to finish them. */
const MOST_HANDSHAKES = 256;

/** Opens nothing yet. */
export function openPort({ isOpen, live, log, refused }: PortOptions): Port {
  const thread = new BcryptThread((error) => log.error('no logins can be checked', { err: error.message }));
  const logins = new Logins({ compare: (password, hash) => thread.compare(password, hash) });
  const { http2, tls: first } = live.current;
  return {
    securing: first && handshakesOf(live, { first, http2, log }),
    guarded: (handler) => guard({ live, logins, isOpen, refused }, handler),
    close: () => thread.close(),
  };
}

function handshakesOf(
  live: LiveWeb,
  { first, http2, log }: { readonly first: WebTls; readonly http2: boolean; readonly log: Logger },
): Handshakes {
  return new Handshakes({
    current: () => live.current.tls ?? first,
    refresh: () => live.refresh(),
    ...{ http2, log, timeoutMs: HANDSHAKE_MS, most: MOST_HANDSHAKES },
  });
}
