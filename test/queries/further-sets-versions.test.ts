/** Which statement of the further shipped sets a server gets that the tests do not have: old ones, bare ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadShipped, server, statementFor } from './shipped.ts';

const find = await loadShipped([
  'connections',
  'deadlocks',
  'global_status',
  'gtid',
  'group_replication',
  'index_statistics',
  'index_usage',
  'lock_waits',
  'long_transactions',
  'memory',
  'password_expiry',
  'replication_lag',
  'sessions',
  'table_sizes',
  'temporary_tablespace',
  'top_statements',
]);

const LOCK_WAITS = 'information_schema.innodb_lock_waits';
const INDEX_STATISTICS = 'information_schema.index_statistics';
const USERSTAT = { variables: { userstat: 'ON' }, tables: [INDEX_STATISTICS] };
const ON = { variables: { performance_schema: 'ON' } };
const OFF = { variables: { performance_schema: 'OFF' }, tables: [LOCK_WAITS] };

const MYSQL_57 = server('mysql', [5, 7, 44], { ...ON, tables: [LOCK_WAITS] });
const MYSQL_80 = server('mysql', [8, 0, 18], ON);
const MYSQL_84 = server('mysql', [8, 4, 3], ON);
const MYSQL_84_BARE = server('mysql', [8, 4, 3], { variables: { performance_schema: 'OFF' } });
const MARIADB_103 = server('mariadb', [10, 3, 39], OFF);
const MARIADB_118 = server('mariadb', [11, 8, 2], OFF);

type Asked = readonly [set: Parameters<typeof find>[0], query: string];

const asked: readonly (readonly [Asked, readonly (readonly [ReturnType<typeof server>, RegExp])[]])[] = [
  [
    ['long_transactions', 'idle'],
    [
      [MYSQL_57, /JOIN information_schema\.processlist/],
      [MYSQL_80, /JOIN information_schema\.processlist/],
      [MYSQL_84, /JOIN performance_schema\.processlist/],
      [MYSQL_84_BARE, /JOIN information_schema\.processlist/],
      [MARIADB_103, /JOIN information_schema\.processlist/],
    ],
  ],
  [
    ['long_transactions', 'by_user'],
    [
      [MYSQL_57, /^\[version\]$/],
      [MARIADB_103, /ROW_NUMBER/],
    ],
  ],
  [
    ['lock_waits', 'blockers'],
    [
      [MYSQL_57, /information_schema\.innodb_lock_waits/],
      [MYSQL_80, /performance_schema\.data_lock_waits/],
      // Not that there is no innodb_lock_waits, which nobody expects there.
      [MYSQL_84_BARE, /^\[variable\]$/],
      [server('mysql', [5, 7, 44], ON), /^\[table\]$/],
      [MARIADB_118, /information_schema\.innodb_lock_waits/],
    ],
  ],
  [
    ['lock_waits', 'by_blocker'],
    [
      [MYSQL_57, /^\[/],
      [MYSQL_84, /performance_schema\.data_lock_waits/],
      [MARIADB_103, /information_schema\.innodb_lock_waits/],
    ],
  ],
  [
    ['global_status', 'status'],
    [
      [MYSQL_57, /^SHOW GLOBAL STATUS$/],
      [MYSQL_84, /^SHOW GLOBAL STATUS$/],
      [MARIADB_103, /^SHOW GLOBAL STATUS$/],
      [MARIADB_118, /<> 'Max_used_connections_time'$/],
    ],
  ],
  [
    ['deadlocks', 'counted'],
    [
      [MYSQL_57, /innodb_metrics/],
      [MARIADB_103, /^SHOW GLOBAL STATUS/],
      [server('mariadb', [10, 5, 23], OFF), /^\[version\]$/],
      [server('mariadb', [10, 6, 0], OFF), /^SHOW GLOBAL STATUS/],
    ],
  ],
  [
    ['connections', 'server'],
    [
      [MYSQL_57, /performance_schema\.global_status/],
      [MYSQL_84_BARE, /^\[/],
      [MARIADB_118, /information_schema\.global_status/],
    ],
  ],
  [
    ['sessions', 'by_client'],
    [
      [MYSQL_80, /information_schema\.processlist/],
      [MYSQL_84, /performance_schema\.processlist/],
      [MARIADB_118, /information_schema\.processlist/],
    ],
  ],
  [
    ['table_sizes', 'largest'],
    [
      [MYSQL_57, /ORDER BY data_length \+ index_length DESC/],
      [server('mariadb', [10, 1, 48]), /ORDER BY data_length \+ index_length DESC/],
      [MYSQL_80, /ROW_NUMBER/],
      [MARIADB_103, /ROW_NUMBER/],
    ],
  ],
  [
    ['password_expiry', 'accounts'],
    [
      [MYSQL_57, /mysql\.user/],
      [server('mysql', [5, 6, 51]), /^\[/],
      [MARIADB_103, /^\[/],
      [MARIADB_118, /mysql\.global_priv/],
    ],
  ],
  [
    ['top_statements', 'by_digest'],
    [MYSQL_57, MYSQL_84_BARE, MARIADB_118].map((one) => [one, /^\[/] as const),
  ],
  [
    ['memory', 'by_event'],
    [
      [MYSQL_57, /^\[version\]$/],
      [MYSQL_84_BARE, /^\[variable\]$/],
      [MARIADB_118, /^\[variable\]$/],
      [server('mariadb', [10, 4, 34], ON), /^\[version\]$/],
      [server('mariadb', [11, 8, 2], ON), /memory_summary_global_by_event_name/],
      // Whether the account sees the table or not.
      [MYSQL_84, /memory_summary_global_by_event_name/],
    ],
  ],
  [
    ['index_statistics', 'statistics'],
    [
      [MYSQL_84, /^\[table\]$/],
      [server('mariadb', [10, 11, 19], { ...USERSTAT, columns: [] }), /index_name, rows_read\s+FROM/],
      [
        server('mariadb', [11, 8, 9], { ...USERSTAT, columns: [`${INDEX_STATISTICS}.queries`] }),
        /rows_read, queries\s+FROM/,
      ],
      [server('mariadb', [11, 8, 9], { ...USERSTAT, variables: { userstat: 'OFF' } }), /^\[variable\]$/],
    ],
  ],
  [['index_usage', 'unused'], [MYSQL_57, MYSQL_84_BARE, MARIADB_118].map((one) => [one, /^\[/] as const)],
  [['replication_lag', 'mysql'], [MYSQL_57, MYSQL_84_BARE, MARIADB_118].map((one) => [one, /^\[/] as const)],
  [
    ['group_replication', 'members'],
    [MYSQL_57, MYSQL_84_BARE, MARIADB_118].map((one) => [one, /^\[/] as const),
  ],
  // gtid_mode is OFF or unknown.
  [['gtid', 'sets'], [MYSQL_57, MYSQL_84, MARIADB_118].map((one) => [one, /^\[/] as const)],
  [
    ['temporary_tablespace', 'sessions'],
    [
      [MYSQL_57, /^\[version\]$/],
      [MYSQL_80, /innodb_session_temp_tablespaces/],
      [MARIADB_118, /^\[flavour\]$/],
    ],
  ],
];

for (const [[set, query], cases] of asked) {
  test(`${set}/${query} on servers of other versions`, () => {
    for (const [facts, expected] of cases)
      assert.match(
        statementFor(find(set, query), facts),
        expected,
        `${facts.flavour} ${facts.version.join('.')}`,
      );
  });
}
