/**
 * The shipped sets about the performance schema and the accounts, on rows of servers that `npm run parity` does not
 * have: which server is asked what, and what its rows become.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ServerFacts } from '../../src/model/facts.ts';
import { compileQuerySets } from '../../src/query-set/compile.ts';
import type { CompiledQuery, Rows } from '../../src/query-set/compiled.ts';
import { bindParams } from '../../src/query-set/params.ts';
import { load } from '../support/config-folder.ts';
import { sinkOf } from '../support/sink.ts';

const QUERIES = fileURLToPath(new URL('../../queries', import.meta.url));

const SETS = {
  'mysql.user': 'limits',
  'perf_schema.eventsstatements': 'digests',
  'perf_schema.eventsstatementssum': 'sums',
  'perf_schema.eventswaits': 'events',
  'perf_schema.file_events': 'events',
  'perf_schema.file_instances': 'files',
  'perf_schema.indexiowaits': 'indexes',
  'perf_schema.memory_events': 'events',
  'perf_schema.replication_applier_status_by_worker': 'workers',
  'perf_schema.replication_group_member_stats': 'member',
  'perf_schema.replication_group_members': 'members',
  'perf_schema.tableiowaits': 'tables',
  'perf_schema.tablelocks': 'tables',
  'sys.user_summary': 'users',
} as const;

type SetName = keyof typeof SETS;
const NAMES = Object.keys(SETS) as SetName[];

const { lines, result } = await load({
  'targets.yml': JSON.stringify({
    query_files: NAMES.map((name) => `${QUERIES}/${name}.yml`),
    targets: { a: { address: 'h', user: 'u', query_sets: NAMES } },
  }),
});
assert.ok(result.ok, lines.join('\n'));
const compiled = compileQuerySets(result.config.querySets.values());

test('the files are loaded without a word', () => assert.deepEqual(lines, []));

function find(set: SetName, query: string = SETS[set]): CompiledQuery {
  const found = compiled.get(set)?.queries.find(({ name }) => name === query);
  assert.ok(found !== undefined);
  return found;
}

/** The samples as Prometheus gets them, without HELP and TYPE. */
function samplesOf({ map }: Pick<CompiledQuery, 'map'>, rows: Rows): string[] {
  const samples: string[] = [];
  const failure = map(
    rows,
    sinkOf(({ name }, labels, value, suffix) =>
      samples.push(`${name}${suffix ?? ''}${labels === '' ? '' : `{${labels}}`} ${value}`),
    ),
  );
  assert.equal(failure, undefined);
  return samples;
}

/** One row by the names of its columns. */
function row(cells: Readonly<Record<string, string | null>>): Rows {
  return { columns: Object.keys(cells), rows: [Object.values(cells)] };
}

const facts = (
  flavour: ServerFacts['flavour'],
  version: ServerFacts['version'],
  performanceSchema = 'ON',
): ServerFacts => ({
  flavour,
  version,
  variables: new Map([['performance_schema', performanceSchema]]),
  tables: new Set(),
  columns: new Set(),
  roles: new Set(),
});

/** What is asked of a server that has all tables and columns that the query names. */
function chosenFor({ conditions }: CompiledQuery, server: ServerFacts) {
  const { columns = [], tables = [] } = conditions?.wanted ?? {};
  const lower = (names: readonly string[]) => new Set(names.map((name) => name.toLowerCase()));
  return conditions?.choose({ ...server, tables: lower(tables), columns: lower(columns) });
}

/** Why a query is not asked; undefined when it is. */
function skipped(query: CompiledQuery, server: ServerFacts): string | undefined {
  const chosen = chosenFor(query, server);
  return chosen !== undefined && 'reason' in chosen ? chosen.reason : undefined;
}

const REPLICATION: readonly SetName[] = [
  'perf_schema.replication_applier_status_by_worker',
  'perf_schema.replication_group_member_stats',
  'perf_schema.replication_group_members',
];
const WITHOUT_SCHEMA = NAMES.filter((name) => name !== 'mysql.user' && !REPLICATION.includes(name));

