// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the configuration
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { loadConfig, loadShippedSets } from '../../../src/config/load.ts';
import { DEFAULT_QUERY_SETS } from '../../../src/config/targets-file/precedence.ts';
import { load } from '../../support/config-folder.ts';

const QUERIES = fileURLToPath(new URL('../../../queries', import.meta.url));
const DEFAULT = fileURLToPath(new URL('../../../targets.yml', import.meta.url));

test('the shipped configuration is good', async () => {
  const result = await loadConfig(DEFAULT, {});
  assert.ok(result.ok);
  assert.deepEqual(result.warnings, []);
  const names = [...result.config.querySets.keys()];
  assert.deepEqual(names, (await readdir(QUERIES)).map((file) => file.replace(/\.yml$/, '')).sort());
  assert.deepEqual(
    DEFAULT_QUERY_SETS.filter((name) => !names.includes(name)),
    [],
  );
  assert.deepEqual([...(await loadShippedSets()).keys()], names);
  assert.deepEqual([...result.config.targets.keys()], ['mariadb-primary', 'mariadb-replica', 'mysql']);
});

test('the shipped configuration follows its variables', async () => {
  const result = await loadConfig(DEFAULT, {
    LAB_MYSQL_ENABLED: 'false',
    LAB_MYSQL: '[::1]:1',
    MYSQL_PASSWORD: 'x',
  });
  const mysql = result.ok ? result.config.targets.get('mysql') : undefined;
  assert.equal(mysql?.enabled, false);
  assert.deepEqual(mysql?.address, { kind: 'tcp', host: '::1', port: 1 });
});

