/** Every family that a probe carries, with every reason that it can have, under the fault that causes it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROBE_FAMILIES } from '../../../src/model/families.ts';
import { REASONS, type Reason, SKIP_REASONS } from '../../../src/model/reason.ts';
import { eventually } from '../../support/eventually.ts';
import type { Answer, Exporter } from '../../support/exporter.ts';
import { metricValue, parseExposition } from '../../support/parse-exposition.ts';
import { type RealServer, realServers } from '../../support/real-servers.ts';
import {
  type Fault,
  holdConnection,
  LOGIN,
  makeFaults,
  NARROW,
  SCRAPE_SECONDS,
  WRONG_PASSWORD,
} from './faults.ts';
import { MISTAKES, QUERY_FILE, SERVER_TEXT } from './queries.ts';
import { resolvingExporter } from './resolving-exporter.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** What is left of the announced time: see --timeout-offset. */
const ALLOWED_SECONDS = SCRAPE_SECONDS - 0.25;

const servers = await realServers();
const faults = await makeFaults(servers);
const down = REASONS.flatMap((reason) => {
  const causes = faults.byReason[reason];
  return causes === 'only after an answer' ? [] : causes.map((fault) => ({ reason, fault }));
});

const address = ({ host, port }: RealServer) => `${host}:${port}`;
const TARGETS = JSON.stringify({
  query_files: ['queries.yml'],
  defaults: { ...LOGIN, query_sets: ['pair'], tls: { mode: 'disabled' }, allow_public_key_retrieval: true },
  groups: { well: {} },
  targets: {
    ...Object.fromEntries(
      servers.flatMap((server) => [
        [server.name, { address: address(server), groups: ['well'] }],
        [`crowded ${server.name}`, { address: address(server), max_connections: 2 }],
        [`narrow ${server.name}`, { address: address(server), max_connections: 1, ...NARROW }],
      ]),
    ),
    ...Object.fromEntries(down.map(({ fault: { name, target } }) => [name, target])),
  },
  scrapes: { well: { groups: ['well'] }, ill: { targets: ['MySQL', 'a port where nobody listens'] } },
});
const FILES = { 'targets.yml': TARGETS, 'queries.yml': QUERY_FILE };

const startExporter = () => resolvingExporter(FILES, faults.nameServer);
const exporter = await startExporter();
const answers: string[] = [];
const verdicts: Verdict[] = [];

after(async () => {
  await exporter[Symbol.asyncDispose]();
  await faults.close();
});

function judged({ status, text }: Answer, allowedSeconds = ALLOWED_SECONDS, instance?: string): Verdict {
  assert.equal(status, 200);
  const verdict = verdictOf(text, allowedSeconds, instance);
  answers.push(text);
  verdicts.push(verdict);
  return verdict;
}

const probe = (target: string, set: string) => exporter.probe(target, SCRAPE_SECONDS, `&query_set=${set}`);

for (const server of servers) {
  before(async () => {
    await server.createUser(LOGIN.user, LOGIN.password, 'SELECT ON shop.*');
    await server.createUser(NARROW.user, NARROW.password);
    await server.root(`ALTER USER '${NARROW.user}'@'%' WITH MAX_USER_CONNECTIONS 1`);
  });
  after(async () => {
    for (const { user } of [LOGIN, NARROW]) await server.dropUser(user);
  });

  test(`${server.name}: all is well`, async () => {
    const answer = await exporter.probe(server.name, SCRAPE_SECONDS);
    assert.deepEqual(judged(answer), {
      up: 1,
      queries: { 'pair/one': 'ok, rows: 1', 'pair/other': 'ok, rows: 1' },
      samples: { families_one: 1, families_other: 2 },
    });
    const connecting = seriesIn(answer, PROBE_FAMILIES.collectorDuration.name, { collector: 'connection' });
    assert.ok(connecting > 0, `${connecting} s for the first connection`);
  });

  test(`${server.name}: a mistake in one query is its own reason and concerns no other`, async () => {
    const answer = await probe(server.name, 'mistaken');
    assert.deepEqual(judged(answer), {
      up: 1,
      queries: {
        'mistaken/well': 'ok, rows: 1',
        ...Object.fromEntries(
          Object.entries(MISTAKES).map(([reason, { rows }]) => [
            `mistaken/${reason}`,
            `${reason}, rows: ${rows}`,
          ]),
        ),
      },
      samples: { families_well: 3 },
    });
    const seconds = seriesIn(answer, PROBE_FAMILIES.queryDuration.name, { query: 'timeout' });
    assert.ok(seconds >= 1.8, `${seconds} s with a timeout of 2 s`);
  });

  test(`${server.name}: a mistake in one metric is its own reason and leaves the others`, async () => {
    const answer = await probe(server.name, 'partial');
    assert.deepEqual(judged(answer), {
      up: 1,
      queries: { 'partial/half': 'missing_column, rows: 1, without families_lost: missing_column' },
      samples: { families_whole: 5 },
    });
  });

  test(`${server.name}: an answer that a privilege would make whole is a success, and says so`, async () => {
    assert.deepEqual(judged(await probe(server.name, 'unseen')), {
      up: 1,
      queries: { 'unseen/unseen': 'ok, rows: 1, lacks PROCESS' },
      samples: { families_unseen: 6 },
    });
  });

  test(`${server.name}: what a server lacks is no failure`, async () => {
    const set = server.flavour === 'mysql' ? 'only_mariadb' : 'only_mysql';
    assert.deepEqual(judged(await probe(server.name, set)), {
      up: 1,
      queries: Object.fromEntries(SKIP_REASONS.map((reason) => [`${set}/${reason}`, `skipped: ${reason}`])),
      samples: {},
    });
  });

  test(`${server.name}: who gets no connection in time is in the queue`, async () => {
    const target = `crowded ${server.name}`;
    await using _held = await holdConnection(exporter, target, server);
    assert.deepEqual(judged(await exporter.probe(target, 3, '&query_set=crowded'), 2.75), {
      up: 1,
      queries: {
        'crowded/first': 'ok, rows: 1',
        'crowded/hog': 'timeout, rows: 0',
        'crowded/last': 'queue, rows: 0',
      },
      samples: { families_first: 1 },
    });
  });

  test(`${server.name}: a statement that somebody kills is canceled, without its connection lost`, async () => {
    const answer = probe(server.name, 'ended');
    await eventually(async () => {
      assert.equal((await server.statementsRunning(LOGIN.user)).length, 2);
    });
    // What dies as soon as it is asked is asked again: the exporter must have looked at its sockets since.
    for (let i = 0; i < 3; i++) await exporter.get('/-/healthy');
    await sleep(50);
    for (const { id, sql } of await server.statementsRunning(LOGIN.user)) {
      await server.root(`KILL ${sql?.includes('canceled') ? 'QUERY' : 'CONNECTION'} ${id}`);
    }
    assert.deepEqual(judged(await answer), {
      up: 1,
      queries: { 'ended/canceled': 'canceled, rows: 0', 'ended/lost': 'lost, rows: 0' },
      samples: {},
    });
  });

  test(`${server.name}: a kept result tells its age`, async () => {
    const since = performance.now();
    for (let i = 0; i < 2; i++) {
      const answer = await probe(server.name, 'kept');
      assert.deepEqual(judged(answer), {
        up: 1,
        queries: { 'kept/kept': 'ok, rows: 1' },
        samples: { families_kept: 4 },
      });
      const age = seriesIn(answer, PROBE_FAMILIES.queryAge.name, { query: 'kept' });
      const [least, most] = [i === 0 ? 0 : 0.1, (performance.now() - since) / 1000];
      assert.ok(age >= least && age <= most, `${age} s, not ${least} to ${most}`);
      await sleep(100);
    }
  });
}

