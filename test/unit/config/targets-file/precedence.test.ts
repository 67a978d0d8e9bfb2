import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Credentials } from '../../../../src/model/config.ts';
import { load, loadTarget } from '../../../support/config-folder.ts';

const target = (text: string, files: Record<string, string> = {}) =>
  loadTarget({ 'targets.yml': text, ...files });

test('what is built in', async () => {
  const a = await target('targets: {a: {address: h, user: u}}');
  assert.deepEqual(a, {
    name: 'a',
    enabled: true,
    address: { kind: 'tcp', host: 'h', port: 3306 },
    pattern: undefined,
    networks: undefined,
    database: undefined,
    credentials: { user: 'u', password: { kind: 'none' } },
    ownAuthModules: new Set(['client']),
    authModules: new Map(),
    tls: {
      mode: 'preferred',
      caFile: undefined,
      certFile: undefined,
      keyFile: undefined,
      serverName: undefined,
      fullLogin: 'any',
      minVersion: undefined,
    },
    allowPublicKeyRetrieval: false,
    pipelining: true,
    groups: [],
    labels: {},
    exposesLabels: false,
    queries: undefined,
    querySets: [
      'global_status',
      'global_variables',
      'slave_status',
      'info_schema.innodb_cmp',
      'info_schema.innodb_cmpmem',
      'info_schema.query_response_time',
    ],
    maxConnections: 3,
    connectTimeoutMs: 3000,
    queryTimeoutMs: 5000,
    scrapeTimeoutMs: 10_000,
    scrapeIntervalMs: undefined,
    idleTimeoutMs: 300_000,
    maxConnectionAgeMs: 600_000,
    maxLoad: 0.1,
    session: {},
  });
});

test('a share is a percentage or a fraction', async () => {
  const shareOf = async (share: string) =>
    (await target(`targets: {a: {address: h, user: u, max_load: ${share}}}`)).maxLoad;
  for (const [share, expected] of [
    ['10%', 0.1],
    ['0.1', 0.1],
    ['.5', 0.5],
    ['"2.5 %"', 0.025],
    ['100%', 1],
  ] as const)
    assert.equal(await shareOf(share), expected, share);
});

test('target over later group over earlier group over defaults', async () => {
  const a = await target(
    `
defaults: {user: u, max_connections: 1, connect_timeout: 1s, query_timeout: 1s, scrape_timeout: 1s,
  labels: {a: d, b: d, c: d, d: d}, session: {a: 1, b: 1}, query_sets: [table_sizes], tls: {mode: required, server_name: d}}
groups:
  one: {connect_timeout: 2s, query_timeout: 2s, scrape_timeout: 2s, labels: {b: one, c: one}, query_sets: [innodb, sessions]}
  two: {query_timeout: 3s, scrape_timeout: 3s, labels: {c: two, d: two}, query_sets: [table_sizes, innodb], tls: {min_version: 1.2}}
targets:
  a: {address: h, groups: [one, two], scrape_timeout: 4s, labels: {d: a}, session: {b: x}, tls: {mode: VERIFY}}
`.replace('VERIFY', 'verify_ca'),
  );
  assert.deepEqual(
    [a.maxConnections, a.connectTimeoutMs, a.queryTimeoutMs, a.scrapeTimeoutMs],
    [1, 2000, 3000, 4000],
  );
  assert.deepEqual(a.labels, { a: 'd', b: 'one', c: 'two', d: 'a' });
  assert.deepEqual(a.session, { a: 1, b: 'x' });
  assert.deepEqual(a.querySets, ['innodb', 'sessions', 'table_sizes']);
  assert.deepEqual([a.tls.mode, a.tls.serverName, a.tls.minVersion], ['verify_ca', 'd', 'TLSv1.2']);
  assert.deepEqual(a.groups, ['one', 'two']);
});

test('text that came out of variables or quotes counts as the number or flag it spells', async () => {
  const a = await loadTarget(
    { 'targets.yml': 'targets: {a: {address: h, user: u, max_connections: "$' + '{N}", enabled: "False"}}' },
    { N: '7' },
  );
  assert.deepEqual([a.maxConnections, a.enabled], [7, false]);
});