const A = 'targets: {a: {address: h, user: u}}\n';
const target = (keys: string) => `targets: {a: {address: h, user: u, ${keys}}}\n`;
const cases: [name: string, text: string, lines: string[]][] = [
  ['no targets key', 'defaults: {}\n', ['targets.yml:1:1: error: missing key "targets"']],
  ['no target', 'targets: {}\n', ['targets.yml:1:1: warning: there are no targets: nothing can be probed']],
  ['a list', '[a]\n', ['targets.yml:1:1: error: expected a map (key: value), found a list']],
  [
    'a target without keys',
    'targets:\n  a:\n',
    [
      'targets.yml:2:3: error: the target "a" has neither dsn nor address: add one, such as address: "10.0.0.11:3306"',
    ],
  ],
  [
    'neither dsn nor address',
    'targets: {a: {user: u}}\n',
    [
      'targets.yml:1:11: error: the target "a" has neither dsn nor address: add one, such as address: "10.0.0.11:3306"',
    ],
  ],
  [
    'names that are no address',
    'targets:\n  db1:99999:\n  fd00::1:3306:\n  "[::1]": {}\n  my:db:\n  unix://sock:\n  u:hunter2@tcp(h)/:\n',
    [
      'targets.yml:2:3: error: the target "db1:99999" has neither dsn nor address, and its name is none: the port must be a number from 1 to 65535',
      'targets.yml:3:3: error: the target "fd00::1:3306" has neither dsn nor address, and its name is none: an IPv6 address must stand in brackets, like [::1]:3306',
      'targets.yml:4:3: error: the target "[::1]" has neither dsn nor address, and its name is none: the port is missing',
      'targets.yml:5:3: error: the target "my:db" has neither dsn nor address, and its name is none: the port must be a number from 1 to 65535',
      'targets.yml:6:3: error: the target "unix://sock" has neither dsn nor address, and its name is none: the path of the socket must be absolute, like unix:///run/mysqld/mysqld.sock',
      'targets.yml:7:3: error: the name of this target looks like a DSN: give it a name, and this as its dsn',
    ],
  ],
  [
    'names of auth modules',
    `auth_modules: {client.prod-eu_1: {user: u}, 1a: {user: u}, -a: {user: u}}\n${A}`,
    [
      'targets.yml:1:45: error: "1a": the name of an auth module has letters, digits, _, . and - and begins with a letter or _',
      'targets.yml:1:60: error: "-a": the name of an auth module has letters, digits, _, . and - and begins with a letter or _',
    ],
  ],
  [
    'both',
    target('dsn: /'),
    ['targets.yml:1:15: error: the target "a" has both dsn and address: keep one of them'],
  ],
  [
    'a misspelt address',
    'targets: {a: {adress: h}}\n',
    ['targets.yml:1:15: error: unknown key "adress"; did you mean "address"?'],
  ],
  [
    'no user',
    'targets: {a: {address: h}}\n',
    [
      'targets.yml:1:11: error: the target "a" has no user: add user, user_file, auth_module or a dsn with a user, here, in a group or in defaults',
    ],
  ],
  [
    'unknown references',
    `groups: {prod: {}}\nauth_modules: {monitor: {user: u}}\ntargets:\n  a: {address: h, groups: [prd], auth_module: monitr, query_sets: [sesions], allow_auth_modules: [zzzzzzz]}\n`,
    [
      'targets.yml:4:28: error: unknown group "prd"; did you mean "prod"?',
      'targets.yml:4:47: error: unknown auth module "monitr"; did you mean "monitor"?',
      'targets.yml:4:68: error: unknown query set "sesions"; did you mean "sessions"?',
      'targets.yml:4:99: error: unknown auth module "zzzzzzz"; auth modules are: monitor',
    ],
  ],
  [
    'an unset variable',
    target('database: "${NOPE}"'),
    [
      'targets.yml:1:46: error: the environment variable NOPE is not set: set it, or write ${NOPE:-default} (a plain dollar is $$)',
    ],
  ],
  [
    'password twice',
    target('password: a, password_file: targets.yml'),
    [
      'targets.yml:1:49: error: password and password_file stand side by side: keep one of them',
      'targets.yml:1:64: warning: password_file: every user of this machine may read targets.yml; chmod 600 it',
    ],
  ],
  [
    'user twice, in an auth module too',
    `auth_modules: {m: {user: u, user_file: secret.u}, n: {password: p}}\n${target('user_file: nope')}`,
    [
      'targets.yml:1:29: error: user and user_file stand side by side: keep one of them',
      'targets.yml:1:40: error: user_file: the file secret.u does not exist',
      'targets.yml:1:51: error: the auth module "n" has no user: add user or user_file',
      'targets.yml:2:36: error: user and user_file stand side by side: keep one of them',
      'targets.yml:2:47: error: user_file: the file nope does not exist',
    ],
  ],
  [
    'a missing file',
    target('tls: {ca_file: nope.pem}'),
    ['targets.yml:1:51: error: ca_file: the file nope.pem does not exist'],
  ],
  [
    'half a client certificate',
    target('tls: {cert_file: targets.yml}'),
    [
      'targets.yml:1:11: error: the target "a" has only one of tls.cert_file and tls.key_file: a client certificate needs both',
    ],
  ],
  [
    'a number as label',
    target('labels: {env: 5}'),
    ['targets.yml:1:50: error: env: expected text, found number 5 (put quotes around it)'],
  ],
  [
    'a wrong label name',
    target('labels: {__x: y}'),
    [
      'targets.yml:1:45: error: "__x": a label name has letters, digits and _, and begins with neither a digit nor __',
    ],
  ],
  [
    'a wrong variable name',
    target('session: {"a=1, b": 1}'),
    ['targets.yml:1:46: error: "a=1, b": the name of a system variable has letters, digits, _ and .'],
  ],
  [
    'too many connections',
    target('max_connections: 101'),
    ['targets.yml:1:53: error: max_connections: expected a whole number from 1 to 100, found number 101'],
  ],
  [
    'a wrong flag',
    target('enabled: yes'),
    ['targets.yml:1:45: error: enabled: expected true or false, found text "yes"'],
  ],
  ...(
    [
      ['0', 'number 0'],
      ['1', 'number 1'],
      ['101%', 'text "101%"'],
      ['0%', 'text "0%"'],
      ['off', 'text "off"'],
    ] as const
  ).map(([share, found]): [string, string, string[]] => [
    `a share of ${share}`,
    target(`max_load: ${share}`),
    [
      `targets.yml:1:46: error: max_load: expected a share such as 10% or 0.1; 100% for no limit, found ${found}`,
    ],
  ]),
  [
    'a key that is no key of a group',
    `${A}groups: {g: {groups: [x]}}\n`,
    [
      'targets.yml:2:14: error: unknown key "groups"; valid keys are database, auth_module, allow_auth_modules, user, user_file, password, password_file, password_command, password_ttl, tls, allow_public_key_retrieval, pipelining, labels, query_sets, max_connections, connect_timeout, query_timeout, scrape_timeout, scrape_interval, idle_timeout, max_connection_age, max_load, session, params, profiles, queries, enabled',
    ],
  ],
  [
    'a pattern without file',
    `query_files: ["no*.yml"]\n${target('query_sets: [x]')}`,
    ['targets.yml:1:15: error: query_files: no file matches "no*.yml" (looked for below FOLDER)'],
  ],
  [
    'a control character in a name',
    'targets: {"a\\nb": {address: h, user: u}}\n',
    ['targets.yml:1:11: error: "a\\nb": the name of a target must not be empty or have control characters'],
  ],
  [
    'an ignored DSN option',
    'targets: {a: {dsn: "u@/?charset=utf8"}}\n',
    ['targets.yml:1:20: warning: dsn: the DSN option charset has no meaning here, ignored'],
  ],
];
for (const [name, text, expected] of cases)
  test(`targets.yml: ${name}`, async () => {
    const { lines, path } = await load({ 'targets.yml': text });
    assert.deepEqual(
      lines.map((line) => line.replaceAll(path, 'FOLDER')),
      expected,
    );
  });

