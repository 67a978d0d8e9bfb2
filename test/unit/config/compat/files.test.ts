/** The files of query-exporter and query-exporter-simple: what they become, and what is said about wrong ones. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { type ConfigFiles, loadConfig } from '../../../../src/config/load.ts';
import { formatDiagnostic } from '../../../../src/diagnostics/diagnostic.ts';
import type { Config } from '../../../../src/model/config.ts';
import { YAML_STRUCTURE } from '../yaml/pieces.ts';

const DATABASES = 'blue: {a: {type: mysql, dsn: "u:p@tcp(h1)/"}, b: {type: mysql, dsn: "u:p@tcp(h2)/"}}\n';
const METRICS = `accounts:
  targets: [blue]
  collects:
    - query: SELECT user AS who, 1 AS cnt
      metrics:
        open:
          type: gauge
          description: Open
          labels: [who]
          value: cnt
`;
const SIMPLE = `dsn: u:p@tcp(h)/
metrics:
  open:
    query: SELECT user AS who, 1 AS cnt
    type: gauge
    description: Open
    labels: [who]
    value: cnt
`;

interface Loaded {
  readonly config: Config | undefined;
  readonly lines: readonly string[];
}

async function loadFiles(
  texts: Readonly<Record<string, string>>,
  files: (path: (name: string) => string) => ConfigFiles,
): Promise<Loaded> {
  const folder = mkdtempSync(join(tmpdir(), 'compat-'));
  try {
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
    const loaded = await loadConfig(
      files((name) => join(folder, name)),
      {},
    );
    const diagnostics = loaded.ok ? loaded.warnings : loaded.diagnostics;
    const lines = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic).replaceAll(`${folder}/`, ''));
    return { config: loaded.ok ? loaded.config : undefined, lines };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const loadSimple = (text: string) =>
  loadFiles({ 'c.yml': text }, (path) => ({ kind: 'simple', file: path('c.yml') }));

const loadBoth = (databases: string, metrics: string) =>
  loadFiles({ 'd.yml': databases, 'm.yml': metrics }, (path) => ({
    kind: 'query_exporter',
    databases: path('d.yml'),
    metrics: path('m.yml'),
  }));

/** What is fixed about these files, of all that a Config says. */
function essence({ targets, querySets, scrapes, metricsTarget }: Config) {
  return {
    targets: [...targets.values()].map(({ name, address, groups, querySets, queryTimeoutMs }) => ({
      name,
      host: address.kind === 'tcp' ? address.host : address.path,
      groups,
      querySets,
      queryTimeoutMs,
    })),
    families: [...querySets.values()].map(({ name, queries }) => ({
      name,
      queries: queries.map(({ name, sql, timeoutMs, metrics }) => ({
        name,
        sql,
        timeoutMs,
        metrics: metrics.map(({ family, type, help, labels, value }) => ({
          family,
          type,
          help,
          labels,
          value,
        })),
      })),
    })),
    scrapes: [...scrapes],
    metricsTarget,
  };
}

test("query-exporter's files: a set and a scrape per path, a target per instance", async () => {
  const { config, lines } = await loadBoth(
    `${DATABASES}green: {a: {type: mysql, dsn: "u:p@tcp(h1)/"}}\nunused: {z: {type: MySQL, dsn: "@/"}}\n`,
    METRICS.replace('[blue]', '[blue, green]'),
  );
  assert.deepEqual(lines, []);
  assert.ok(config !== undefined);
  const target = { querySets: ['accounts'], queryTimeoutMs: 5000 };
  const { families, ...rest } = essence(config);
  assert.deepEqual(rest, {
    targets: [
      { name: 'a', host: 'h1', groups: ['blue', 'green'], ...target },
      { name: 'b', host: 'h2', groups: ['blue'], ...target },
    ],
    scrapes: [
      [
        'accounts',
        {
          name: 'accounts',
          members: [
            { instance: 'a', target: 'a' },
            { instance: 'b', target: 'b' },
          ],
          querySets: ['accounts'],
        },
      ],
    ],
    metricsTarget: undefined,
  });
  assert.equal(families.length, 1);
  const [query] = families[0]?.queries ?? [];
  assert.equal(families[0]?.name, 'accounts');
  assert.equal(query?.name, 'open');
  assert.equal(query?.sql, 'SELECT user AS who, 1 AS cnt');
  assert.equal(query?.timeoutMs, 1000);
  const [metric] = query?.metrics ?? [];
  assert.equal(metric?.family, 'query_exporter_open');
  assert.equal(metric?.type, 'gauge');
  assert.equal(metric?.help, 'Open');
});