const because = (reason: string, names: readonly SetName[]) =>
  Object.fromEntries(names.map((name) => [name, reason]));

const servers: readonly (readonly [string, ServerFacts, Readonly<Record<string, string>>])[] = [
  ['MySQL 9.7', facts('mysql', [9, 7, 4]), {}],
  [
    'MySQL 5.7',
    facts('mysql', [5, 7, 44]),
    because('version', ['perf_schema.replication_applier_status_by_worker']),
  ],
  [
    'MySQL 5.6',
    facts('mysql', [5, 6, 51]),
    because('version', [...REPLICATION, 'perf_schema.memory_events', 'sys.user_summary']),
  ],
  [
    'MySQL without the performance schema',
    facts('mysql', [8, 4, 0], 'OFF'),
    because('variable', WITHOUT_SCHEMA),
  ],
  ['MariaDB 11.8', facts('mariadb', [11, 8, 2]), because('flavour', REPLICATION)],
  [
    'MariaDB 10.4',
    facts('mariadb', [10, 4, 34]),
    {
      ...because('flavour', REPLICATION),
      ...because('version', ['perf_schema.memory_events', 'sys.user_summary']),
    },
  ],
  [
    'MariaDB without the performance schema',
    facts('mariadb', [10, 11, 18], 'OFF'),
    { ...because('flavour', REPLICATION), ...because('variable', WITHOUT_SCHEMA) },
  ],
];

for (const [name, server, expected] of servers) {
  test(`what is not asked of ${name}`, () => {
    const reasons = NAMES.map((set) => [set, skipped(find(set), server)] as const);
    assert.deepEqual(Object.fromEntries(reasons.filter(([, reason]) => reason !== undefined)), expected);
  });
}

function sqlFor(set: SetName, server: ServerFacts, params: Parameters<typeof bindParams>[1] = {}): string {
  const query = bindParams(find(set), params);
  const chosen = query && chosenFor(query, server);
  assert.ok(chosen !== undefined && 'sql' in chosen);
  return chosen.sql;
}

const withoutLatency = [facts('mysql', [8, 0, 27]), facts('mysql', [5, 7, 44]), facts('mariadb', [11, 8, 2])];

test('times of statements are asked of MySQL 8.0.28 and later, and 0 elsewhere', () => {
  const set = 'perf_schema.eventsstatements';
  const zeros =
    /0 AS sum_lock_time, 0 AS sum_cpu_time[\s\S]*0 AS quantile_95, 0 AS quantile_99, 0 AS quantile_999/;
  assert.doesNotMatch(sqlFor(set, facts('mysql', [8, 0, 28])), zeros);
  for (const server of withoutLatency) assert.match(sqlFor(set, server), zeros);
});

test('parameters of mysqld_exporter are in the statement', () => {
  const params = { limit: 7, timelimit: 60, digest_text_limit: 9, exclude_schemas: ['a', "b'"] };
  for (const server of [facts('mysql', [9, 7, 4]), ...withoutLatency]) {
    const sql = sqlFor('perf_schema.eventsstatements', server, params);
    assert.match(sql, /LEFT\(digest_text, 9\)/);
    assert.match(sql, /NOT IN \('mysql', 'performance_schema', 'information_schema', 'a', 'b'''\)/);
    assert.match(sql, /INTERVAL 60 SECOND[\s\S]*LIMIT 7\b/);
  }
});

const S = 'mysql_perf_schema_events_statements_';
const DIGEST =
  '{schema="shop",digest="d2557c1db6f2a22d3b16d589aeb81cdc",digest_text="INSERT INTO `orders` SELECT"}';
const quantile = (name: string) => `${DIGEST.slice(0, -1)},quantile="${name}"}`;

