/** Files of other exporters: exactly what they become, what is said about the rest, and that the result loads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FORMATS, type Format } from '../../../src/convert/formats.ts';
import { convert, loadErrors } from '../../support/converting.ts';

const PASSWORD =
  'stands in the result as it is here: keep the file to its owner, or use password_file or ${NAME}';

const cases: readonly {
  readonly name: string;
  readonly input: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly said: readonly string[];
}[] = [
  {
    name: 'query-exporter: paths become sets and scrapes, comments stay with their part',
    input: {
      'm.yml': `# by account
accounts:
  targets: [blue, green-1]
  collects:
    # who is there
    - query: SELECT user AS who, 1 AS cnt
      timeout: 2 # seconds
      metrics:
        # open ones
        open: {type: Gauge, description: Open, labels: [who], value: cnt}
        rest: {type: counter, value: cnt}
my-path:
  targets: [blue]
  collects:
  - Query: |
      SELECT 1 AS a
      FROM t
    metrics:
      lone: {type: gauge, description: Lone, value: a}
`,
      'd.yml': `# our servers

blue:
  a: {type: mysql, dsn: "mon:se$$cret@tcp(10.1.0.5:3306)/"}
  # the second
  b: {type: mysql, dsn: tcp(10.1.0.6)/}
green-1:
  b: {type: mysql, dsn: tcp(10.1.0.6)/}
unused:
  z: {type: mysql, dsn: "@/"}
`,
    },
    files: {
      'targets.yml': `# our servers

query_files: [queries/accounts.yml, queries/my_path.yml]
groups:
  blue:
    query_sets: [accounts, my_path]
  green_1:
    query_sets: [accounts]
targets:
  a:
    dsn: mon:se$$$$cret@tcp(10.1.0.5:3306)/
    groups: [blue]
  # the second
  b:
    dsn: "@tcp(10.1.0.6)/"
    groups: [blue, green_1]
scrapes:
  accounts:
    groups: [blue, green_1]
    query_sets: [accounts]
  my-path:
    groups: [blue]
    query_sets: [my_path]
`,
      'queries/accounts.yml': `query_sets:
  # by account
  accounts:
    namespace: query_exporter
    queries:
      # who is there
      # seconds
      open:
        query: SELECT user AS who, 1 AS cnt
        timeout: 2s
        metrics:
          # open ones
          open:
            type: gauge
            description: Open
            labels: [who]
            value: cnt
          rest:
            type: counter
            description: rest
            value: cnt
`,
      'queries/my_path.yml': `query_sets:
  my_path:
    namespace: query_exporter
    metrics:
      lone:
        query: |-
          SELECT 1 AS a
          FROM t
        timeout: 1s
        type: gauge
        description: Lone
        value: a
`,
    },
    said: [
      `d.yml:4: dsn: its password ${PASSWORD}`,
      'd.yml:10: z: no path asks its groups, so it is left out',
      'm.yml:2: accounts: is served at /scrape/accounts now: change metrics_path in Prometheus',
      'm.yml:12: my-path: is served at /scrape/my-path now: change metrics_path in Prometheus',
    ],
  },
  {
    name: 'query-exporter: one name for two servers',
    input: {
      'd.yml': 'x: {a: {type: mysql, dsn: "@tcp(h1)/"}}\nz: {a: {type: mysql, dsn: "@tcp(h2)/"}}\n',
      'm.yml':
        'p: {targets: [x], collects: [{query: SELECT 1 AS v, metrics: {v: {type: gauge, value: v}}}]}\n',
    },
    files: {
      'targets.yml': `query_files: [queries/p.yml]
groups:
  x:
    query_sets: [p]
targets:
  x/a:
    dsn: "@tcp(h1)/"
    groups: [x]
scrapes:
  p:
    groups: [x]
    query_sets: [p]
`,
      'queries/p.yml': `query_sets:
  p:
    namespace: query_exporter
    metrics:
      v:
        query: SELECT 1 AS v
        timeout: 1s
        type: gauge
        description: v
        value: v
`,
    },
    said: [
      'd.yml:1: a: is another server in another group, so here it becomes the target "x/a", and so does its label ' +
        'instance: rename one to choose better',
      'd.yml:2: a: is another server in another group, so here it becomes the target "z/a", and so does its label ' +
        'instance: rename one to choose better',
      'd.yml:2: z/a: no path asks its groups, so it is left out',
      'm.yml:1: p: is served at /scrape/p now: change metrics_path in Prometheus',
    ],
  },
  {
    name: 'query-exporter: a login beside the DSN',
    input: {
      'd.yml': 'x: {a: {type: mysql, dsn: "tcp(h1)/db", user: mon, pass: "a$b@:/"}}\n',
      'm.yml':
        'p: {targets: [x], collects: [{query: SELECT 1 AS v, metrics: {v: {type: guage, value: v}}}]}\n',
    },
    files: {
      'targets.yml': `query_files: [queries/p.yml]
groups:
  x:
    query_sets: [p]
targets:
  a:
    dsn: tcp(h1)/db
    user: mon
    password: a$$b@:/
    groups: [x]
scrapes:
  p:
    groups: [x]
    query_sets: [p]
`,
      'queries/p.yml': `query_sets:
  p:
    namespace: query_exporter
    metrics:
      v:
        query: SELECT 1 AS v
        timeout: 1s
        type: gauge
        description: v
        value: v
`,
    },
    said: [
      `d.yml:1: pass: ${PASSWORD}`,
      'm.yml:1: p: is served at /scrape/p now: change metrics_path in Prometheus',
      'm.yml:1: the type guage is read as gauge: write gauge',
    ],
  },
  {
    name: 'query-exporter-simple: a target and a set in the short form',
    input: {
      'c.yml': `dsn: u:p@tcp(h)/
metrics:
  # about open
  open:
    query: SELECT user AS who, 1 AS cnt
    type: gauge
    description: Open
    labels: [who]
    value: cnt
`,
    },
    files: {
      'targets.yml': `query_files: [queries/metrics.yml]
targets:
  default:
    dsn: u:p@tcp(h)/
    query_sets: [metrics]
`,
      'queries/metrics.yml': `query_sets:
  metrics:
    namespace: query_exporter
    metrics:
      # about open
      open:
        query: SELECT user AS who, 1 AS cnt
        type: gauge
        description: Open
        labels: [who]
        value: cnt
`,
    },
    said: [
      `c.yml:1: dsn: its password ${PASSWORD}`,
      'c.yml:2: metrics: /metrics does not have them now: let Prometheus ask /probe?target=default',
    ],
  },
  {
    name: 'sql_exporter: a collector',
    input: {
      'x.collector.yml': `# All of it.
collector_name: mysql-standard
min_interval: 1m30s
metrics:
  # one value
  - metric_name: threads
    type: Gauge
    help: 'Threads.'
    key_labels: [state]
    static_labels: {env: prod}
    values: [n]
    query: |
      SELECT 'a' AS state,
             1 AS n
  - metric_name: io_total
    type: counter
    help: IO.
    key_labels:
      - db
    value_label: operation
    values: [io_read, io_write]
    query_ref: io
  # a constant
  - metric_name: db_info
    type: gauge
    help: Info.
    key_labels: [db]
    static_value: 1
    timestamp_value: ts
    query_ref: io
  - metric_name: called
    type: gauge
    help: Called.
    values: [a]
    query: CALL p()
  - metric_name: templated
    type: gauge
    help: Templated.
    values: [a]
    query: SELECT '{{ .Name }}' AS a
  - metric_name: threads
    type: gauge
    help: Other help.
    values: [n]
    query: SELECT 1 AS n
queries:
  - query_name: io
    query: SELECT 'a' AS db, 1 AS io_read, 2 AS io_write
  - {query_name: unused, query: SELECT 1}
`,
    },
    files: {
      'queries/mysql_standard.yml': `# All of it.

query_sets:
  mysql_standard:
    namespace: ""
    queries:
      io:
        query: SELECT 'a' AS db, 1 AS io_read, 2 AS io_write
        min_interval: 90s
        metrics:
          io_total:
            type: counter
            description: IO.
            labels: [db]
            values: [io_read, io_write]
            value_label: operation
          # a constant
          db_info:
            type: gauge
            description: Info.
            labels: [db]
            static_value: 1
    metrics:
      # one value
      threads:
        query: |
          SELECT 'a' AS state,
                 1 AS n
        min_interval: 90s
        type: gauge
        description: Threads.
        labels: [state]
        static_labels: {env: prod}
        value: n
`,
    },
    said: [
      'x.collector.yml:2: collector_name: the query set is called mysql_standard here',
      'x.collector.yml:29: timestamp_value: samples have no time of their own here, left out; make that column a ' +
        'metric of its own',
      'x.collector.yml:31: metric_name "called": is left out: the query begins with CALL: set allow_call: true ' +
        'if the procedure only reads',
      'x.collector.yml:36: metric_name "templated": is left out: Go templates ({{ }}) have no counterpart here, ' +
        'write the text that it becomes',
      'x.collector.yml:41: metric_name "threads": is left out: the metric threads has another description at ' +
        'x.collector.yml:6: one metric has one description everywhere',
      'x.collector.yml:41: metric_name "threads": is left out: the metric threads has no label here but the labels ' +
        'state, env at x.collector.yml:6: one metric has the same labels everywhere',
      'x.collector.yml:49: queries: no metric uses "unused", so it is left out',
    ],
  },
  {
    name: 'sql_exporter: its configuration with collectors inside',
    input: {
      's.yml': `global: {scrape_timeout: 10s}
target: {data_source_name: 'mysql://u:secret@tcp(h)/', collectors: [a, b]}
collectors:
  - collector_name: a
    metrics: [{metric_name: one, type: gauge, help: One., values: [v], query: SELECT 1 AS v}]
  # the second
  - collector_name: b
    metrics: [{metric_name: two, type: gauge, help: Two., values: [v], query: SELECT 2 AS v}]
`,
    },
    files: {
      'queries/a.yml': `query_sets:
  a:
    namespace: ""
    metrics:
      one:
        query: SELECT 1 AS v
        type: gauge
        description: One.
        value: v
`,
      'queries/b.yml': `query_sets:
  # the second
  b:
    namespace: ""
    metrics:
      two:
        query: SELECT 2 AS v
        type: gauge
        description: Two.
        value: v
`,
    },
    said: [
      's.yml:1: global: is not converted; timeouts and connections are keys of the defaults of targets.yml',
      's.yml:2: target: is not converted; write the server below targets in targets.yml',
    ],
  },
  {
    name: "custom queries of Percona's mysqld_exporter",
    input: {
      'dir/queries-mysqld.yml': `# Ours.

mysql_pool: # by event
  query: "SELECT 'a' AS event_name, 1 AS current_count, 2 AS high_count, 'ON' AS state, 3 AS took, 4 AS extra;"
  metrics:
    - event_name:
        usage: "LABEL"
        description: "Event"
    - current_count:
        usage: "GAUGE"
        description: "Now"
    - high_count: {usage: COUNTER, description: ""}
    - state:
        usage: MAPPEDMETRIC
        description: State
        metric_mapping: {ON: 1, OFF: 0}
    - took: {usage: DURATION, description: Time}
    - extra: {usage: DISCARD}
mysql_8:
  query: "/*!80000 SELECT 1 AS up */"
  metrics:
    - up: {usage: GAUGE, description: Up}
    - not-a-name: {usage: GAUGE, description: No}