test("query-exporter-simple's file: one set, one target, asked by /metrics", async () => {
  const { config, lines } = await loadSimple(SIMPLE);
  assert.deepEqual(lines, []);
  assert.ok(config !== undefined);
  const { families, ...rest } = essence(config);
  assert.deepEqual(rest, {
    targets: [{ name: 'default', host: 'h', groups: [], querySets: ['metrics'], queryTimeoutMs: 5000 }],
    scrapes: [],
    metricsTarget: 'default',
  });
  assert.deepEqual(
    families.flatMap(({ name, queries }) => queries.map((query) => [name, query.name, query.timeoutMs])),
    [['metrics', 'open', undefined]],
  );
});

test('a file of that shape is recognised without its flag, one of ours is not', async () => {
  const load = (text: string) => loadFiles({ 'c.yml': text }, (path) => path('c.yml'));
  assert.equal((await load(SIMPLE)).config?.metricsTarget, 'default');
  assert.equal((await load(SIMPLE.replace('dsn', 'DSN'))).config?.metricsTarget, 'default');
  assert.equal(
    (await load(SIMPLE.replace('u:p@', 'u:$$pa${x}@'))).config?.metricsTarget,
    'default',
    'no variables in it',
  );
  assert.deepEqual((await load('dsn: u@/\nmetric: {}\n')).lines.slice(0, 1), [
    'c.yml:1:1: error: missing key "targets"',
  ]);
});

const PAIR_NAMES = { database: 'config-database.yml', metrics: 'config-metrics.yml' } as const;
for (const [part, text, other, otherText] of [
  ['database', DATABASES, 'metrics', METRICS],
  ['metrics', METRICS, 'database', DATABASES],
] as const) {
  test(`query-exporter's ${part} file alone: the other one lies beside it`, async () => {
    const { config, lines } = await loadFiles({ 'c.yml': text, [PAIR_NAMES[other]]: otherText }, (path) =>
      path('c.yml'),
    );
    assert.deepEqual(lines, []);
    assert.deepEqual([...(config?.targets.keys() ?? [])], ['a', 'b']);
    assert.deepEqual([...(config?.scrapes.keys() ?? [])], ['accounts']);
  });

  test(`query-exporter's ${part} file alone, and no other one`, async () => {
    const { lines } = await loadFiles({ 'c.yml': text }, (path) => path('c.yml'));
    assert.deepEqual(lines, [
      `c.yml:1:1: error: this is the ${part} file of query-exporter; its ${other} file was looked for at ` +
        `${PAIR_NAMES[other]}, but the file does not exist: name it with --config-${other}`,
    ]);
  });

  const load = (texts: Readonly<Record<string, string>>, named: 'database' | 'metrics') =>
    loadFiles(texts, (path) => ({
      kind: 'pair',
      file: path('c.yml'),
      named: { part: named, file: path('o.yml') },
    }));

  test(`query-exporter's ${part} file with --config-${other}`, async () => {
    const beside = { [PAIR_NAMES[other]]: 'x: 5\n' };
    const { config, lines } = await load({ 'c.yml': text, 'o.yml': otherText, ...beside }, other);
    assert.deepEqual(lines, []);
    assert.deepEqual([...(config?.querySets.keys() ?? [])], ['accounts']);
  });

  test(`query-exporter's ${part} file with --config-${part}, or with one that is not there`, async () => {
    assert.deepEqual((await load({ 'c.yml': text, 'o.yml': text }, part)).lines, [
      `c.yml:1:1: error: this is the ${part} file of query-exporter, and --config-${part} names another one: ` +
        `keep one of them, and name the ${other} file with --config-${other}`,
    ]);
    assert.deepEqual((await load({ 'c.yml': text }, other)).lines, [
      'o.yml:1:1: error: the file does not exist',
    ]);
    assert.deepEqual((await load({ 'c.yml': '', 'o.yml': text }, part)).lines, [
      'c.yml:1:1: error: the file is empty',
    ]);
  });

  test(`--config-${part} with a file that is none of query-exporter's`, async () => {
    for (const wrong of [SIMPLE, 'targets: {a: {address: h, user: u}}\n', 'collects: {a: {collects: {}}}\n'])
      assert.deepEqual((await load({ 'c.yml': wrong, 'o.yml': text }, part)).lines, [
        `c.yml:1:1: error: this is not the ${other} file of query-exporter, which belongs to --config-${part}`,
      ]);
  });
}