const MEMBER = {
  CHANNEL_NAME: 'group_replication_applier',
  MEMBER_ID: 'e45ddf3a-e6fc-11f1-ba9d-02fc00000001',
};
const MEMBER_STATS_57 = {
  ...MEMBER,
  VIEW_ID: '17954109276832196:1',
  COUNT_TRANSACTIONS_IN_QUEUE: '2',
  COUNT_TRANSACTIONS_CHECKED: '18446744073709551615',
  COUNT_CONFLICTS_DETECTED: '1',
  COUNT_TRANSACTIONS_ROWS_VALIDATING: '3',
  TRANSACTIONS_COMMITTED_ALL_MEMBERS:
    '6a3bd3bf-0000-4000-8000-000000000001:1,\ne45ddf3a-e6fc-11f1-ba9d-02fc00000001:1-76',
  LAST_CONFLICT_FREE_TRANSACTION: '6a3bd3bf-0000-4000-8000-000000000001:1',
};
const SAMPLES_57 = [
  'mysql_perf_schema_transactions_in_queue 2',
  'mysql_perf_schema_transactions_checked_total 18446744073709552000',
  'mysql_perf_schema_conflicts_detected_total 1',
  'mysql_perf_schema_transactions_rows_validating_total 3',
];

const NEVER = '0000-00-00 00:00:00.000000';
const worker = (state: string, step: string, channel: string, id: number, seconds: number) =>
  `mysql_perf_schema_${state}_transaction_${step}_timestamp_seconds{channel_name="${channel}",member_id="${id}"} ${seconds}`;
const APPLIED = ['original_commit', 'immediate_commit', 'start_apply', 'end_apply'] as const;

const LOCKS = [
  ...['read_normal', 'read_with_shared_locks', 'read_high_priority', 'read_no_insert'],
  ...['write_normal', 'write_allow_write', 'write_concurrent_insert', 'write_low_priority'],
];

