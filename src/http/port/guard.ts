/**
 * What stands before every request when there is a web file, in the order of Prometheus' exporter toolkit: rate limit,
 * headers, login, then the application.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WebSettings } from '../../model/web.ts';
import type { TurnedAway } from '../../telemetry/own-metrics.ts';
import type { LiveWeb } from './live-web.ts';
import type { Logins, LoginVerdict } from './logins.ts';
import { TokenBucket } from './token-bucket.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface GuardOptions {
  readonly live: Pick<LiveWeb, 'current' | 'refresh'>;
  readonly logins: Logins;
  /** Whether a path needs no login; it comes as in the URL, without what is behind a question mark. */
  readonly isOpen: (path: string) => boolean;
  readonly refused: (why: TurnedAway) => void;
}

/** The handler behind its guard. */
export function guard({ isOpen, live, logins, refused }: GuardOptions, handler: Handler): Handler {
  const { rateLimit } = live.current;
  const bucket = rateLimit && new TokenBucket(rateLimit);
  const turnAway = (request: IncomingMessage, response: ServerResponse, why: TurnedAway) => {
    refused(why);
    answer(request, response, why);
  };
  const decide = (request: IncomingMessage, response: ServerResponse, verdict: LoginVerdict) => {
    if (isGone(response)) return;
    if (verdict === 'right') handler(request, response);
    else turnAway(request, response, verdict === 'busy' ? 'login_queue' : 'login');
  };
  const admit = (request: IncomingMessage, response: ServerResponse, settings: WebSettings) => {
    if (isGone(response)) return;
    for (const [name, value] of settings.headers) response.setHeader(name, value);
    const { users } = settings;
    if (users.size === 0 || isOpen(pathOf(request))) {
      handler(request, response);
      return;
    }
    const from = request.socket.remoteAddress ?? '';
    const verdict = logins.check({ authorization: request.headers.authorization, from, users });
    if (typeof verdict === 'string') decide(request, response, verdict);
    else void verdict.then((late) => decide(request, response, late));
  };
  return (request, response) => {
    if (bucket?.take() === false) {
      turnAway(request, response, 'rate');
      return;
    }
    const refreshed = live.refresh();
    if (refreshed === undefined) admit(request, response, live.current);
    else void refreshed.then(() => admit(request, response, live.current));
  };
}

/** Whether the client has hung up meanwhile. Over HTTP/2 it is the stream that is gone. */
function isGone(response: ServerResponse & { readonly stream?: { readonly destroyed: boolean } }): boolean {
  return response.destroyed || response.stream?.destroyed === true;
}

const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1)[0] ?? '';

const ANSWERS = {
  rate: { status: 429, headers: {}, text: 'Too Many Requests\n' },
  login: { status: 401, headers: { 'WWW-Authenticate': 'Basic' }, text: 'Unauthorized\n' },
  login_queue: {
    status: 503,
    headers: { 'Retry-After': '1' },
    text: 'too many logins wait; try again later\n',
  },
} as const satisfies Readonly<Record<TurnedAway, unknown>>;

/** Without the framework, which knows nothing of this request yet. */
function answer({ method }: IncomingMessage, response: ServerResponse, why: TurnedAway): void {
  const { headers, status, text } = ANSWERS[why];
  response.writeHead(status, {
    ...headers,
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': text.length,
  });
  if (method === 'HEAD') response.end();
  else response.end(text);
}
