/** Which of several reasons is told, when a query or a scrape gives up before the fault itself is known. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { mortalNameServer, nameOf } from '../../faults/inject/name-server.ts';
import { eventually } from '../../support/eventually.ts';
import { realServers } from '../../support/real-servers.ts';
import { scriptedServer, silence } from '../../support/scripted-server.ts';
import { holdConnection, LOGIN } from './faults.ts';
import { QUERY_FILE } from './queries.ts';
import { resolvingExporter } from './resolving-exporter.ts';
import { verdictOf } from './verdict.ts';

const LOCKED = { user: `locked_${process.pid}`, password: 'a third secret' };

const servers = await realServers();
const silent = await scriptedServer(silence);
const names = await mortalNameServer();
names.isDead = true;
for (const server of servers) {
  await server.createUser(LOGIN.user, LOGIN.password, 'SELECT ON shop.*');
  await server.createUser(LOCKED.user, LOCKED.password);
}
const exporter = await resolvingExporter(
  {
    'targets.yml': JSON.stringify({
      query_files: ['queries.yml'],
      defaults: { ...LOGIN, query_sets: ['pair'], allow_public_key_retrieval: true },
      targets: {
        silent: { address: `127.0.0.1:${silent.port}` },
        unresolved: {
          address: `${nameOf('127.0.0.1')}:3306`,
          connect_timeout: '300ms',
          query_timeout: '300ms',
        },
        'unresolved at all': { address: `${nameOf('127.0.0.2')}:3306` },
        ...Object.fromEntries(
          servers.flatMap(({ name, port }) => [
            [name, { address: `127.0.0.1:${port}`, max_connections: 1, query_timeout: '300ms' }],
            [`locked ${name}`, { address: `127.0.0.1:${port}`, ...LOCKED }],
          ]),
        ),
      },
    }),
    'queries.yml': QUERY_FILE,
  },
  names.address,
);
after(async () => {
  await exporter[Symbol.asyncDispose]();
  await silent.close();
  names.close();
  for (const server of servers) for (const { user } of [LOGIN, LOCKED]) await server.dropUser(user);
});

async function reasons(target: string, seconds = 5): Promise<readonly string[]> {
  const { text } = await exporter.probe(target, seconds);
  const { down = 'up', queries } = verdictOf(text, seconds - 0.25);
  return [down, ...Object.values(queries).map((outcome) => outcome.replace(/, rows.*/, ''))];
}

test('a lookup that takes as long as a query may', async () =>
  assert.deepEqual(await reasons('unresolved'), ['dns', 'dns', 'dns']));

test('a lookup that takes longer than the scrape', async () =>
  assert.deepEqual(await reasons('unresolved at all', 1), ['dns', 'dns', 'dns']));

test('a silent host that takes longer than the scrape', async () => {
  const expected = ['connect_timeout', 'connect_timeout', 'connect_timeout'];
  assert.deepEqual(await reasons('silent', 1), expected);
});

for (const server of servers) {
  test(`${server.name}: another probe has the only connection`, async () => {
    await exporter.probe(server.name);
    await using _held = await holdConnection(exporter, server.name, server);
    assert.deepEqual(await reasons(server.name), ['queue', 'queue', 'queue']);
  });

  test(`${server.name}: an account that is locked while a connection works`, async () => {
    const target = `locked ${server.name}`;
    const open = async () => await server.connections(LOCKED.user);
    await exporter.probe(target, 5, '&query_set=kept');
    await server.root(`ALTER USER '${LOCKED.user}'@'%' ACCOUNT LOCK`);
    assert.deepEqual(await reasons(target), ['up', 'ok', 'ok'], 'what is open goes on');
    await exporter.untilConnected();
    const sessions = await server.root('SELECT id AS id FROM information_schema.processlist WHERE user = ?', [
      LOCKED.user,
    ]);
    for (const { id } of sessions) await server.root(`KILL ${id}`);
    await eventually(async () => assert.equal(await open(), 0));
    assert.deepEqual(await reasons(target), ['auth', 'auth', 'auth']);
    assert.deepEqual(await reasons(target), ['backoff', 'backoff', 'backoff']);
  });
}