test('the keys of a target win over its DSN, its DSN over groups', async () => {
  const a = await target(`
groups: {g: {query_timeout: 9s, connect_timeout: 9s, database: g, tls: {mode: disabled, server_name: g}, session: {x: 9, y: 9}}}
targets:
  a: {dsn: "u:p@tcp(h)/d?timeout=1s&readTimeout=2s&tls=true&x=1&z=1", groups: [g], query_timeout: 3s, session: {z: 3}}
`);
  assert.deepEqual([a.connectTimeoutMs, a.queryTimeoutMs, a.database], [1000, 3000, 'd']);
  assert.deepEqual([a.tls.mode, a.tls.serverName], ['verify_identity', 'g']);
  assert.deepEqual(a.session, { x: 1, y: 9, z: 3 });
});

const SETTINGS = {
  'queries.yml': `
query_sets:
  s:
    queries:
      a: {query: SELECT 1 AS v, metrics: {a: {type: gauge, description: A, value: v}}}
      b: {query: SELECT 1 AS v, metrics: {b: {type: gauge, description: B, value: v}}}
`,
};

test('settings of queries: target over later group over earlier group over defaults, setting by setting', async () => {
  const a = await target(
    `
query_files: [queries.yml]
defaults: {user: u, query_sets: [s], queries: {s: {timeout: 1s, min_interval: 1m, max_rows: 1, max_series: 1, enabled: false}}}
groups:
  one: {queries: {s: {timeout: 2s, min_interval: 2m, max_rows: 2, enabled: true}}}
  two: {queries: {s/b: {timeout: 3s, min_interval: 0}}}
targets: {a: {address: h, groups: [one, two], queries: {s: {timeout: 4s}}}}
`,
    SETTINGS,
  );
  const joined = { enabled: true, timeoutMs: 4000, maxRows: 2, maxSeries: 1 };
  assert.deepEqual(a.queries, {
    s: { a: { ...joined, minIntervalMs: 120_000 }, b: { ...joined, minIntervalMs: 0 } },
  });
});

for (const keys of ['s: {timeout: 1s}, s/a: {timeout: 2s}', 's/a: {timeout: 2s}, s: {timeout: 1s}'])
  test(`within a level a query wins over its set, in whatever order they stand: ${keys}`, async () => {
    const a = await target(
      `query_files: [queries.yml]\ntargets: {a: {address: h, user: u, query_sets: [s], queries: {${keys}}}}\n`,
      SETTINGS,
    );
    assert.deepEqual(a.queries, { s: { a: { timeoutMs: 2000 }, b: { timeoutMs: 1000 } } });
  });

const seen = ({ user, password }: Credentials) =>
  `${user}/${password.kind === 'text' ? password.secret.reveal() : password.kind}`;

const LEVELS = `
auth_modules: {m: {user: mu, password: mp}, bare: {user: bu}, other: {user: ou, password: op}}
groups: {g: {user: gu, password: gp}, gm: {auth_module: m}}
defaults: {auth_module: other}
targets: {a: TARGET}
`;
const credentials: [name: string, target: string, expected: string][] = [
  ['from the defaults', '{address: h}', 'ou/op'],
  ['from a group', '{address: h, groups: [g]}', 'gu/gp'],
  ['from the later group', '{address: h, groups: [g, gm]}', 'mu/mp'],
  ['from the target', '{address: h, groups: [g], user: tu, password: tp}', 'tu/tp'],
  ['user from the target, password from the defaults', '{address: h, user: tu}', 'tu/op'],
  ['password from the target, user from a group', '{address: h, password: tp, groups: [g]}', 'gu/tp'],
  ['from the DSN', '{dsn: "du:dp@tcp(h)/", auth_module: m}', 'du/dp'],
  ['a DSN without password has an empty one', '{dsn: "du@tcp(h)/", auth_module: m}', 'du/none'],
  ['a DSN without user leaves it to others', '{dsn: "tcp(h)/", auth_module: m}', 'mu/mp'],
  ['a key wins over the DSN', '{dsn: "du:dp@tcp(h)/", password: tp}', 'du/tp'],
  ['an auth module without password has an empty one', '{address: h, auth_module: bare}', 'bu/none'],
  ['an empty password is none, and is found', '{address: h, user: tu, password: ""}', 'tu/none'],
];
for (const [name, text, expected] of credentials)
  test(`credentials: ${name}`, async () => {
    assert.equal(seen((await target(LEVELS.replace('TARGET', text))).credentials), expected);
  });

