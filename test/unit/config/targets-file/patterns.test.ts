/** Targets by pattern: what becomes of them, and what is wrong with them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../../support/config-folder.ts';

async function patternsOf(yaml: string) {
  const { lines, result } = await load({ 'targets.yml': yaml });
  assert.ok(result.ok, lines.join('\n'));
  return { lines, ...result.config };
}

test('a pattern has the settings of a target, but for a place', async () => {
  const { lines, patterns, targets } = await patternsOf(`
defaults: {user: u, labels: {env: prod}}
groups: {slow: {query_timeout: 9s}}
targets:
  "*.example.com:3306": {groups: [slow], labels: {a: b}, tls: {mode: verify_identity}, max_names: 7}
  "*:3306": {networks: [10.0.0.0/8, "FD00::/8", 192.0.2.7]}
  a: {address: h}
`);
  assert.deepEqual(lines, []);
  assert.deepEqual([...targets.keys()], ['a']);
  const [first, second] = patterns;
  assert.equal(first?.text, '*.example.com:3306');
  assert.equal(first.maxNames, 7);
  assert.equal(first.template.queryTimeoutMs, 9000);
  assert.deepEqual(first.template.labels, { env: 'prod', a: 'b' });
  assert.equal(first.template.tls.mode, 'verify_identity');
  assert.equal(first.template.networks, undefined);
  assert.deepEqual(first.template.pattern, { text: '*.example.com:3306', maxNames: 7 });
  assert.equal(second?.maxNames, 1000);
  assert.deepEqual(second.template.networks, ['10.0.0.0/8', 'FD00::/8', '192.0.2.7/32']);
});

test('those with more literal characters come first', async () => {
  const { patterns } = await patternsOf(`
defaults: {user: u}
targets:
  "*.example.com:3306":
  "db-*.example.com:3306":
  "*.a.example.com:3306":
  "db-*.a.example.com:3306":
`);
  assert.deepEqual(
    patterns.map(({ text }) => text),
    ['db-*.a.example.com:3306', 'db-*.example.com:3306', '*.a.example.com:3306', '*.example.com:3306'],
  );
});

const FORM =
  'a name with a * is a pattern, and this is no valid one: a pattern is a host and a port, each with letters, digits, "." and "-", and * for any number of them, such as "*.example.com:3306"';
const ANY_HOST = (pattern: string) =>
  `the pattern "${pattern}" matches names of any host, to which the exporter would give its password: add networks, such as networks: [10.0.0.0/8]`;

for (const [pattern, errors] of [
  ['"*": {}', [`3:3: error: ${FORM}`]],
  ['"[*]:3306": {}', [`3:3: error: ${FORM}`]],
  ['"u:pa*ss@tcp(h)/": {}', [`3:3: error: ${FORM}`]],
  ['"*:3306": {}', [`3:3: error: ${ANY_HOST('*:3306')}`]],
  ['"10*:3306":', [`3:3: error: ${ANY_HOST('10*:3306')}`]],
  [
    '"*.x.org:3306": {address: h, dsn: "u:p@tcp(h)/"}',
    [
      '3:20: error: address: a target by pattern is where its name says: remove this',
      '3:32: error: dsn: a target by pattern is where its name says: remove this',
    ],
  ],
  [
    '"*:3306": {networks: [10.0.0.0/33, ten, "fd00::/129", 10.0.0.0/8]}',
    [
      '3:25: error: networks: expected a network such as 10.0.0.0/8 or fd00::/8, or an address; the number behind the slash is at most 32',
      '3:38: error: networks: expected a network such as 10.0.0.0/8 or fd00::/8, or an address',
      '3:43: error: networks: expected a network such as 10.0.0.0/8 or fd00::/8, or an address; the number behind the slash is at most 128',
    ],
  ],
  [
    '"*.x.org:3306": {max_names: 0}',
    ['3:31: error: max_names: expected a whole number from 1 to 100000, found number 0'],
  ],
  [
    'a: {address: h, networks: [10.0.0.0/8], max_names: 5}',
    [
      '3:19: error: networks: only for a target whose name is a pattern, with a *',
      '3:43: error: max_names: only for a target whose name is a pattern, with a *',
    ],
  ],
] as const)
  test(`wrong: ${pattern}`, async () => {
    const { lines } = await load({ 'targets.yml': `defaults: {user: u}\ntargets:\n  ${pattern}\n` });
    assert.deepEqual(
      lines.filter((line) => line.includes(' error: ')),
      errors.map((error) => `targets.yml:${error}`),
    );
  });

test('an empty list of networks lets nothing in, which nobody means', async () => {
  const { result } = await load({
    'targets.yml': 'targets: {"*:3306": {user: u, networks: []}}',
  });
  assert.equal(result.ok, false);
});

test('two patterns of the same rank that can match one name are an error at both', async () => {
  const { lines } = await load({
    'targets.yml': `
defaults: {user: u}
targets:
  "db*.example.com:3306":
  "*.example.com:3306":
  "*db.example.com:3306":
`,
  });
  const sentence = (one: string, other: string, place: string) =>
    `the pattern "${one}" can match the same name as "${other}" at targets.yml:${place}, and none has more literal characters: make one of them longer`;
  assert.deepEqual(lines, [
    `targets.yml:4:3: error: ${sentence('db*.example.com:3306', '*db.example.com:3306', '6:3')}`,
    `targets.yml:6:3: error: ${sentence('*db.example.com:3306', 'db*.example.com:3306', '4:3')}`,
  ]);
});

test('scrapes do not know patterns', async () => {
  const { lines } = await load({
    'targets.yml':
      'targets: {"*.x.org:3306": {user: u}, a: {address: h, user: u}}\nscrapes: {all: {}, one: {targets: ["*.x.org:3306"]}}',
  });
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /unknown target "\*\.x\.org:3306"/);
});
