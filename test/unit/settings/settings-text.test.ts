// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the configuration
/** The settings of a target as a file: what it has in it, that it loads, and that each line says where it comes from. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { loadConfig } from '../../../src/config/load.ts';
import type { Config, Target } from '../../../src/model/config.ts';
import type { Setting } from '../../../src/settings/setting.ts';
import { settingsText } from '../../../src/settings/settings-text.ts';
import { settingsOfTarget } from '../../../src/settings/target-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'settings-'));
after(() => rmSync(folder, { recursive: true }));
const FILE = join(folder, 'targets.yml');
const AGAIN = join(folder, 'again.yml');

writeFileSync(
  join(folder, 'q.yml'),
  `query_sets:
  one:
    params: {limit: {type: integer, default: 5}, other: {type: string, default: x}}
    queries:
      a: {query: "SELECT :limit AS v, :other AS o", metrics: {a: {type: gauge, description: A, value: v}}}
      c: {query: SELECT 1 AS v, metrics: {c: {type: gauge, description: C, value: v}}}
  two: {metrics: {two: {query: SELECT 1 AS v, type: gauge, description: Two, value: v}}}
  three: {metrics: {three: {query: SELECT 1 AS v, type: gauge, description: Three, value: v}}}
`,
);

async function configOf(text: string, file = FILE, env: NodeJS.ProcessEnv = {}): Promise<Config> {
  writeFileSync(file, text);
  const result = await loadConfig(file, env);
  assert.ok(result.ok, `${JSON.stringify(result)}\n${text}`);
  return result.config;
}

function targetOf(config: Config, name = 'a'): Target {
  const target = config.targets.get(name);
  assert.ok(target !== undefined);
  return target;
}

const printed = (config: Config, target = targetOf(config)): readonly string[] =>
  settingsText(config, target)
    .replaceAll(`${folder}/`, '')
    .split('\n')
    .map((line) => line.trim());

/** Lines that must be among what is printed. */
const cases: readonly (readonly [name: string, text: string, lines: readonly string[]])[] = [
  [
    'built in, and from the name',
    'query_files: [builtin]\ntargets:\n  "a:1": {user: u}\n',
    [
      '- builtin # file, targets.yml:1',
      'target_labels: false # built-in',
      'address: a:1 # name, targets.yml:3',
      'user: u # target, targets.yml:3',
      'password: "" # built-in',
      'mode: preferred # built-in',
      '- global_status # built-in',
      'max_connections: 3 # built-in',
      'connect_timeout: 3s # built-in',
    ],
  ],
  [
    'a dsn, whose password is masked, and variables, of which only the names are told',
    'defaults:\n  target_labels: true\n  labels: {dc: "${DC:-hunter3}$$"}\ntargets:\n  a: {dsn: "u:${PW:-hunter2}@tcp(db)/shop?timeout=1s&x=2&tls=true"}\n',
    [
      'target_labels: true # defaults, targets.yml:2',
      '- builtin # built-in',
      'address: db:3306 # dsn, targets.yml:5, ${PW}',
      'database: shop # dsn, targets.yml:5, ${PW}',
      'dc: hunter3$$ # defaults, targets.yml:3, ${DC}',
      'user: u # dsn, targets.yml:5, ${PW}',
      'password: <secret> # dsn, targets.yml:5, ${PW}',
      'mode: verify_identity # dsn, targets.yml:5, ${PW}',
      'connect_timeout: 1s # dsn, targets.yml:5, ${PW}',
      'x: 2 # dsn, targets.yml:5, ${PW}',
    ],
  ],
  [
    'an auth module: the one that it logs in as, and those that a URL may choose',
    'auth_modules:\n  m: {user: mu, password_command: [/bin/echo, "$$x: {host}"], password_ttl: 1m}\n  n:\n    user: nu\n    password: hunter2\ngroups:\n  g: {auth_module: m}\ntargets:\n  a: {address: h, groups: [g], allow_auth_modules: [n]}\n',
    [
      'auth_module: m # group g, targets.yml:7',
      '- n # target, targets.yml:9',
      'user: mu # auth module m, targets.yml:2',
      'password_command: [/bin/echo, "$$x: {host}"] # auth module m, targets.yml:2',
      'password_ttl: 1m # auth module m, targets.yml:2',
      'user: nu # auth module n, targets.yml:4',
      'password: <secret> # auth module n, targets.yml:5',
    ],
  ],
  [
    'a user of its own with the password of an auth module that has none',
    'auth_modules:\n  m: {user: mu}\ndefaults: {auth_module: m}\ntargets:\n  a: {address: "[::1]:1", user: tu}\n',
    [
      'address: "[::1]:1" # target, targets.yml:5',
      'user: tu # target, targets.yml:5',
      'password: "" # auth module m, targets.yml:2',
    ],
  ],
  [
    'an alias stands where its anchor does',
    'defaults: {user: u}\ngroups:\n  g:\n    tls: &t\n      min_version: 1.2\ntargets:\n  a: {address: h, tls: *t}\n',
    ['min_version: "1.2" # target, targets.yml:5'],
  ],
];
for (const [name, text, lines] of cases)
  test(`settings: ${name}`, async () => {
    const config = await configOf(text);
    const all = printed(config, [...config.targets.values()][0]);
    assert.deepEqual(
      lines.filter((line) => !all.includes(line)),
      [],
      all.join('\n'),
    );
    assert.ok(!all.join('\n').includes('hunter2'));
  });