mysql_labels:
  query: SELECT 1 AS a
  metrics: [{a: {usage: LABEL}}]
`,
    },
    files: {
      'queries/queries_mysqld.yml': `# Ours.

query_sets:
  queries_mysqld:
    namespace: ""
    queries:
      # by event
      mysql_pool:
        query: SELECT 'a' AS event_name, 1 AS current_count, 2 AS high_count, 'ON' AS state, 3 AS took, 4 AS extra;
        metrics:
          mysql_pool_current_count:
            type: gauge
            description: Now
            labels: [event_name]
            value: current_count
          mysql_pool_high_count:
            type: counter
            description: mysql_pool_high_count
            labels: [event_name]
            value: high_count
          mysql_pool_state:
            type: gauge
            description: State
            labels: [event_name]
            value: state
            map: {ON: 1, OFF: 0}
          mysql_pool_took_milliseconds:
            type: gauge
            description: Time
            labels: [event_name]
            value: took
      mysql_8:
        query: /*!80000 SELECT 1 AS up */
        metrics:
          mysql_8_up:
            type: gauge
            description: Up
            value: up
`,
    },
    said: [
      'dir/queries-mysqld.yml:17: took: is read as a number of milliseconds: let the query give one',
      'dir/queries-mysqld.yml:23: column "mysql_8_not-a-name": is left out: "mysql_8_not-a-name" is no valid metric name: ' +
        'only letters, digits, _ and : and no digit at the beginning',
      'dir/queries-mysqld.yml:24: mysql_labels: no column has the usage COUNTER or GAUGE, so it is left out',
    ],
  },
  {
    name: '.my.cnf: sections, inheritance, quotes, TLS',
    input: {
      '.my.cnf': `# the usual login