test('a file of query-exporter with a mistake is still recognised', async () => {
  const beside = { 'config-metrics.yml': METRICS, 'config-database.yml': DATABASES };
  const load = async (text: string) =>
    (await loadFiles({ 'c.yml': text, ...beside }, (path) => path('c.yml'))).lines;
  assert.deepEqual(await load(DATABASES.replace('type: mysql, ', '')), [
    'c.yml:1:8: error: there is no type: add type: mysql',
  ]);
  assert.deepEqual(await load(`${METRICS}other: {targets: [blue]}\n`), [
    'c.yml:11:1: error: the path "other" has no query: add one below collects',
  ]);
});

test('targets.yml or a database file: said when it may be both, and our keys make it ours', async () => {
  const ours =
    'query_sets: {global_status: {metrics: {one: {query: SELECT 1 AS v, type: gauge, description: D, value: v}}}}';
  const load = async (text: string) =>
    (await loadFiles({ 'c.yml': text, 'q.yml': ours }, (path) => path('c.yml'))).lines;
  assert.deepEqual(await load('targets:\n  a: {type: mysql, dsn: u:p@/}\n'), [
    'c.yml:1:1: error: this may be a targets.yml, in which a target has no key "type", or the database file of ' +
      'query-exporter: remove type, or name both files of query-exporter with --config-database and --config-metrics',
  ]);
  assert.deepEqual(
    await load('defaults: {user: u}\ntargets:\n  a: {type: mysql, dsn: u:p@/}\nquery_files: [q.yml]\n'),
    [
      'c.yml:3:7: error: unknown key "type"; valid keys are ' +
        (await load('targets: {a: {typ: mysql, dsn: u:p@/}}\nquery_files: [q.yml]\n'))[0]?.replace(
          /.*valid keys are /,
          '',
        ),
    ],
  );
  assert.deepEqual(
    await load('targets: {collects: {address: h, user: u}}\nquery_files: [q.yml]\n'),
    [],
    'a target of that name',
  );
});

/** Column and label names as they come out of YAML 1.1. */
const YAML_1_1: [written: string, read: string][] = [
  ['n', 'false'],
  ['y', 'true'],
  ['yes', 'true'],
  ['on', 'true'],
  ['Off', 'false'],
  ['"n"', 'n'],
  ['5', '5'],
  ['1_000', '1000'],
  ['2020-01-01', '2020-01-01'],
];
for (const [written, read] of YAML_1_1)
  test(`value: ${written} asks for the column ${read}`, async () => {
    const { config, lines } = await loadSimple(SIMPLE.replace('value: cnt', `value: ${written}`));
    assert.deepEqual(
      lines,
      /^(?:true|false)$/.test(read)
        ? [
            `c.yml:8:12: warning: value: without quotes this is the word "${read}"; put quotes around another one`,
          ]
        : [],
    );
    const { value } = config?.querySets.get('metrics')?.queries[0]?.metrics[0] ?? {};
    assert.ok(inspect(value, { depth: 9 }).includes(`'${read}'`), inspect(value));
  });

const READ: [name: string, text: string, warnings: string[]][] = [
  [
    'keys in any case',
    SIMPLE.replace('dsn', 'Dsn').replace('query:', 'QUERY:').replace('type: gauge', 'Type: GAUGE'),
    [],
  ],
  ['no description', SIMPLE.replace('    description: Open\n', ''), []],
  [
    'JSON',
    '{"dsn": "u@/", "metrics": {"m": {"query": "SELECT 1 AS n", "type": "gauge", "value": "cnt"}}}',
    [],
  ],
  [
    'an unknown key',
    SIMPLE.replace('    value:', '    valeu: x\n    value:'),
    ['c.yml:8:5: warning: unknown key "valeu", ignored; did you mean "value"?'],
  ],
  [
    'a repeated key',
    SIMPLE.replace('    value:', '    value: x\n    value:'),
    ['c.yml:9:5: warning: duplicate key "value": this one counts, those before it do not'],
  ],
  [
    'an option without meaning',
    SIMPLE.replace('(h)/', '(h)/?parseTime=true'),
    ['c.yml:1:6: warning: dsn: the DSN option parseTime has no meaning here, ignored'],
  ],
  [
    'a merge key',
    SIMPLE.replace('open:', 'open: &o').replace(
      '    value: cnt\n',
      '    value: cnt\n  other: {<<: *o, value: cnt}\n',
    ),
    [],
  ],
];
for (const [name, text, warnings] of READ)
  test(`query-exporter-simple: ${name}`, async () => {
    const { config, lines } = await loadSimple(text);
    assert.deepEqual(lines, warnings);
    assert.ok(config !== undefined);
  });