test('auth modules that a probe may choose', async () => {
  const a = await target(LEVELS.replace('TARGET', '{address: h, allow_auth_modules: [m, bare]}'));
  assert.deepEqual(
    [...a.authModules].map(([name, it]) => `${name}=${seen(it)}`),
    ['m=mu/mp', 'bare=bu/none'],
  );
});

const own: readonly (readonly [name: string, target: string, names: readonly string[]])[] = [
  ['the one it names, and what mysqld_exporter calls it', '{address: h, auth_module: m}', ['m', 'client']],
  ['the one of the defaults', '{address: h}', ['other', 'client']],
  ['the one of a group', '{address: h, groups: [gm]}', ['m', 'client']],
  ['none with a user of its own', '{address: h, user: tu}', ['client']],
  ['none with a password of its own', '{address: h, auth_module: m, password: tp}', ['client']],
  ['none with the user of a DSN', '{dsn: "du:dp@tcp(h)/", auth_module: m}', ['client']],
];
for (const [name, text, expected] of own)
  test(`the target's own auth module: ${name}`, async () => {
    assert.deepEqual([...(await target(LEVELS.replace('TARGET', text))).ownAuthModules], expected);
  });

test('an auth module that is called client is itself', async () => {
  const a = await target(
    'auth_modules: {client: {user: c}, m-1.x: {user: m}}\ntargets: {a: {address: h, auth_module: m-1.x}}',
  );
  assert.deepEqual([...a.ownAuthModules], ['m-1.x']);
});

const named: readonly (readonly [name: string, text: string, address: object])[] = [
  ['a name and a port', 'db1.example.com:3306', { kind: 'tcp', host: 'db1.example.com', port: 3306 }],
  ['an IPv4 address', '10.0.0.11:3307', { kind: 'tcp', host: '10.0.0.11', port: 3307 }],
  ['an IPv6 address', '[fd00::1]:3306', { kind: 'tcp', host: 'fd00::1', port: 3306 }],
  ['a socket', 'unix:///run/mysqld/mysqld.sock', { kind: 'unix', path: '/run/mysqld/mysqld.sock' }],
];
for (const [what, name, address] of named)
  for (const keys of ['{}', 'null', '{labels: {env: prod}}'])
    test(`a target whose name is its address, ${what}, with ${keys}`, async () => {
      const { result } = await load({
        'targets.yml': `defaults: {user: u}\ntargets: {"${name}": ${keys}}`,
      });
      assert.deepEqual(result.ok && result.config.targets.get(name)?.address, address);
    });

test('an address wins over a name that is one', async () => {
  const text = 'targets: {"db1:3306": {address: "10.0.0.1:3307", user: u}}';
  const { result } = await load({ 'targets.yml': text });
  assert.deepEqual(result.ok && result.config.targets.get('db1:3306')?.address, {
    kind: 'tcp',
    host: '10.0.0.1',
    port: 3307,
  });
});

test('files are found beside targets.yml', async () => {
  const a = await target(
    'targets: {a: {address: h, user: u, password_file: secrets/p, tls: {ca_file: ca.pem}}}',
    {
      'secrets/p': 'hidden',
      'ca.pem': '',
    },
  );
  assert.equal(a.credentials.password.kind, 'file');
  assert.match(
    a.credentials.password.kind === 'file' ? a.credentials.password.path : '',
    /^\/.*\/secrets\/p$/,
  );
  assert.match(a.tls.caFile ?? '', /^\/.*\/ca\.pem$/);
});

test('an integer that a number cannot hold stays as it is written', async () => {
  const { session } = await loadTarget({
    'targets.yml':
      'targets: {a: {address: h, user: u, session: {max_join_size: 18446744073709551615, wait_timeout: 60}}}',
  });
  assert.deepEqual(session, { max_join_size: '18446744073709551615', wait_timeout: 60 });
});