test('a pattern itself loads again; a name that it matches has its limits as a note', async () => {
  const text =
    'defaults: {user: u}\ntargets:\n  "*.db.example.com:3306":\n    networks: [10.0.0.0/8]\n    max_names: 7\n';
  const config = await configOf(text);
  const template = config.patterns[0]?.template;
  assert.ok(template !== undefined);
  const again = await configOf(settingsText(config, template), AGAIN);
  assert.deepEqual(again.patterns, config.patterns);
  const matched: Target = {
    ...template,
    name: 'x.db.example.com:3306',
    address: { kind: 'tcp', host: 'x.db.example.com', port: 3306 },
  };
  const lines = printed(config, matched);
  const level = 'pattern *.db.example.com:3306, targets.yml';
  assert.ok(lines.includes(`# networks: [10.0.0.0/8]  # ${level}:4`), lines.join('\n'));
  assert.ok(lines.includes(`# max_names: 7  # ${level}:5`));
  assert.ok(lines.includes('address: x.db.example.com:3306 # name'));
  const one = await configOf(settingsText(config, matched), AGAIN);
  assert.deepEqual(one.targets.get(matched.name)?.address, matched.address);
});

const LEVELS = ['defaults', 'g1', 'g2', 'target'] as const;

/** What a level may say; each value tells which one it was. */
function keysOf(level: (typeof LEVELS)[number]) {
  const n = LEVELS.indexOf(level) + 1;
  return {
    database: `of_${level}`,
    auth_module: `m${n}`,
    allow_auth_modules: [`m${n}`, 'm1'],
    user: `user_${level}`,
    password_command: ['/bin/echo', `of ${level}`],
    password_ttl: `${n}m`,
    tls: {
      mode: ['disabled', 'preferred', 'required', 'verify_ca'][n - 1],
      server_name: `${level}.example.com`,
    },
    allow_public_key_retrieval: n % 2 === 0,
    pipelining: n % 2 === 1,
    labels: { [`of_${level}`]: `own of ${level}`, shared: `$$shared ${level}` },
    query_sets: [['two'], ['one'], ['three', 'one'], ['two', 'three']][n - 1],
    params: { one: { limit: n, other: `of ${level}` } },
    queries: {
      one: { timeout: `${10 + n}ms`, max_rows: 10 + n, max_series: 10 + n },
      'one/c': { timeout: `${20 + n}ms`, min_interval: `${30 + n}s` },
    },
    max_connections: n,
    connect_timeout: `${40 + n}ms`,
    max_load: `${6 + n}%`,
    scrape_interval: `${50 + n}s`,
    session: { shared: n, [`of_${level}`]: 60 + n },
    enabled: n % 2 === 0,
  };
}
type Keys = Partial<ReturnType<typeof keysOf>>;