const credentialsOf = ({ config }: Loaded, target: string) => {
  const { user, password } = config?.targets.get(target)?.credentials ?? {};
  return [user, password?.kind === 'text' ? password.secret.reveal() : password?.kind];
};

test('user and pass beside a DSN without a login are the login, as in early versions of query-exporter', async () => {
  const loaded = await loadBoth(
    'blue:\n  a: {type: mysql, dsn: tcp(h1)/db, user: mon, pass: "p@:/%40"}\n' +
      '  b: {type: mysql, dsn: "tcp(h2)/", User: mon}\n' +
      '  c: {type: mysql, dsn: "mon:p@tcp(h3)/", user: mon, pass: p}\n',
    METRICS.replace('gauge', 'guage'),
  );
  assert.deepEqual(loaded.lines, ['m.yml:7:17: warning: the type guage is read as gauge: write gauge']);
  assert.deepEqual(credentialsOf(loaded, 'a'), ['mon', 'p@:/%40']);
  assert.deepEqual(credentialsOf(loaded, 'b'), ['mon', 'none']);
  assert.deepEqual(credentialsOf(loaded, 'c'), ['mon', 'p']);
  const alone = await loadSimple(SIMPLE.replace('u:p@tcp(h)/', 'tcp(h)/\nuser: mon\npass: p'));
  assert.deepEqual(alone.lines, []);
  assert.deepEqual(credentialsOf(alone, 'default'), ['mon', 'p']);
});

test('a metric without a description has an empty HELP', async () => {
  const { config } = await loadSimple(SIMPLE.replace('    description: Open\n', ''));
  assert.equal(config?.querySets.get('metrics')?.queries[0]?.metrics[0]?.help, '');
});

test('of two descriptions of one metric the first is everywhere', async () => {
  const other = METRICS.replace('accounts', 'more').replace('description: Open', 'description: Other');
  const { config, lines } = await loadBoth(DATABASES, METRICS + other);
  assert.deepEqual(lines, [
    'm.yml:18:11: warning: the metric "open" has another description before: that one is its HELP everywhere',
  ]);
  assert.equal(config?.querySets.get('more')?.queries[0]?.metrics[0]?.help, 'Open');
});

test('the timeout is in seconds, and 1 when it is not above 0', async () => {
  for (const [timeout, ms] of [
    ['3', 3000],
    ['0', 1000],
    ['-1', 1000],
    ['', 1000],
    ['2.0', 2000],
  ] as const) {
    const text = METRICS.replace('      metrics:', `      timeout: ${timeout}\n      metrics:`);
    const { config } = await loadBoth(DATABASES, text);
    assert.equal(config?.querySets.get('accounts')?.queries[0]?.timeoutMs, ms, timeout);
  }
});

test('one name for two servers: two targets, and an error only where they meet', async () => {
  const databases = DATABASES + DATABASES.replace('blue', 'green').replace('h1', 'h9');
  const path = (name: string, targets: string) =>
    METRICS.replace('accounts', name).replace('[blue]', targets).replaceAll('open:', `${name}_open:`);
  const apart = await loadBoth(databases, path('one', '[blue]') + path('two', '[green]'));
  assert.deepEqual(apart.lines, []);
  assert.deepEqual([...(apart.config?.targets.keys() ?? [])], ['blue/a', 'b', 'green/a']);
  assert.deepEqual(apart.config?.scrapes.get('two')?.members, [
    { instance: 'a', target: 'green/a' },
    { instance: 'b', target: 'b' },
  ]);
  const together = await loadBoth(databases, path('one', '[blue, green]'));
  assert.deepEqual(together.lines, [
    'm.yml:2:3: error: "blue/a" and "green/a" are different servers, and both would be the instance "a" of this path: rename one',
  ]);
});

