/** `/-/reload`: reads the configuration again, and says what is wrong with it. */
import { sendText } from '../plain-text.ts';
import type { Handler, Route } from '../route.ts';

const reload: Handler = async ({ reply }, { reload }) => {
  if (reload === undefined)
    return sendText(reply, 403, 'reloading over HTTP is off (--no-web.enable-reload); SIGHUP does it');
  const { ok, lines } = await reload();
  return sendText(reply, ok ? 200 : 500, lines.join('\n'));
};

export const RELOAD: Route = { path: '/-/reload', POST: reload, PUT: reload };
