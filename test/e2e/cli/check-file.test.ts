/** `check FILE` of what is no configuration: a query file, or a file to convert. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../../support/exporter.ts';

const set = (name: string, keys = '') =>
  `  ${name}: {metrics: {${name}_size: {query: SELECT 1 AS v, type: gauge, description: D, value: v${keys}}}}\n`;
const FILES = {
  'q.yml': `query_sets:\n${set('a')}${set('other')}`,
  'bad.yml': `query_sets:\n${set('a')}${set('other', ', tyype: x')}`,
  'one.collector.yml':
    'collector_name: one\nmetrics: [{metric_name: m, type: gauge, help: H, values: [v], query: SELECT 1 AS v}]\n',
  '.my.cnf': '[client]\nuser = me\npassword = hunter2\n',
  'web.yml': 'rate_limit: {interval: 1s, burst: 9}\nrate_limits: {}\n',
  'other.yml': 'query_files: [q.yml]\ntargets: {u: {address: h, user: u, query_sets: [a]}}\n',
  'broken.yml': 'targets: {t: {user: u}}\n',
  'targets.yml': 'query_files: [q.yml]\ntargets: {t: {address: h, user: u, query_sets: [a]}}\n',
};

const BAD = 'bad.yml:3:95: error: unknown key "tyype"; did you mean "type"?';
const WEB = 'web.yml:2:1: error: unknown key "rate_limits"; did you mean "rate_limit"?';
const BROKEN =
  'broken.yml:1:11: error: the target "t" has neither dsn nor address: add one, such as address: "10.0.0.11:3306"\n';

const cases: readonly (readonly [args: readonly string[], code: number, stdout: string, stderr?: string])[] =
  [
    [['q.yml'], 0, 'q.yml: 2 query sets, no errors, no warnings\n'],
    [['--config.file=q.yml'], 0, 'q.yml: 2 query sets, no errors, no warnings\n'],
    [['q.yml', '--format=json'], 0, '[]\n'],
    [['bad.yml'], 1, `${BAD}\nbad.yml: 1 error, no warnings\n`],
    [
      ['q.yml', '--target=t'],
      2,
      'q.yml: 2 query sets, no errors, no warnings\n',
      'q.yml has no targets: name a file that has, and the target "t"\n',
    ],
    [
      ['one.collector.yml'],
      1,
      'one.collector.yml:1:1: error: this is a file of sql_exporter: mysql-query-exporter convert one.collector.yml\none.collector.yml: 1 error, no warnings\n',
    ],
    [
      ['.my.cnf'],
      1,
      '.my.cnf:1:1: error: this is an option file of MySQL, such as .my.cnf: mysql-query-exporter convert .my.cnf\n.my.cnf: 1 error, no warnings\n',
    ],
    [['targets.yml'], 0, 'targets.yml: 1 target, 2 query sets, no errors, no warnings\n'],
    [
      ['targets.yml', 'bad.yml', '.my.cnf', 'web.yml', 'q.yml', 'bad.yml'],
      1,
      `targets.yml: 1 target, 2 query sets, no errors, no warnings
${BAD}
bad.yml: 1 error, no warnings
.my.cnf:1:1: error: this is an option file of MySQL, such as .my.cnf: mysql-query-exporter convert .my.cnf
.my.cnf: 1 error, no warnings
${WEB}
web.yml: 1 error, no warnings
q.yml: 2 query sets, no errors, no warnings
5 files: 3 errors, no warnings
`,
    ],
    [
      ['q.yml', '--web.config.file=web.yml'],
      1,
      `${WEB}\nweb.yml: 1 error, no warnings\nq.yml: 2 query sets, no errors, no warnings\n2 files: 1 error, no warnings\n`,
    ],
    [
      ['q.yml', 'bad.yml', '--config.file=targets.yml'],
      2,
      '',
      'error: both q.yml and targets.yml: check one of them\n(--help tells what there is)\n',
    ],
    [
      ['q.yml', 'bad.yml', '--config=targets.yml'],
      2,
      '',
      'error: several files, and another by its flag: name all files without flags\n(--help tells what there is)\n',
    ],
    [
      ['targets.yml', 'other.yml', '--all-targets', '--format=json'],
      2,
      '',
      'targets.yml, other.yml all have targets: name one of them, and --all-targets\n',
    ],
    [
      ['q.yml', 'bad.yml', '--target=t', '--format=json', '--log.format=logfmt'],
      2,
      '',
      `${BAD}\nq.yml, bad.yml have no targets: name a file that has, and the target "t"\n`,
    ],
    [['broken.yml', '--all-targets', '--format=json'], 1, '[]\n', BROKEN],
    [['--web.config.file=web.yml'], 1, `${WEB}\nweb.yml: 1 error, no warnings\n`],
  ];
for (const [args, code, stdout, stderr = ''] of cases)
  test(`check ${args.join(' ')}`, async () =>
    assert.deepEqual(await runCommand(FILES, 'check', ...args), { code, stdout, stderr }));

test('several files as JSON: one array, in which each finding is once', async () => {
  const args = ['check', 'uses.yml', 'bad.yml', 'web.yml', '--format=json'];
  const uses = 'query_files: [bad.yml]\ntargets: {t: {address: h, user: u, query_sets: [a]}}\n';
  const { code, stdout } = await runCommand({ ...FILES, 'uses.yml': uses }, ...args);
  assert.equal(code, 1);
  assert.deepEqual(
    (JSON.parse(stdout) as { file: string; message: string }[]).map(({ file, message }) => [file, message]),
    [
      ['bad.yml', 'unknown key "tyype"; did you mean "type"?'],
      ['web.yml', 'unknown key "rate_limits"; did you mean "rate_limit"?'],
    ],
  );
});