const both = (change: (metrics: string) => string) => [DATABASES, change(METRICS)] as const;
const WRONG: [name: string, texts: readonly [databases: string, metrics: string], errors: string[]][] = [
  [
    'postgres',
    ['blue:\n  a:\n    type: postgres\n    dsn: x\n', METRICS],
    [
      'd.yml:3:11: error: the type postgres is not supported, only mysql is (MySQL and MariaDB): remove this instance',
      'm.yml:1:1: warning: the path "accounts" has no instance: nothing is asked',
    ],
  ],
  [
    'a misspelt type and no type',
    ['blue:\n  a: {type: mysq, dsn: "@/"}\n  b: {dsn: "@/"}\n', METRICS],
    [
      'd.yml:2:13: error: unknown type "mysq": only mysql is supported; did you mean "mysql"?',
      'd.yml:3:3: error: there is no type: add type: mysql',
    ],
  ],
  [
    'an instance without a body',
    ['blue:\n  a:\n', METRICS],
    [
      'd.yml:2:5: error: expected a map with type, dsn, user, pass, found nothing',
      'm.yml:1:1: warning: the path "accounts" has no instance: nothing is asked',
    ],
  ],
  [
    'a DSN that is none',
    [DATABASES.replace('(h1)/', '(h1)'), METRICS],
    [
      'd.yml:1:30: error: dsn: the DSN lacks the slash before the database: write user:password@tcp(host:3306)/database or mysql://user:password@host:3306/database',
    ],
  ],
  [
    'two logins of one instance, and a password without a user',
    [
      'blue:\n  a: {type: mysql, dsn: "u:p@tcp(h)/", user: u, pass: q}\n  b: {type: mysql, dsn: tcp(h)/, pass: q}\n',
      METRICS,
    ],
    [
      'd.yml:2:40: error: the dsn has a user of its own: remove it there, or remove user and pass',
      'd.yml:3:34: error: pass: there is no user beside it: add user',
      'm.yml:1:1: warning: the path "accounts" has no instance: nothing is asked',
    ],
  ],
  [
    'an unknown group',
    both((text) => text.replace('[blue]', '[blue, blu]')),
    ['m.yml:2:19: error: unknown group "blu"; did you mean "blue"?'],
  ],
  [
    'seconds with a unit',
    both((text) => text.replace('      metrics:', '      timeout: 1s\n      metrics:')),
    ['m.yml:5:16: error: timeout: expected whole seconds without a unit, such as 2, found text'],
  ],
  [
    'a fraction of a second',
    both((text) => text.replace('      metrics:', '      timeout: 1.5\n      metrics:')),
    [
      'm.yml:5:16: error: timeout: expected whole seconds without a unit, such as 2, found a number with a fraction',
    ],
  ],
  [
    'a bad metric name',
    both((text) => text.replace('open:', 'open-now:')),
    [
      'm.yml:6:9: error: "query_exporter_open-now" is no valid metric name: only letters, digits, _ and : and no digit at the beginning',
    ],
  ],
  [
    'a bad label name',
    both((text) => text.replace('[who]', '[who-is]')),
    [
      'm.yml:9:20: error: "who-is" is no valid label name: only letters, digits and _, neither a digit nor __ at the beginning; rename the column in the query with AS',
    ],
  ],
  [
    'a label called instance',
    both((text) => text.replace('[who]', '[who, instance]')),
    [
      'm.yml:9:25: error: the label "instance" is the name of the instance, which the exporter adds itself: remove it here, or rename the column in the query with AS',
    ],
  ],
  [
    'a label twice',
    both((text) => text.replace('[who]', '[who, who]')),
    ['m.yml:9:25: error: the label "who" stands twice in this metric'],
  ],
  [
    'an unknown type of a metric',
    both((text) => text.replace('gauge', 'gage')),
    ['m.yml:7:17: error: the type of a metric is gauge or counter, found "gage"; did you mean "gauge"?'],
  ],
  [
    'no type, no value, no query',
    both((text) =>
      text
        .replace(/ {10}type.*\n/, '')
        .replace(/ {10}value.*\n/, '')
        .replace(/query: .*/, 'query:'),
    ),
    [
      'm.yml:4:7: error: there is no query: add one',
      'm.yml:6:9: error: the metric "open" has no type: add gauge or counter',
      'm.yml:6:9: error: the metric "open" has no value: add the column to read',
    ],
  ],
  [
    'a list where text belongs',
    both((text) => text.replace('value: cnt', 'value: [n]')),
    ['m.yml:10:18: error: value: expected text, found a list'],
  ],
  [
    'a query without metrics, a path without queries',
    [DATABASES, 'p:\n  targets: [blue]\n  collects: [{query: SELECT 1}]\nq: {targets: [blue]}\n'],
    [
      'm.yml:3:14: error: this query has no metrics: add some, or remove it',
      'm.yml:4:1: error: the path "q" has no query: add one below collects',
    ],
  ],
  [
    "one of the exporter's own names",
    both((text) => text.replace('open:', 'status:')),
    [
      'm.yml:6:9: error: the metric query_exporter_status is one that the exporter itself exposes: choose another name',
    ],
  ],
  ...['probe', 'metrics', 'scrape', 'scrape/x', 'sd', 'config', '-/ready'].map(
    (path): [string, readonly [string, string], string[]] => [
      `the path ${path}`,
      both((text) => text.replace('accounts:', `${path}:`)),
      [
        `m.yml:1:1: error: the path "${path}" is one of the exporter's own (/${path.split('/', 1)[0]}): rename it`,
      ],
    ],
  ),
  ['a list of databases', ['[a]\n', METRICS], ['d.yml:1:1: error: expected a map of names, found a list']],
];
for (const [name, [databases, metrics], errors] of WRONG)
  test(`query-exporter: ${name}`, async () => {
    const { config, lines } = await loadBoth(databases, metrics);
    for (const error of errors) assert.ok(lines.includes(error), `${error}\nnot in\n${lines.join('\n')}`);
    assert.equal(config, undefined);
  });

