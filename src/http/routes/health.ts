/** `/-/healthy` and `/-/ready`, which need neither a target nor the configuration. */
import { sendText } from '../plain-text.ts';
import type { Route } from '../route.ts';

export const HEALTHY: Route = {
  path: '/-/healthy',
  GET: ({ reply }) => sendText(reply, 200, 'healthy'),
  HEAD: () => 200,
};

export const READY: Route = {
  path: '/-/ready',
  GET: ({ reply }, { isReady }) =>
    isReady() ? sendText(reply, 200, 'ready') : sendText(reply, 503, 'stopping'),
  HEAD: (_exchange, { isReady }) => (isReady() ? 200 : 503),
};