for (const { reason, fault } of down) {
  test(`${reason}: ${fault.name}`, async () => {
    const own = fault.isLast === true ? await startExporter() : undefined;
    try {
      await expectDown(own ?? exporter, reason, fault);
    } finally {
      await own?.[Symbol.asyncDispose]();
    }
  });
}

async function expectDown(asked: Exporter, reason: Reason, fault: Fault): Promise<void> {
  const { ask, name, scrapeSeconds = SCRAPE_SECONDS, tells = bothFailed(reason) } = fault;
  const answer = await (ask?.(asked, name) ?? asked.probe(name, scrapeSeconds));
  assert.deepEqual(judged(answer, scrapeSeconds - 0.25), { up: 0, down: reason, ...tells });
}

const bothFailed = (reason: Reason) => ({
  queries: { 'pair/one': `${reason}, rows: 0`, 'pair/other': `${reason}, rows: 0` },
  samples: {},
});

test('an answer of several targets tells the status of each', async () => {
  const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': String(SCRAPE_SECONDS) };
  const [well, ill] = [
    await exporter.get('/scrape/well', { headers }),
    await exporter.get('/scrape/ill', { headers }),
  ];
  const whole = {
    up: 1,
    queries: { 'pair/one': 'ok, rows: 1', 'pair/other': 'ok, rows: 1' },
    samples: { families_one: 1, families_other: 2 },
    status: 1,
  };
  for (const { name } of servers) assert.deepEqual(judged(well, ALLOWED_SECONDS, name), whole);
  assert.deepEqual(judged(ill, ALLOWED_SECONDS, 'MySQL'), whole);
  assert.deepEqual(judged(ill, ALLOWED_SECONDS, 'a port where nobody listens'), {
    up: 0,
    down: 'refused',
    ...bothFailed('refused'),
    status: 0,
  });
});

test('every family, every reason and every reason to skip has been seen, and no other', () => {
  const outcomes = verdicts.flatMap(({ queries }) => Object.values(queries));
  const reasons = outcomes.flatMap((outcome) => /^(?!ok)(\w+), /.exec(outcome)?.[1] ?? []);
  const skipped = outcomes.flatMap((outcome) => /^skipped: (\w+)/.exec(outcome)?.[1] ?? []);
  assert.deepEqual(new Set(reasons), new Set(REASONS));
  assert.deepEqual(new Set(skipped), new Set(SKIP_REASONS));
  assert.deepEqual(
    new Set(verdicts.flatMap((verdict) => verdict.down ?? [])),
    new Set(down.map(({ reason }) => reason)),
  );
  const names = new Set(answers.flatMap((text) => parseExposition(text).map(({ name }) => name)));
  for (const { name } of Object.values(PROBE_FAMILIES)) assert.ok(names.has(name), name);
});

test('no answer has text of a server or a password; the log has the text and no password', () => {
  const secrets = [LOGIN.password, NARROW.password, WRONG_PASSWORD];
  for (const text of answers)
    for (const hidden of [...secrets, SERVER_TEXT, 'Access denied'])
      assert.ok(!text.includes(hidden), hidden);
  for (const told of [SERVER_TEXT, 'Access denied']) assert.ok(exporter.log.includes(told), told);
  for (const secret of secrets) assert.ok(!exporter.log.includes(secret));
});

function seriesIn({ text }: Answer, family: string, labels: Readonly<Record<string, string>>): number {
  return metricValue(text, family, labels) ?? Number.NaN;
}