test('query-exporter-simple: no dsn, no metrics', async () => {
  assert.deepEqual((await loadSimple('metrics: {}\n')).lines, [
    'c.yml:1:1: error: there are no metrics: add some',
    'c.yml:1:1: error: there is no dsn: add dsn: user:password@tcp(host:3306)/',
  ]);
});

test('a missing file', async () => {
  const { lines } = await loadFiles({ 'd.yml': DATABASES }, (path) => ({
    kind: 'query_exporter',
    databases: path('d.yml'),
    metrics: path('m.yml'),
  }));
  assert.deepEqual(lines, ['m.yml:1:1: error: the file does not exist']);
});

test('no secret in any diagnostic', async () => {
  const places = [
    'dsn: u:hunter2@tcp(h)\nmetrics: {}\n',
    'dsn: [u:hunter2@tcp(h)/]\nmetrics: {}\n',
    'dsn: u:hunter2@tcp(h)/?allowAllFiles=true\nmetrics: {}\n',
    '{dsn: u@/, "dsn:u:hunter2@tcp(h)/": 1, metrics: {}}\n',
    'dsn: u@/\nmetrics: u:hunter2@tcp(h)/\n',
  ];
  for (const text of places) {
    const { lines } = await loadSimple(text);
    assert.ok(lines.length > 0 && !lines.join().includes('hunter2'), lines.join('\n'));
  }
  const { lines } = await loadBoth('blue:\n  a: "u:hunter2@tcp(h)/"\n', METRICS);
  assert.ok(lines.length > 0 && !lines.join().includes('hunter2'), lines.join('\n'));
});

const WORDS = [
  'dsn',
  'metrics',
  'targets',
  'collects',
  'query',
  'type',
  'labels',
  'value',
  'timeout',
  'mysql',
];

test('no text makes the readers throw', async () => {
  const piece = fc.constantFrom(
    ...WORDS,
    ...YAML_STRUCTURE,
    ', ',
    '5',
    '"u:p@/"',
    '<<: ',
    '&a ',
    '*a',
    '!!set ',
    '!!binary ',
    '2020-01-01',
    'y',
    '~',
  );
  const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
  await fc.assert(
    fc.asyncProperty(text, text, async (one, other) => {
      assert.equal(typeof (await loadSimple(one)).lines.length, 'number');
      assert.equal(typeof (await loadBoth(one, other)).lines.length, 'number');
    }),
    { numRuns: 200 },
  );
});

test('no JSON of the right shape makes the readers throw', async () => {
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom('a', 'u@/', 'mysql', 'gauge', 'SELECT 1', 5, -1, 1.5, true, null),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...WORDS, 'a', 'constructor', 'toString', 'instance'), tie('tree'), {
        maxKeys: 5,
      }),
    ),
  }));
  await fc.assert(
    fc.asyncProperty(tree, tree, async (one, other) => {
      assert.equal(typeof (await loadSimple(JSON.stringify(one))).lines.length, 'number');
      assert.equal(
        typeof (await loadBoth(JSON.stringify({ a: one }), JSON.stringify({ a: other }))).lines.length,
        'number',
      );
    }),
    { numRuns: 200 },
  );
});