[client]
user = exporter
password = \`se#cr$et\`
host = 10.0.0.1
[client.prod-1]
user=other
host=::1
port=3307
ssl-skip-verfication = true
[mysqld]
max_connections=5
[client.sock]
socket: /run/mysqld/mysqld.sock
tls = true
quick
default-character-set = utf8
[client.nowhere]
ssl_ca = /etc/ca.pem
`,
    },
    files: {
      'targets.yml': `auth_modules:
  # the usual login
  client:
    user: exporter
    password: se#cr$$et
  client.prod-1:
    user: other
    password: se#cr$$et
  client.sock:
    user: exporter
    password: se#cr$$et
  client.nowhere:
    user: exporter
    password: se#cr$$et
defaults:
  auth_module: client
  # what a URL may say in auth_module=
  allow_auth_modules: [client, client.prod-1, client.sock, client.nowhere]
targets:
  10.0.0.1:3306:
    address: 10.0.0.1:3306
    auth_module: client
  "[::1]:3307":
    address: "[::1]:3307"
    auth_module: client.prod-1
    tls:
      mode: required
  unix:///run/mysqld/mysqld.sock:
    address: unix:///run/mysqld/mysqld.sock
    auth_module: client.sock
    tls:
      mode: verify_identity
`,
    },
    said: [
      '.my.cnf:4: password: stands here as it is; where mysqld_exporter replaces a variable in it, write that as ${NAME}',
      `.my.cnf:4: password: ${PASSWORD}`,
      '.my.cnf:11: [mysqld]: is no section for clients, so it is left out',
      '.my.cnf:16: this line: has no meaning here, left out',
      '.my.cnf:17: default-character-set: has no meaning here, left out',
      '.my.cnf:19: ssl-ca: belongs to a target here, and this section has none; give it to those with auth_module: ' +
        'client.nowhere',
    ],
  },
  {
    name: '.my.cnf: comment signs in values, sections of any name, variables',
    input: {
      '.my.cnf': `[client]
user = a#b
password = secret#x
[orders]
user = o;o
password = p # q
host = h
[orders.eu]
password = \${PATH}
[mysqldump]
quick
[mysqld]
user = mysql
socket = /run/mysqld/mysqld.sock
[mysqld_backup]
user = b
password = 'x"#;'
[DEFAULT]
user = d
`,
    },
    files: {
      'targets.yml': `auth_modules:
  client:
    user: a#b
    password: secret#x
  orders:
    user: o;o
    password: "p # q"
  orders.eu:
    user: o;o
    password: \${PATH}
  mysqld_backup:
    user: b
    password: x"#;
defaults:
  auth_module: client
  # what a URL may say in auth_module=
  allow_auth_modules: [client, orders, orders.eu, mysqld_backup]
targets:
  h:3306:
    address: h:3306
    auth_module: orders
`,
    },
    said: [
      `.my.cnf:3: password: ${PASSWORD}`,
      `.my.cnf:6: password: ${PASSWORD}`,
      '.my.cnf:6: password: what follows # or ; belongs to the value, as in mysqld_exporter; remove it if it is a comment',
      '.my.cnf:10: [mysqldump]: has no user, so it is left out',
      '.my.cnf:12: [mysqld]: is no section for clients, so it is left out',
      `.my.cnf:17: password: ${PASSWORD}`,
      '.my.cnf:18: [DEFAULT]: is no section for clients, so it is left out',
    ],
  },
  {
    name: '.my.cnf: TLS as the clients of MySQL and MariaDB say it',
    input: {
      '.my.cnf': `[client]
user = u
[a]
user = u
host = a
ssl-mode = VERIFY_CA
ssl_ca = /ca.pem
ssl-cert = /cert.pem
ssl-key = /key.pem
[b]
user = u
host = b
skip-ssl
ssl-ca = /ca.pem
[c]
user = u
host = c
ssl-verify-server-cert
[d]
user = u
host = d
ssl-verify-server-cert = 0
ssl-ca = ca.pem
[e]
user = u
host = e
ssl-cert = /cert.pem
ssl-key = /key.pem
[f]
user = u
host = f
ssl-cert = /cert.pem
[g]
user = u
host = g
ssl
[h]
user = u
host = h
ssl-mode = on
`,
    },
    files: {
      'targets.yml': `auth_modules:
${['client', ...'abcdefgh'].map((name) => `  ${name}:\n    user: u\n`).join('')}defaults:
  auth_module: client
  # what a URL may say in auth_module=
  allow_auth_modules: [client, a, b, c, d, e, f, g, h]
targets:
  a:3306:
    address: a:3306
    auth_module: a
    tls:
      mode: verify_ca
      ca_file: /ca.pem
      cert_file: /cert.pem
      key_file: /key.pem
  b:3306:
    address: b:3306
    auth_module: b
    tls:
      mode: disabled
  c:3306:
    address: c:3306
    auth_module: c
    tls:
      mode: verify_identity
  d:3306:
    address: d:3306
    auth_module: d
    tls:
      mode: verify_ca
      ca_file: ca.pem
  e:3306:
    address: e:3306
    auth_module: e
    tls:
      cert_file: /cert.pem
      key_file: /key.pem
  f:3306:
    address: f:3306
    auth_module: f
  g:3306:
    address: g:3306
    auth_module: g
    tls:
      mode: required
  h:3306:
    address: h:3306
    auth_module: h
`,
    },
    said: [
      '.my.cnf:23: ssl-ca: is relative to the folder of targets.yml here',
      '.my.cnf:32: ssl-cert, ssl-key: one without the other has no effect, left out; add the other',
      '.my.cnf:40: ssl-mode: expected disabled, preferred, required, verify_ca, verify_identity; left out, write tls of the ' +
        'target',
    ],
  },
  {
    name: '.my.cnf of a job that names the targets: logins, and TLS for all',
    input: {
      '.my.cnf': '[client]\nuser = foo\ntls = true\n[client.my servers]\nuser = bar\n',
    },
    files: {
      'targets.yml': `auth_modules:
  client:
    user: foo
  client.my_servers:
    user: bar
defaults:
  auth_module: client
  # what a URL may say in auth_module=
  allow_auth_modules: [client, client.my_servers]
  tls:
    mode: verify_identity
targets: {}
`,
    },
    said: [
      '.my.cnf:1: no section has a host or a socket: list the targets of your job below targets, by the same names',
      '.my.cnf:4: [client.my servers]: is called client.my_servers here, for other characters are not possible',
    ],
  },
];