test('none of the sets that are built in is loaded', async () => {
  const { lines } = await load({
    'targets.yml': `query_files: [q.yml]\n${A}`,
    'q.yml': 'query_sets: {s: {metrics: {n: {query: SELECT 1, type: gauge, description: D, value: a}}}}\n',
  });
  assert.deepEqual(lines, [
    'targets.yml:2:11: error: the target "a" has no query set: name some in query_sets, here, in a group or in defaults',
  ]);
});

test('errors of all files come at once, sorted', async () => {
  const { lines } = await load({
    'targets.yml': `query_files: [q.yml, broken.yml]\n${target('enabled: 5, max_connections: 0')}`,
    'q.yml': 'query_sets: {s: {x: 1}}\n',
    'broken.yml': 'a: "b\n',
  });
  assert.deepEqual(lines, [
    'broken.yml:2:1: error: a quoted text has no closing quote',
    'q.yml:1:18: error: unknown key "x"; valid keys are description, namespace, lint, override, cost, requires, params, queries, metrics',
    'targets.yml:2:45: error: enabled: expected true or false, found number 5',
    'targets.yml:2:65: error: max_connections: expected a whole number from 1 to 100, found number 0',
  ]);
});

test('a missing file and a folder in its place', async () => {
  const absent = await loadConfig('/nonexistent/targets.yml', {});
  assert.deepEqual(absent.ok ? [] : absent.diagnostics, [
    {
      severity: 'error',
      file: '/nonexistent/targets.yml',
      line: 1,
      column: 1,
      message: 'the file does not exist',
    },
  ]);
  const folder = await loadConfig('/', {});
  assert.equal(folder.ok ? '' : folder.diagnostics[0]?.message, 'this is a folder, not a file');
});

test('no secret in any diagnostic or in a printed configuration', async () => {
  const places = [
    'auth_modules: {m: hunter2}\n',
    'auth_modules: {m: {user: u, password: [hunter2]}}\n',
    'auth_modules: {m: {user: u, password:hunter2}}\n',
    'auth_modules: {m: {user: u, password_command: hunter2}}\n',
    'auth_modules: {m: {user: u, password_command: [vault -p hunter2]}}\n',
    'auth_modules: {m: {user: u, password_command: [/bin/echo, {hunter2: x}]}}\n',
    'auth_modules: {m: {user: u, password: !hunter2 x}}\n',
    'auth_modules: {m: {user: u, password: *hunter2}}\n',
    'auth_modules: {m: {user: u, password: }hunter2}}\n',
    'auth_modules: {m: {user: u, password: "hunter2}}\n',
    'auth_modules: {m: {user: u, password: "\\q hunter2"}}\n',
    'defaults: {password: hunter2, password_file: x}\n',
    'defaults: u:hunter2@tcp(h)/\n',
    'targets: {a: "u:hunter2@tcp(h)/"}\n',
    'targets: {a: {address: "u:hunter2@tcp(h)/"}}\n',
    'targets: {a: {dsn: "u:hunter2@tcp(h)"}}\n',
    'targets: {a: {dsn: {x: hunter2}}}\n',
    'targets: {a: {dsn: "u:hunter2@tcp(h)/", labels: {x: y}}}\n',
  ];
  for (const text of places) {
    const { lines, result } = await load({ 'targets.yml': text });
    assert.ok(!lines.join().includes('hunter2'), lines.join('\n'));
    assert.ok(!inspect(result, { depth: 9 }).includes('hunter2'), text);
    assert.ok(!JSON.stringify(result.ok ? [...result.config.targets] : []).includes('hunter2'));
  }
});
