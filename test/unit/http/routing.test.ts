/** Routes on Fastify: by method, below a prefix, and each request from one generation. Nothing listens here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { Fleet } from '../../../src/fleet/fleet.ts';
import type { Route, Services } from '../../../src/http/route.ts';
import { ROUTES } from '../../../src/http/routes.ts';
import { addRoutes } from '../../../src/http/routing.ts';
import { ScrapeAnswers } from '../../../src/http/scrape-answer.ts';
import type { Target } from '../../../src/model/config.ts';
import type { Pools } from '../../../src/mysql/pool/pools.ts';
import { compileGeneration } from '../../../src/probe/generation.ts';
import type { Prober } from '../../../src/probe/prober.ts';
import { createOwnMetrics } from '../../../src/telemetry/own-metrics.ts';
import { OwnRegistry } from '../../../src/telemetry/own-registry.ts';
import { load } from '../../support/config-folder.ts';

const { result } = await load({
  'targets.yml': `
query_files: [queries.yml]
defaults: {user: exporter, password: "", query_sets: [one]}
groups: {prod: {}}
targets: {main: {address: "127.0.0.1:1"}}
scrapes: {live: {}}
`,
  'queries.yml':
    'query_sets: {one: {metrics: {one: {query: SELECT 1 AS v, type: gauge, description: One, value: v}}}}',
});
assert.ok(result.ok);
const generation = compileGeneration(result.config);
const registry = new OwnRegistry();
const metrics = createOwnMetrics(registry, []);

/** Without a prober: what asks a server fails. */
const services: Services = {
  version: '1.2.3',
  prober: { targetsInUse: [] as readonly Target[] } as Prober,
  pools: { byTarget: new Map() as Pools['byTarget'] } as Pools,
  history: undefined,
  fleet: new Fleet(),
  registry,
  answers: new ScrapeAnswers({ metrics, timeoutOffsetMs: 0, maxRequests: 1 }),
  reload: async () => ({ ok: false, lines: ['one', 'two'] }),
  isReady: () => true,
};

let asked = 0;
const current = () => {
  asked++;
  return generation;
};

const app = Fastify({ exposeHeadRoutes: false });
addRoutes(app, ROUTES, services, current);
const prefixed = Fastify({ exposeHeadRoutes: false });
prefixed.register(
  (scope, _options, done) => {
    addRoutes(scope, ROUTES, services, current);
    done();
  },
  { prefix: '/db/mysql' },
);

const READS = 'GET, HEAD';
const CHANGES = 'POST, PUT';
const answers = [
  { method: 'GET', url: '/-/healthy', status: 200, body: 'healthy\n' },
  { method: 'HEAD', url: '/-/healthy', status: 200, body: '' },
  { method: 'HEAD', url: '/', status: 200, body: '' },
  { method: 'HEAD', url: '/metrics', status: 200, body: '' },
  { method: 'HEAD', url: '/-/ready', status: 200, body: '' },
  { method: 'HEAD', url: '/sd', status: 200, body: '' },
  { method: 'HEAD', url: '/sd?recipe=direct&group=prod', status: 200, body: '' },
  { method: 'POST', url: '/sd', status: 405, allow: READS },
  { method: 'HEAD', url: '/probe?target=main', status: 200, body: '' },
  { method: 'HEAD', url: '/probe?target=mian', status: 404, body: '' },
  { method: 'HEAD', url: '/probe', status: 400, body: '' },
  { method: 'HEAD', url: '/scrape/live', status: 200, body: '' },
  { method: 'HEAD', url: '/scrape/lvie', status: 404, body: '' },
  { method: 'GET', url: '/scrape/lvie', status: 404, body: 'nothing here; did you mean /scrape/live?\n' },
  { method: 'POST', url: '/scrape/lvie', status: 404, body: 'nothing here; see / for what there is\n' },
  { method: 'POST', url: '/*', status: 404, body: 'nothing here; see / for what there is\n' },
  { method: 'POST', url: '/', status: 405, allow: READS },
  { method: 'PUT', url: '/probe?target=main', status: 405, allow: READS },
  { method: 'DELETE', url: '/scrape/live', status: 405, allow: READS },
  { method: 'DELETE', url: '/scrape%2Flive', status: 405, allow: READS },
  { method: 'POST', url: '/-/reload', status: 500, body: 'one\ntwo\n' },
  { method: 'PUT', url: '/-/reload?x=1', status: 500, body: 'one\ntwo\n' },
  { method: 'GET', url: '/-/reload', status: 405, allow: CHANGES },
  { method: 'HEAD', url: '/-/reload', status: 405, allow: CHANGES },
  { method: 'DELETE', url: '/-/reload', status: 405, allow: CHANGES },
] as const;