const recorded: readonly {
  readonly name: string;
  readonly set: SetName;
  readonly query?: string;
  readonly rows: Rows;
  readonly samples: readonly string[];
}[] = [
  {
    name: 'a statement on MariaDB, with series for what is not measured there',
    set: 'perf_schema.eventsstatements',
    rows: row({
      schema_name: 'shop',
      digest: 'd2557c1db6f2a22d3b16d589aeb81cdc',
      digest_text: 'INSERT INTO `orders` SELECT',
      count_star: '4',
      sum_timer_wait: '193239346000',
      sum_lock_time: '0',
      sum_cpu_time: '0',
      sum_errors: '0',
      sum_warnings: '1',
      sum_rows_affected: '13200',
      sum_rows_sent: '0',
      sum_rows_examined: '9626',
      sum_created_tmp_tables: '18',
      sum_created_tmp_disk_tables: '0',
      sum_sort_merge_passes: '0',
      sum_sort_rows: '0',
      sum_no_index_used: '4',
      quantile_95: '0',
      quantile_99: '0',
      quantile_999: '0',
    }),
    samples: [
      `${S}total${DIGEST} 4`,
      `${S}seconds_total${DIGEST} 0.193239346`,
      `${S}lock_time_seconds_total${DIGEST} 0`,
      `${S}cpu_time_seconds_total${DIGEST} 0`,
      `${S}errors_total${DIGEST} 0`,
      `${S}warnings_total${DIGEST} 1`,
      `${S}rows_affected_total${DIGEST} 13200`,
      `${S}rows_sent_total${DIGEST} 0`,
      `${S}rows_examined_total${DIGEST} 9626`,
      `${S}tmp_tables_total${DIGEST} 18`,
      `${S}tmp_disk_tables_total${DIGEST} 0`,
      `${S}sort_merge_passes_total${DIGEST} 0`,
      `${S}sort_rows_total${DIGEST} 0`,
      `${S}no_index_used_total${DIGEST} 4`,
      `${S}latency${quantile('95')} 0`,
      `${S}latency${quantile('99')} 0`,
      `${S}latency${quantile('999')} 0`,
      `${S}latency_sum${DIGEST} 0.193239346`,
      `${S}latency_count${DIGEST} 4`,
    ],
  },
  {
    name: 'a group of three in different states',
    set: 'perf_schema.replication_group_members',
    rows: {
      columns: [
        ...['CHANNEL_NAME', 'MEMBER_ID', 'MEMBER_HOST', 'MEMBER_PORT', 'MEMBER_STATE'],
        ...['MEMBER_ROLE', 'MEMBER_VERSION', 'MEMBER_COMMUNICATION_STACK'],
      ],
      rows: [
        ['group_replication_applier', 'e45d-1', 'db1', '3306', 'ONLINE', 'PRIMARY', '9.7.4', 'XCom'],
        ['group_replication_applier', 'e45d-2', 'db2', '3306', 'RECOVERING', 'SECONDARY', '9.7.4', 'XCom'],
        ['group_replication_applier', 'e45d-3', 'db3', '3306', 'UNREACHABLE', 'SECONDARY', '8.4.6', 'XCom'],
      ],
    },
    samples: [
      ['e45d-1', 'db1', 'ONLINE', 'PRIMARY', '9.7.4'],
      ['e45d-2', 'db2', 'RECOVERING', 'SECONDARY', '9.7.4'],
      ['e45d-3', 'db3', 'UNREACHABLE', 'SECONDARY', '8.4.6'],
    ].map(
      ([id, host, state, role, version]) =>
        `mysql_perf_schema_replication_group_member_info{channel_name="group_replication_applier",member_id="${id}",` +
        `member_host="${host}",member_port="3306",member_state="${state}",member_role="${role}",` +
        `member_version="${version}",member_communication_stack="XCom"} 1`,
    ),
  },
  {
    name: 'a member of MySQL 5.7 before the group was started',
    set: 'perf_schema.replication_group_members',
    rows: row({ ...MEMBER, MEMBER_ID: '', MEMBER_HOST: '', MEMBER_PORT: null, MEMBER_STATE: 'OFFLINE' }),
    samples: [
      'mysql_perf_schema_replication_group_member_info{channel_name="group_replication_applier",member_id="",' +
        'member_host="",member_port="",member_state="OFFLINE"} 1',
    ],
  },
  {
    name: 'the four counters of a member of MySQL 5.7',
    set: 'perf_schema.replication_group_member_stats',
    rows: row(MEMBER_STATS_57),
    samples: SAMPLES_57,
  },
  {
    name: 'the eight counters of a member of MySQL 8.0 and later',
    set: 'perf_schema.replication_group_member_stats',
    rows: row({
      ...MEMBER_STATS_57,
      COUNT_TRANSACTIONS_REMOTE_IN_APPLIER_QUEUE: '4',
      COUNT_TRANSACTIONS_REMOTE_APPLIED: '5',
      COUNT_TRANSACTIONS_LOCAL_PROPOSED: '6',
      COUNT_TRANSACTIONS_LOCAL_ROLLBACK: '7',
    }),
    samples: [
      ...SAMPLES_57,
      'mysql_perf_schema_transactions_remote_in_applier_queue 4',
      'mysql_perf_schema_transactions_remote_applied_total 5',
      'mysql_perf_schema_transactions_local_proposed_total 6',
      'mysql_perf_schema_transactions_local_rollback_total 7',
    ],
  },
  {
    name: 'a worker in the middle of a transaction, and one that never had any',
    set: 'perf_schema.replication_applier_status_by_worker',
    rows: {
      columns: [
        ...['channel_name', 'worker_id'],
        ...APPLIED.map((step) => `last_applied_transaction_${step}_timestamp`),
        ...APPLIED.slice(0, 3).map((step) => `applying_transaction_${step}_timestamp`),
      ],
      rows: [
        [
          ...['', '1', '2026-11-23 05:15:28.500000', '2026-11-23 05:15:28.750000'],
          ...['2026-11-23 05:15:29.000000', '2026-11-23 05:15:29.250000'],
          ...['2026-11-23 05:15:30.000000', '2026-11-23 05:15:30.000000', '2026-11-23 05:15:30.125000'],
        ],
        ['second', '0', NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER],
      ],
    },
    samples: [
      ...APPLIED.flatMap((step, i) => [
        // Rounded to nanoseconds and then to seconds, as mysqld_exporter does: some quarters are not exact.
        worker('last_applied', step, '', 1, Number(BigInt(1_795_410_928_500 + i * 250) * 1_000_000n) / 1e9),
        worker('last_applied', step, 'second', 0, 0),
      ]),
      ...APPLIED.slice(0, 3).flatMap((step, i) => [
        worker('applying', step, '', 1, i === 2 ? Number(1_795_410_930_125_000_000n) / 1e9 : 1795410930),
        worker('applying', step, 'second', 0, 0),
      ]),
    ],
  },
  {
    name: 'inserts only where there is no index',
    set: 'perf_schema.indexiowaits',
    rows: {
      columns: [
        ...['object_schema', 'object_name', 'index_name'],
        ...['count_fetch', 'count_insert', 'count_update', 'count_delete'],
        ...['sum_timer_fetch', 'sum_timer_insert', 'sum_timer_update', 'sum_timer_delete'],
      ],
      rows: [
        ['shop', 'orders', 'PRIMARY', '1', '2', '3', '4', '1000000', '2000000', '3000000', '4000000'],
        ['shop', 'orders', 'NONE', '0', '5', '0', '0', '0', '50650600', '0', '0'],
      ],
    },
    samples: [
      ['total', [1, 3, 4], [0, 5, 0, 0]],
      ['seconds_total', [0.000001, 0.000003, 0.000004], [0, 0.0000506506, 0, 0]],
    ].flatMap(([name, primary, none]) => {
      const series = (index: string, operations: readonly string[], values: readonly number[]) =>
        operations.map(
          (operation, i) =>
            `mysql_perf_schema_index_io_waits_${name}{schema="shop",name="orders",index="${index}",` +
            `operation="${operation}"} ${values[i]}`,
        );
      return [
        ...series('PRIMARY', ['fetch', 'update', 'delete'], primary as number[]),
        ...series('NONE', ['fetch', 'insert', 'update', 'delete'], none as number[]),
      ];
    }),
  },
  {
    name: 'locks by operation, of the server and of the storage engine',
    set: 'perf_schema.tablelocks',
    rows: row({
      object_schema: 'shop',
      object_name: 'orders',
      ...Object.fromEntries(LOCKS.map((lock, i) => [`count_${lock}`, `${i}`])),
      count_read_external: '8',
      count_write_external: '9',
      ...Object.fromEntries(LOCKS.map((lock, i) => [`sum_timer_${lock}`, `${i}000000000000`])),
      sum_timer_read_external: '8000000000000',
      sum_timer_write_external: '9000000000000',
    }),
    samples: (['sql', 'external'] as const).flatMap((kind) =>
      ['total', 'seconds_total'].flatMap((name) =>
        Object.entries(kind === 'sql' ? LOCKS : { 8: 'read', 9: 'write' }).map(
          ([value, operation]) =>
            `mysql_perf_schema_${kind}_lock_waits_${name}{schema="shop",name="orders",operation="${operation}"} ${value}`,
        ),
      ),
    ),
  },
  {
    name: 'memory that was allocated before it was counted',
    set: 'perf_schema.memory_events',
    rows: row({
      event_name: 'innodb/memory',
      sum_number_of_bytes_alloc: '100',
      sum_number_of_bytes_free: '300',
      current_number_of_bytes_used: '-200',
    }),
    samples: [
      'mysql_perf_schema_memory_events_alloc_bytes_total{event_name="innodb/memory"} 100',
      'mysql_perf_schema_memory_events_free_bytes_total{event_name="innodb/memory"} 300',
      'mysql_perf_schema_memory_events_used_bytes{event_name="innodb/memory"} -200',
    ],
  },
  {
    name: 'a user of whom the server counted no statements and no memory',
    set: 'sys.user_summary',
    rows: {
      columns: [
        ...['user', 'statements', 'statement_latency', 'table_scans', 'file_ios', 'file_io_latency'],
        ...[
          'current_connections',
          'total_connections',
          'unique_hosts',
          'current_memory',
          'total_memory_allocated',
        ],
      ],
      rows: [
        ['app', null, null, null, '7', '1506684608', '1', '2', '1', null, null],
        [
          'root',
          '115',
          '537303921000',
          '18',
          '1732',
          '186468747602',
          '5',
          '6',
          '1',
          '-5498168',
          '1398900260',
        ],
      ],
    },
    samples: [
      'mysql_sys_statements_total{user="root"} 115',
      'mysql_sys_statement_latency{user="root"} 0.537303921',
      'mysql_sys_table_scans_total{user="root"} 18',
      'mysql_sys_file_ios_total{user="app"} 7',
      'mysql_sys_file_ios_total{user="root"} 1732',
      'mysql_sys_file_io_seconds_total{user="app"} 0.001506684608',
      'mysql_sys_file_io_seconds_total{user="root"} 0.186468747602',
      'mysql_sys_current_connections{user="app"} 1',
      'mysql_sys_current_connections{user="root"} 5',
      'mysql_sys_connections_total{user="app"} 2',
      'mysql_sys_connections_total{user="root"} 6',
      'mysql_sys_unique_hosts_total{user="app"} 1',
      'mysql_sys_unique_hosts_total{user="root"} 1',
      'mysql_sys_current_memory_bytes{user="root"} -5498168',
      'mysql_sys_memory_allocated_bytes_total{user="root"} 1398900260',
    ],
  },
  {
    name: 'limits of accounts',
    set: 'mysql.user',
    rows: {
      columns: ['User', 'Host', 'max_questions', 'max_updates', 'max_connections', 'max_user_connections'],
      rows: [
        ['limited', '10.0.0.%', '1000', '200', '30', '4'],
        ['', '', '0', '0', '0', '0'],
      ],
    },
    samples: [
      ['max_questions', 1000],
      ['max_updates', 200],
      ['max_connections', 30],
      ['max_user_connections', 4],
    ].flatMap(([name, value]) => [
      `mysql_mysql_${name}{mysql_user="limited",hostmask="10.0.0.%"} ${value}`,
      `mysql_mysql_${name}{mysql_user="",hostmask=""} 0`,
    ]),
  },
  {
    name: 'privileges of an account, except one that says neither Y nor N',
    set: 'mysql.user',
    query: 'privileges',
    rows: row({ User: 'o"dd', Host: '%', Select_priv: 'Y', Create_tmp_table_priv: 'N', Trigger_priv: '' }),
    samples: [
      'mysql_mysql_select_priv{mysql_user="o\\"dd",hostmask="%"} 1',
      'mysql_mysql_create_tmp_table_priv{mysql_user="o\\"dd",hostmask="%"} 0',
    ],
  },
];

for (const { name, query, rows, samples, set } of recorded) {
  test(`${set}: ${name}`, () => assert.deepEqual(samplesOf(find(set, query), rows), samples));
}

test('sums over statements are in seconds, but the time of locks in picoseconds', () => {
  const sums = find('perf_schema.eventsstatementssum');
  const columns = [...sums.sql.matchAll(/AS (\w+)/g)].map(([, column = '']) => column);
  const samples = samplesOf(sums, { columns, rows: [columns.map(() => '1196000000')] });
  assert.equal(samples.length, 21);
  for (const sample of samples) {
    const inSeconds = sample.startsWith('mysql_perf_schema_events_statements_sum_timer_wait ');
    assert.match(sample, inSeconds ? / 0\.001196$/ : / 1196000000$/);
  }
  assert.match(sums.sql, /COALESCE\(SUM\(sum_lock_time\), 0\)/);
});

test('privileges are asked only on request', () => {
  const privileges = find('mysql.user', 'privileges');
  assert.equal(bindParams(privileges), undefined);
  const columns = bindParams(privileges, { privileges: true })?.sql.match(/\w+_priv\b/g);
  assert.equal(new Set(columns).size, 29);
});