for (const { name, input, files, said } of cases)
  test(name, async () => {
    const converted = convert(input);
    assert.deepEqual(converted.said, said);
    assert.deepEqual(converted.files, files);
    const errors = await loadErrors(converted);
    assert.deepEqual(
      errors.filter((line) => !/(?:\.pem|file that it names) does not exist/.test(line)),
      [],
    );
  });

const wrong: readonly {
  readonly name: string;
  readonly input: Readonly<Record<string, string>>;
  readonly from?: Format;
  readonly said: readonly string[];
}[] = [
  {
    name: 'a file of no known format',
    input: { 'a.yml': 'a: 1\n' },
    said: [
      'error a.yml:1:1: the format is not recognised: name it with --from (query-exporter, query-exporter-simple, ' +
        'sql_exporter, percona, my.cnf)',
    ],
  },
  {
    name: 'a file that is no YAML',
    input: { 'a.yml': 'dsn: a\n  metrics: x\n' },
    said: [
      'error a.yml:1:6: a second "key: value" on one line, or a line indented too deep: put quotes around a text that ' +
        'contains ": "',
    ],
  },
  {
    name: 'one of the two files of query-exporter',
    input: { 'd.yml': 'x: {a: {type: mysql, dsn: "@/"}}\n' },
    said: [
      'error d.yml:1:1: query-exporter has two files: name both files: convert d.yml config-metrics.yml',
    ],
  },
  {
    name: 'the other of the two files of query-exporter',
    input: { 'm.yml': 'x: {collects: [{query: SELECT 1, metrics: {}}]}\n' },
    said: [
      'error m.yml:1:1: query-exporter has two files: name both files: convert config-database.yml m.yml',
    ],
  },
  {
    name: 'two formats',
    input: { 'c.yml': 'dsn: "@/"\n', '.my.cnf': '[client]\nuser=a\n' },
    said: [
      'error .my.cnf:1:1: this is of the format my.cnf and another file of query-exporter-simple: convert them separately',
    ],
  },
  {
    name: "mistakes of query-exporter's files",
    input: {
      'd.yml': 'x: {a: {type: postgres, dsn: "@/"}}\n',
      'm.yml': 'p: {targets: [xx], collects: [{query: SELECT 1, metrics: {v: {type: gauge, value: v}}}]}\n',
    },
    said: [
      'error d.yml:1:15: the type postgres is not supported, only mysql is (MySQL and MariaDB): remove this instance',
      'm.yml:1: the path "p" has no instance: nothing is asked',
      'error m.yml:1:15: unknown group "xx"; did you mean "x"?',
    ],
  },
  {
    name: 'mistakes of custom queries of Percona',
    input: {
      'q.yml':
        'a:\n  metrics: [{b: {usage: GAUGE}}]\nc:\n  query: SELECT 1 AS d\n  metrics: [{d: {usage: gauge}}]\n',
      'r.yml': 'e:\n  query: SELECT 1 AS d\n  metrics: [{d: {usage: GAUGE}}]\n',
    },
    said: [
      'error q.yml:1:1: there is no query: add one',
      'q.yml:3: c: no column has the usage COUNTER or GAUGE, so it is left out',
      'error q.yml:5:18: usage: expected one of LABEL, COUNTER, GAUGE, MAPPEDMETRIC, DURATION, DISCARD',
    ],
  },
  {
    name: 'mistakes of a collector',
    input: {
      'a.yml': `collector_name: a
min_interval: often
metrics:
  - {metric_name: a, type: gauge, help: A., values: [v], query_ref: q}
  - {metric_name: b, type: gauge, help: B., values: [v, w], query: SELECT 1}
  - {metric_name: c, type: gauge, help: C., query: SELECT 1}
  - {metric_name: d, help: D., values: [v]}
`,
    },
    said: [
      'error a.yml:2:15: min_interval: expected a duration such as 30s or 5m',
      'error a.yml:4:58: query_ref: there is no query "q"',
      'error a.yml:5:5: the metric has several values and no value_label: add one',
      'error a.yml:6:5: the metric has no values: add the columns to read',
      'error a.yml:7:5: the metric has no type: add it',
      'error a.yml:7:5: the metric needs exactly one of query and query_ref',
    ],
  },
  {
    name: 'a collector of which nothing can be said',
    input: {
      'a.yml':
        'collector_name: a\nmetrics: [{metric_name: a, type: gauge, help: A., values: [v], query: CALL p()}]\n',
    },
    said: [
      'error a.yml:1:1: nothing of it could be converted; the reasons stand above',
      'a.yml:2: metric_name "a": is left out: the query begins with CALL: set allow_call: true ' +
        'if the procedure only reads',
    ],
  },
  {
    name: 'a .my.cnf with a port in the host, and values of several lines',
    input: {
      '.my.cnf':
        '[client]\nuser = u\nhost = 10.0.0.2:3307\n[a]\nuser = b\\\npassword = "c\nhost = [::1]:3308\n',
    },
    said: [
      'error .my.cnf:3:1: host: has a port: write port = 3307 in a line of its own, and the host alone here',
      'error .my.cnf:5:1: the value goes on in the next line: write it in one, in backticks',
      'error .my.cnf:6:1: the value goes on in the next line: write it in one, in backticks',
      `.my.cnf:6: password: ${PASSWORD}`,
      'error .my.cnf:7:1: host: has a port: write port = 3308 in a line of its own, and the host alone here',
    ],
  },
  {
    name: 'a .my.cnf without a login, and lines that are none',
    input: { '.my.cnf': 'secret\n[client]\nhost = a b\n[open\n' },
    from: 'my.cnf',
    said: [
      'error .my.cnf:1:1: expected a section such as [client] before this line',
      '.my.cnf:2: [client]: has no user, so it is left out',
      'error .my.cnf:4:1: the name of a section lacks its closing bracket: add ]',
    ],
  },
  {
    name: 'a host that is none',
    input: { '.my.cnf': '[client]\nuser = u\nhost = a b\n' },
    said: [
      'error .my.cnf:3:1: host: the host has a character that no host name has: write its name or address alone',
    ],
  },
];

