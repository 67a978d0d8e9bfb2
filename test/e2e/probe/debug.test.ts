/** `debug=true` tells what a probe does, and when: of servers that are well, dead, slow, and of one that refuses the login. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Exporter, runCommand } from '../../support/exporter.ts';
import { realServers } from '../../support/real-servers.ts';

const USER = 'debug_probe';
const PASSWORD = 'never to be seen';

const servers = await realServers();
const addresses = servers.map(({ name, port }) => ({ name, address: `"127.0.0.1:${port}"` }));
const files = {
  'targets.yml': `
query_files: [builtin, own.yml]
defaults: {user: ${USER}, password: "${PASSWORD}", query_sets: [own]}
targets:
  dead: {address: "127.0.0.1:1"}
${addresses.map(({ address, name }) => `  ${name}: {address: ${address}}\n  denied-${name}: {address: ${address}, password: "wrong ${PASSWORD}"}`).join('\n')}
`,
  'own.yml': `
query_sets:
  own:
    namespace: own
    queries:
      good: {query: SELECT 42 AS v, metrics: {answer: {type: gauge, description: Good, value: v}}}
      none: {query: SELECT 1 AS v, requires: {tables: [no.such]}, metrics: {none: {type: gauge, description: None, value: v}}}
  slow:
    namespace: slow
    queries:
      procedure:
        query: CALL debug_probe.wait()
        allow_call: true
        timeout: 400ms
        metrics: {waited: {type: gauge, description: Waited, value: v}}
`,
};
for (const server of servers) {
  await server.root(
    'CREATE OR REPLACE DATABASE debug_probe'.replace(
      'OR REPLACE',
      server.flavour === 'mariadb' ? 'OR REPLACE' : '',
    ),
  );
  await server.root('CREATE PROCEDURE debug_probe.wait() SELECT SLEEP(20) AS v');
  await server.createUser(USER, PASSWORD, 'EXECUTE ON debug_probe.*');
  after(async () => {
    await server.dropUser(USER);
    await server.root('DROP DATABASE debug_probe');
  });
}
const exporter = await Exporter.start(files);
after(() => exporter[Symbol.asyncDispose]());

const debug = async (target: string, query = '') => {
  const { headers, status, text } = await exporter.probe(target, 10, `&debug=true${query}`);
  assert.equal(status, 200, text);
  assert.match(headers.get('content-type') ?? '', /^text\/plain/);
  assert.ok(!text.includes(PASSWORD), text);
  return text;
};

/** Each in a line of its own, in this order, at times that do not fall. */
function assertCourse(text: string, ...steps: readonly RegExp[]): void {
  const [, course = ''] = text.split('\n\n');
  const lines = course.split('\n').slice(1);
  const times = lines.map((line) => Number(/^ *(\d+\.\d) {2}/.exec(line)?.[1]));
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  let at = 0;
  for (const step of steps) {
    const found = lines.findIndex((line, i) => i >= at && step.test(line));
    assert.ok(found >= 0, `${step} is not behind line ${at} of\n${course}`);
    at = found + 1;
  }
}

for (const { flavour, name } of servers) {
  test(`${name}: from the name to the samples`, async () => {
    assertCourse(
      await debug(name),
      / own\/good begins$/,
      / 127\.0\.0\.1 is 127\.0\.0\.1$/,
      / connects to 127\.0\.0\.1 port \d+$/,
      / connected to .*, greeted by \d+/,
      ...(flavour === 'mysql' ? [/ TLSv1\.\d with \S+, certificate until /] : []),
      / logged in as debug_probe$/,
      / connection \d+ is sent SET /,
      / session set up: connection \d+$/,
      / own\/good has connection \d+, a new one$/,
      / connection \d+ is sent SELECT 42 AS v$/,
      / connection \d+ begins to answer$/,
      / connection \d+ has answered, rows: 1$/,
      / own\/good is done, rows: 1, samples: 1$/,
    );
    const again = await debug(name);
    assertCourse(again, / own\/good has connection \d+, which was open$/);
    assertCourse(again, / own\/none is skipped: table, /);
    assert.match(again, /^outcome {5}up$/m);
    assert.match(again, /^samples:\n(?:.*\n)*own_answer 42$/m);
  });

  test(`${name}: a login that is refused, and then left alone`, async () => {
    assertCourse(await debug(`denied-${name}`), / login as debug_probe: auth, /, / own\/good failed: auth, /);
    assertCourse(await debug(`denied-${name}`), / own\/good failed: (?:auth|backoff), /);
  });

  test(`${name}: a statement whose time is over, and who ends it`, async () => {
    assertCourse(
      await debug(name, '&query_set=slow'),
      / connection \d+ is sent CALL debug_probe\.wait\(\)$/,
      // MariaDB ends it by its own limit, MySQL has one for SELECT alone.
      ...(flavour === 'mariadb'
        ? [/ connection \d+ has answered, timeout$/]
        : [/ connection \d+ is given up: timeout$/]),
      / slow\/procedure failed: timeout, /,
      ...(flavour === 'mariadb' ? [] : [/ connection \d+ is to be killed, from connection \d+$/]),
    );
  });
}

test('a dead server', async () => {
  const text = await debug('dead');
  assertCourse(
    text,
    / connects to 127\.0\.0\.1 port 1$/,
    / 127\.0\.0\.1 port 1: refused, /,
    / own\/good failed: refused, /,
  );
  assert.match(text, /^outcome {5}down: refused, /m);
});

test('probes beside it have no trace, and debug is true or false', async () => {
  const [one] = servers;
  const [text, beside] = await Promise.all([
    debug(one?.name ?? ''),
    exporter.probe(one?.name ?? '', 10, '&debug=false'),
  ]);
  assert.match(beside.text, /^# HELP/);
  assert.match(text, /^samples:$/m);
  for (const value of ['yes', '', 'true&debug=true'])
    assert.equal((await exporter.probe('dead', 10, `&debug=${value}`)).status, 400, value);
});

test('the command prints the same', async () => {
  const { code, stdout } = await runCommand(files, 'probe', 'dead', '--debug');
  assert.equal(code, 1);
  assertCourse(stdout, / own\/good begins$/, / own\/good failed: refused, /);
});
