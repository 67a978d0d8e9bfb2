/**
 * The comparison itself, on texts: what it calls missing or different, and what it lets pass.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { compareRounds } from './compare.ts';
import { readFamilies } from './exposition.ts';
import type { ServerName } from './servers.ts';

const gauge = (name: string, ...lines: readonly string[]) =>
  [`# HELP ${name} Help.`, `# TYPE ${name} gauge`, ...lines, ''].join('\n');

const success = (value: 0 | 1) => {
  const name = 'mysql_exporter_collector_success';
  return gauge(name, `${name}{collector="collect.x"} ${value}`);
};

/** Before, ours, after; the differences as `kind what`. */
function differences(
  rounds: readonly (readonly [string, string, string])[],
  server: ServerName = 'mariadb-primary',
): readonly string[] {
  const read = rounds.map(([before, ours, after]) => ({
    before: readFamilies(before),
    ours: readFamilies(ours),
    after: readFamilies(after),
  }));
  return compareRounds(read, { server, isMeant: () => true }).differences.map(
    ({ kind, family, series, allowed }) =>
      `${kind} ${series || family}${allowed === undefined ? '' : ' allowed'}`,
  );
}

const same = gauge('a', 'a{x="1",y="2"} 5');

const cases: readonly {
  readonly name: string;
  readonly rounds: readonly (readonly [string, string, string])[];
  readonly found: readonly string[];
}[] = [
  { name: 'the same', rounds: [[same, same, same]], found: [] },
  {
    name: 'labels in another order are the same series',
    rounds: [[same, gauge('a', 'a{y="2",x="1"} 5.0'), same]],
    found: [],
  },
  { name: 'a missing family', rounds: [[same, '', same]], found: ['family_missing a'] },
  {
    name: 'another type',
    rounds: [[same, same.replace('gauge', 'counter'), same]],
    found: ['type a'],
  },
  {
    name: 'another label name, and not each of its series once more',
    rounds: [[same, gauge('a', 'a{x="1",z="2"} 5'), same]],
    found: ['label_names a'],
  },
  {
    name: 'a missing and an additional series',
    rounds: [[same, gauge('a', 'a{x="1",y="3"} 5'), same]],
    found: ['series_missing a{x="1",y="2"}', 'series_extra a{x="1",y="3"}'],
  },
  {
    name: 'a series that mysqld_exporter has only once is nobody’s fault',
    rounds: [[gauge('a', 'a{x="1"} 1', 'a{x="2"} 2'), gauge('a', 'a{x="1"} 1'), gauge('a', 'a{x="1"} 1')]],
    found: [],
  },
  {
    name: 'a value that holds still is compared as a double',
    rounds: [[gauge('a', 'a 0.1'), gauge('a', 'a 0.10000000000000002'), gauge('a', 'a 0.1')]],
    found: ['value a'],
  },
  {
    name: 'a value that moves has ours between',
    rounds: [[gauge('a', 'a 1'), gauge('a', 'a 2'), gauge('a', 'a 3')]],
    found: [],
  },
  {
    name: 'a value that moves, in another unit',
    rounds: [[gauge('a', 'a 1'), gauge('a', 'a 2000'), gauge('a', 'a 3')]],
    found: ['range a'],
  },
  {
    name: 'what differs in one round and not in the next',
    rounds: [
      [gauge('a', 'a 1'), gauge('a', 'a 2'), gauge('a', 'a 1')],
      [gauge('a', 'a 1'), gauge('a', 'a 1'), gauge('a', 'a 1')],
    ],
    found: [],
  },
  {
    name: 'a family of ours alone',
    rounds: [[same, same + gauge('b', 'b 1'), same]],
    found: ['family_extra b'],
  },
  {
    name: 'allowed deviations',
    rounds: [
      [
        gauge('mysql_global_status_a', 'mysql_global_status_a NaN') + success(0),
        success(1),
        gauge('mysql_global_status_a', 'mysql_global_status_a NaN') + success(0),
      ],
    ],
    found: [
      'family_missing mysql_global_status_a allowed',
      'value mysql_exporter_collector_success{collector="collect.x"} allowed',
    ],
  },
];

for (const { name, rounds, found } of cases) {
  test(name, () => assert.deepEqual(differences(rounds), found));
}

test('threads of MySQL itself, on MySQL alone', () => {
  const threads = (host: string, state: string) =>
    gauge(
      'mysql_info_schema_processlist_processes_by_host',
      `mysql_info_schema_processlist_processes_by_host{client_host="${host}"} 2`,
      `mysql_info_schema_processlist_processes_by_host{client_host="10.0.0.1"} ${state === 'a' ? 1 : 2}`,
    ) +
    gauge(
      'mysql_info_schema_processlist_threads',
      `mysql_info_schema_processlist_threads{command="connect",state="${state}"} 1`,
    );
  const theirs = threads('unknown', 'a');
  const ours = threads('unknown', 'b').replace('"unknown"} 2', '"unknown"} 1');
  const found = [
    'value mysql_info_schema_processlist_processes_by_host{client_host="unknown"}',
    'value mysql_info_schema_processlist_processes_by_host{client_host="10.0.0.1"}',
    'series_missing mysql_info_schema_processlist_threads{command="connect",state="a"}',
    'series_extra mysql_info_schema_processlist_threads{command="connect",state="b"}',
  ];
  assert.deepEqual(differences([[theirs, ours, theirs]], 'mariadb-primary'), found);
  assert.deepEqual(
    differences([[theirs, ours, theirs]], 'mysql-primary'),
    found.map((line) => (line.includes('10.0.0.1') ? line : `${line} allowed`)),
  );
});

test('the lines of a histogram and of a summary are one family each', () => {
  const text = [
    '# HELP h Help.',
    '# TYPE h histogram',
    'h_bucket{le="1"} 1',
    'h_bucket{le="+Inf"} 2',
    'h_sum 3',
    'h_count 2',
    '# HELP s Help.',
    '# TYPE s summary',
    's{x="1",quantile="95"} 1',
    's_sum{x="1"} 1',
    's_count{x="1"} 1',
    '',
  ].join('\n');
  const families = readFamilies(text);
  assert.deepEqual(
    [...families.values()].map(({ name, type, labelNames, series }) => [
      name,
      type,
      [...labelNames],
      series.size,
    ]),
    [
      ['h', 'histogram', [''], 4],
      ['s', 'summary', ['x'], 3],
    ],
  );
});