for (const { name, input, from, said } of wrong)
  test(`wrong: ${name}`, () => {
    const converted = convert(input, from);
    assert.deepEqual(converted.said, said);
    assert.deepEqual(converted.files, {});
  });

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'a',
    'b',
    'x-1',
    '$$',
    '${X}',
    'true',
    '1',
    '# c',
    'a: b',
    '__proto__',
    '<<',
    'le',
    ' a\nb ',
  ),
);

test('no text makes it throw, whatever the format', () => {
  const lines = fc.array(
    fc.oneof(
      texts,
      fc.constantFrom(
        '[client]',
        'dsn: u:p@/',
        'metrics:',
        'x: {query: a, metrics: [{b: {usage: GAUGE}}]}',
        'collector_name: a',
        '  a: *b',
        '- &b c',
      ),
    ),
  );
  fc.assert(
    fc.property(lines, lines, fc.constantFrom(undefined, ...FORMATS), (first, second, from) => {
      convert({ a: first.join('\n'), b: second.join('\n') }, from);
      convert({ a: first.join('\n') }, from);
    }),
  );
});

const SECRET = 'hunter2-hunter2';

test('nothing that is said about a .my.cnf has its password', () => {
  const line = fc.constantFrom(
    ...['[client]', '[client.x]', 'user = u', 'host = h', `password = ${SECRET}`, `password=a#${SECRET}`],
    ...[`password = "${SECRET}`, `password = $${SECRET} # a`, `host = ${SECRET}:1`, `ssl-mode = ${SECRET}`],
    ...[
      SECRET,
      `password ${SECRET}`,
      `"${SECRET}" = a`,
      `[${SECRET.slice(1)}`,
      `ssl-ca = a`,
      `port = ${SECRET}`,
    ],
    ...[`host = ${SECRET}@h`, `tls = ${SECRET}`, `socket = ${SECRET}`],
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const { said } = convert({ '.my.cnf': ['[client]', 'user=u', ...lines].join('\n') });
      assert.ok(!said.join('\n').includes(SECRET.slice(1)), said.join('\n'));
    }),
  );
});