/** Some of the keys of a level, and of the keys of its maps. */
const levelOf = (level: (typeof LEVELS)[number]): fc.Arbitrary<Keys> => {
  const pick = (map: object): fc.Arbitrary<object> =>
    fc
      .subarray(Object.entries(map))
      .chain((entries) =>
        fc.tuple(
          ...entries.map(([key, value]: [string, unknown]) =>
            (typeof value === 'object' && value !== null && !Array.isArray(value)
              ? pick(value)
              : fc.constant(value)
            ).map((part) => [key, part] as const),
          ),
        ),
      )
      .map((entries) => Object.fromEntries(entries));
  return pick(keysOf(level)).map((picked) => {
    const keys = picked as Keys;
    if (keys.password_command === undefined) delete keys.password_ttl;
    return keys;
  });
};

const DSN = 'tcp(of.dsn)/of_dsn?timeout=71ms&readTimeout=72ms&shared=73&of_dsn=74&tls=true';

const files = fc.record({
  defaults: levelOf('defaults'),
  g1: levelOf('g1'),
  g2: levelOf('g2'),
  target: levelOf('target'),
  groups: fc.subarray(['g1', 'g2']),
  inDefaults: fc.boolean(),
  hasDsn: fc.boolean(),
});

test('whatever the levels say, what is printed is the same target, and each line stands where it says', async () => {
  await fc.assert(
    fc.asyncProperty(files, async ({ defaults, g1, g2, groups, hasDsn, inDefaults, target }) => {
      const where = hasDsn ? { dsn: DSN } : { address: 'of.target:3306' };
      const modules = Object.fromEntries(
        LEVELS.map((_, i) => [
          `m${i + 1}`,
          { user: `mu${i + 1}`, password_command: ['/bin/echo', `${i + 1}`] },
        ]),
      );
      const text = stringify({
        query_files: ['q.yml'],
        defaults: {
          user: 'user_at_last',
          query_sets: ['two'],
          ...defaults,
          ...(inDefaults ? { groups } : {}),
        },
        auth_modules: modules,
        groups: { g1, g2 },
        targets: { a: { ...target, ...where, ...(inDefaults ? {} : { groups }) } },
      });
      const config = await configOf(text);
      const a = targetOf(config);
      const again = await configOf(settingsText(config, a), AGAIN);
      assert.deepEqual(targetOf(again), a);
      const lines = text.split('\n');
      for (const { line, path, value } of placesIn(settingsOfTarget(config, a))) {
        const said = lines[line - 1] ?? '';
        const isIt =
          said.includes('dsn:') || said.trim().startsWith(`${path.at(-1)}:`) || said.trim() === `- ${value}`;
        assert.ok(
          isIt && saysIt(said, value),
          `${path.join('.')}: ${value} is not at line ${line}: ${said}\n${text}`,
        );
      }
    }),
    { numRuns: 150, includeErrorInReport: true },
  );
});

interface Placed {
  readonly path: readonly string[];
  readonly value: string;
  readonly line: number;
}

function placesIn(settings: readonly Setting[], path: readonly string[] = []): readonly Placed[] {
  return settings.flatMap((one) => {
    const here = [...path, one.key];
    if ('settings' in one) return placesIn(one.settings, here);
    const values = 'entries' in one ? one.entries : 'value' in one ? [one] : [];
    return values.flatMap(({ origin, value }) =>
      origin?.place === undefined ? [] : [{ path: here, value: String(value), line: origin.place.line }],
    );
  });
}

/** A list stands below its key; what a DSN says stands in it in other words. */
function saysIt(line: string, value: string): boolean {
  if (line.includes('dsn:'))
    return ['of_dsn', 'of.dsn:3306', '71ms', '72ms', '73', '74', 'verify_identity'].includes(value);
  if (line.trim() === 'password_command:') return value.startsWith('/bin/echo');
  return line.replaceAll(/["']/g, '').replace('$$', '$').endsWith(` ${value}`);
}