for (const { method, url, status, ...expected } of answers)
  for (const [on, prefix] of [
    [app, ''],
    [prefixed, '/db/mysql'],
  ] as const)
    test(`${method} ${prefix}${url} is ${status}`, async () => {
      const before = asked;
      const answer = await on.inject({ method, url: `${prefix}${url}` });
      assert.equal(answer.statusCode, status);
      if ('body' in expected) assert.equal(answer.body, expected.body);
      else {
        assert.equal(answer.headers.allow, expected.allow);
        const [path] = url.split('?');
        const sentence = `${prefix}${path} takes ${expected.allow.replace(', ', ' and ')} only\n`;
        assert.equal(answer.body, sentence);
      }
      assert.equal(asked, before + 1, 'the generation is asked for once');
    });

const JSON_TYPE = 'application/json; charset=utf-8';
/** The first entry of a list. */
const firstOf = (body: string) =>
  (JSON.parse(body) as { targets: string[]; labels: Record<string, string> }[])[0];

test('/sd is a list in the type that Prometheus wants', async () => {
  const answer = await app.inject('/sd');
  assert.equal(answer.headers['content-type'], JSON_TYPE);
  assert.deepEqual(firstOf(answer.body)?.targets, ['main']);
});

test('/sd?recipe=direct sends Prometheus to where the client is', async () => {
  const { body } = await app.inject({ url: '/sd?recipe=direct', headers: { host: 'exporter.example:9104' } });
  const first = firstOf(body);
  assert.deepEqual(first?.targets, ['exporter.example:9104']);
  assert.equal(first?.labels['__metrics_path__'], '/probe');
  assert.equal(first?.labels['__scheme__'], undefined);
});

test('/sd?recipe=direct sends Prometheus to the external URL when there is one', async () => {
  const outside = Fastify({ exposeHeadRoutes: false });
  addRoutes(outside, ROUTES, { ...services, externalUrl: new URL('https://db.example/mysql/') }, current);
  const { body } = await outside.inject({ url: '/sd?recipe=direct', headers: { host: 'evil<' } });
  const first = firstOf(body);
  assert.deepEqual(first?.targets, ['db.example:443']);
  assert.equal(first?.labels['__metrics_path__'], '/mysql/probe');
  assert.equal(first?.labels['__scheme__'], 'https');
});

for (const [url, host, body] of [
  ['/sd?gruop=prod', 'a', 'unknown parameter "gruop"; did you mean "group"?\n'],
  ['/sd?group=prdo', 'a', 'unknown group "prdo"; did you mean "prod"?\n'],
  ['/sd?group=', 'a', 'unknown group ""\n'],
  ['/sd?recipe=drect', 'a', 'unknown recipe "drect"; did you mean "direct"?\n'],
  ['/sd?recipe=', 'a', 'unknown recipe ""; there is only "direct", or none\n'],
  ['/sd?recipe=direct&recipe=direct', 'a', 'the parameter recipe is given more than once\n'],
  [
    '/sd?recipe=direct',
    'a/../b',
    'the Host header of this request is no host name with a port: start with --web.external-url\n',
  ],
] as const)
  test(`GET and HEAD ${url} from ${host} is 400`, async () => {
    const answer = await app.inject({ url, headers: { host } });
    assert.deepEqual([answer.statusCode, answer.body], [400, body]);
    const head = await app.inject({ method: 'HEAD', url, headers: { host } });
    assert.deepEqual([head.statusCode, head.body], [400, '']);
  });

test('/sd of a group without targets is an empty list', async () => {
  const { body, statusCode } = await app.inject('/sd?group=prod');
  assert.deepEqual([statusCode, body], [200, '[]\n']);
});

test('/-/ready is 503 once the program stops', async () => {
  const stopping = Fastify({ exposeHeadRoutes: false });
  addRoutes(stopping, ROUTES, { ...services, isReady: () => false }, current);
  const { body, statusCode } = await stopping.inject('/-/ready');
  assert.deepEqual([statusCode, body], [503, 'stopping\n']);
  assert.equal((await stopping.inject({ method: 'HEAD', url: '/-/ready' })).statusCode, 503);
  assert.equal((await stopping.inject('/-/healthy')).statusCode, 200);
});

test('GET runs the work of the route', async () => {
  assert.match((await app.inject('/')).body, /1\.2\.3<\/span>.*<a href="target\/main">/s);
  assert.match((await app.inject('/metrics')).body, /^query_exporter_probes_total 0$/m);
});

test('what the compiler refuses', () => {
  const GET = () => assert.fail('never asked');
  // @ts-expect-error: the path is not reserved in model/paths.ts
  const unreserved: Route = { path: '/unreserved', GET, HEAD: () => 200 };
  // @ts-expect-error: a route with GET says what HEAD answers
  const headless: Route = { path: '/sd', GET };
  // @ts-expect-error: HEAD is answered at once
  const slow: Route = { path: '/sd', GET, HEAD: async () => 200 };
  assert.deepEqual(Object.keys({ ...unreserved, ...headless, ...slow }).sort(), ['GET', 'HEAD', 'path']);
});
