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
  'targets.yml': 'query_files: [q.yml]\ntargets: {t: {address: h, user: u, query_sets: [a]}}\n',
};

const cases: readonly (readonly [args: readonly string[], code: number, stdout: string, stderr?: string])[] =
  [
    [['q.yml'], 0, 'q.yml: 2 query sets, no errors, no warnings\n'],
    [['--config.file=q.yml'], 0, 'q.yml: 2 query sets, no errors, no warnings\n'],
    [['q.yml', '--format=json'], 0, '[]\n'],
    [
      ['bad.yml'],
      1,
      'bad.yml:3:95: error: unknown key "tyype"; did you mean "type"?\nbad.yml: 1 error, no warnings\n',
    ],
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
  ];
for (const [args, code, stdout, stderr = ''] of cases)
  test(`check ${args.join(' ')}`, async () =>
    assert.deepEqual(await runCommand(FILES, 'check', ...args), { code, stdout, stderr }));
