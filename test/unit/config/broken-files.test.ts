/**
 * What people get wrong in their files, and what they are told: read as a stranger, each says what to do.
 *
 * One mistake per file, with every message that it causes.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the configuration
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../support/config-folder.ts';

type Case = { readonly name: string; readonly says: readonly string[] } & (
  | { readonly targets: string }
  /** A query file beside a good targets.yml that uses the set `s`. */
  | { readonly queries: string }
);

const TARGETS = 'query_files: [q.yml]\ntargets: {a: {address: h, user: u, query_sets: [s]}}\n';

const CASES: readonly Case[] = [
  { name: 'empty file', targets: '', says: ['targets.yml:1:1: error: the file is empty'] },
  { name: 'only a comment', targets: '# x\n', says: ['targets.yml:1:1: error: the file is empty'] },
  {
    name: 'not a map',
    targets: 'targets\n',
    says: ['targets.yml:1:1: error: expected a map (key: value), found text'],
  },
  {
    name: 'a tab',
    targets: 'targets:\n\ta: {}\n',
    says: ['targets.yml:2:1: error: a tab is used for indentation: use spaces'],
  },
  {
    name: 'bad indentation',
    targets: 'targets:\n  a:\n   address: h\n  user: u\n b: {}\n',
    says: ['targets.yml:5:1: error: the indentation does not fit, or a [ or { is not closed before it'],
  },
  {
    name: 'an open bracket',
    targets: 'targets: [\n',
    says: ['targets.yml:2:1: error: the indentation does not fit, or a [ or { is not closed before it'],
  },
  {
    name: 'an open quote',
    targets: 'targets: {a: {address: "h}}\n',
    says: ['targets.yml:2:1: error: a quoted text has no closing quote'],
  },
  {
    name: 'colon in a plain text',
    targets: 'targets: {a: {address: h, user: u, labels: {x: a: b}}}\n',
    says: [
      'targets.yml:1:48: error: a list or map in lines cannot stand inside [ ] or { }; put quotes around a text that contains ": "',
    ],
  },
  {
    name: 'no space after colon',
    targets: 'targets:\n  a: {address:h, user: u}\n',
    says: ['targets.yml:2:7: error: unknown key; after "address:" a space is missing'],
  },
  {
    name: 'duplicate target',
    targets: 'targets:\n  a: {address: h, user: u}\n  a: {address: h2, user: u}\n',
    says: ['targets.yml:3:3: error: duplicate key "a": keep one of them'],
  },
  {
    name: 'variable in flow',
    targets: 'targets: {a: {address: h, user: ${X}}}\n',
    says: ['targets.yml:1:34: error: a variable inside { } or [ ] needs quotes: "${NAME}"'],
  },
  {
    name: 'unset variable',
    targets: 'targets: {a: {address: h, user: "${X}"}}\n',
    says: [
      'targets.yml:1:33: error: the environment variable X is not set: set it, or write ${X:-default} (a plain dollar is $$)',
    ],
  },
  {
    name: 'typo top key',
    targets: 'target: {a: {address: h, user: u}}\n',
    says: ['targets.yml:1:1: error: unknown key "target"; did you mean "targets"?'],
  },
  {
    name: 'typo key',
    targets: 'targets: {a: {address: h, usr: u}}\n',
    says: ['targets.yml:1:27: error: unknown key "usr"; did you mean "user"?'],
  },
  {
    name: 'list for map',
    targets: 'targets: [a]\n',
    says: ['targets.yml:1:10: error: targets: expected a map (key: value), found a list'],
  },
  {
    name: 'text for list',
    targets: 'targets: {a: {address: h, user: u, query_sets: sessions}}\n',
    says: ['targets.yml:1:48: error: query_sets: expected a list, found text (put [ ] around it)'],
  },
  {
    name: 'text for number',
    targets: 'targets: {a: {address: h, user: u, max_connections: many}}\n',
    says: [
      'targets.yml:1:53: error: max_connections: expected a whole number from 1 to 100, found text "many"',
    ],
  },
  {
    name: 'bad duration',
    targets: 'targets: {a: {address: h, user: u, query_timeout: 5x}}\n',
    says: [
      'targets.yml:1:51: error: query_timeout: expected a duration such as 500ms, 5s, 1m30s or 2h (a bare number is seconds), found text "5x"',
    ],
  },
  {
    name: 'zero duration',
    targets: 'targets: {a: {address: h, user: u, query_timeout: 0}}\n',
    says: ['targets.yml:1:51: error: query_timeout: must be longer than zero, found number 0'],
  },
  {
    name: "PostgreSQL's word for a mode of TLS",
    targets: 'targets: {a: {address: h, user: u, tls: {mode: verify-full}}}\n',
    says: [
      'targets.yml:1:48: error: mode: expected one of disabled, preferred, required, verify_ca, verify_identity, found text "verify-full"; did you mean "verify_identity"?',
    ],
  },
  {
    name: 'tls mode',
    targets: 'targets: {a: {address: h, user: u, tls: {mode: verify}}}\n',
    says: [
      'targets.yml:1:48: error: mode: expected one of disabled, preferred, required, verify_ca, verify_identity, found text "verify"',
    ],
  },
  {
    name: 'tls text',
    targets: 'targets: {a: {address: h, user: u, tls: true}}\n',
    says: ['targets.yml:1:41: error: tls: expected a map (key: value), found true'],
  },
  {
    name: 'tls version',
    targets: 'targets: {a: {address: h, user: u, tls: {min_version: 1.4}}}\n',
    says: [
      'targets.yml:1:55: error: min_version: expected one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3, found number 1.4',
    ],
  },
  {
    name: 'bad port',
    targets: 'targets: {a: {address: "h:99999", user: u}}\n',
    says: ['targets.yml:1:24: error: address: the port must be a number from 1 to 65535'],
  },
  {
    name: 'v6 without brackets',
    targets: 'targets: {a: {address: "::1", user: u}}\n',
    says: ['targets.yml:1:24: error: address: an IPv6 address must stand in brackets, like [::1]:3306'],
  },
  {
    name: 'v6 port without brackets',
    targets: 'targets: {a: {address: "fe80::1:3306", user: u}}\n',
    says: ['targets.yml:1:24: error: address: an IPv6 address must stand in brackets, like [::1]:3306'],
  },
  {
    name: 'url as address',
    targets: 'targets: {a: {address: "mysql://h/", user: u}}\n',
    says: [
      'targets.yml:1:24: error: address: this looks like a DSN or URL: use the key dsn for it, or write host, host:port, [IPv6]:port or unix:///path/to/socket',
    ],
  },
  {
    name: 'dsn as address',
    targets: 'targets: {a: {address: "u:p@tcp(h:1)/", user: u}}\n',
    says: [
      'targets.yml:1:24: error: address: this looks like a DSN or URL: use the key dsn for it, or write host, host:port, [IPv6]:port or unix:///path/to/socket',
    ],
  },
  {
    name: 'dsn no slash',
    targets: 'targets: {a: {dsn: "u:p@tcp(h:3306)"}}\n',
    says: [
      'targets.yml:1:20: error: dsn: the DSN lacks the slash before the database: write user:password@tcp(host:3306)/database or mysql://user:password@host:3306/database',
    ],
  },
  {
    name: 'dsn no paren',
    targets: 'targets: {a: {dsn: "u:p@tcp(h:3306/"}}\n',
    says: [
      'targets.yml:1:20: error: dsn: the address of the DSN lacks its closing bracket: write tcp(host:3306)/',
    ],
  },
  {
    name: 'dsn protocol',
    targets: 'targets: {a: {dsn: "u:p@udp(h:3306)/"}}\n',
    says: [
      'targets.yml:1:20: error: dsn: the network of the DSN must be tcp(host:port) or unix(/path/to/socket): write user:password@tcp(host:3306)/database or mysql://user:password@host:3306/database',
    ],
  },
  {
    name: 'dsn infile',
    targets: 'targets: {a: {dsn: "u:p@tcp(h)/?allowAllFiles=true"}}\n',
    says: ['targets.yml:1:20: error: dsn: the DSN option allowAllFiles is refused: it is not safe'],
  },
  {
    name: 'pg url',
    targets: 'targets: {a: {dsn: "postgres://u@h/"}}\n',
    says: [
      'targets.yml:1:20: error: dsn: the URL is for another kind of database: this exporter knows MySQL and MariaDB only',
    ],
  },
  {
    name: 'unknown group',
    targets: 'groups: {prod: {}}\ntargets: {a: {address: h, user: u, groups: [prd]}}\n',
    says: ['targets.yml:2:45: error: unknown group "prd"; did you mean "prod"?'],
  },
  {
    name: 'no groups at all',
    targets: 'targets: {a: {address: h, user: u, groups: [prod]}}\n',
    says: ['targets.yml:1:45: error: unknown group "prod"; there are no groups'],
  },
  {
    name: 'unknown module',
    targets: 'targets: {a: {address: h, auth_module: x}}\n',
    says: ['targets.yml:1:40: error: unknown auth module "x"; there are no auth modules'],
  },
  {
    name: 'unknown set',
    targets: 'targets: {a: {address: h, user: u, query_sets: [sesions]}}\n',
    says: ['targets.yml:1:49: error: unknown query set "sesions"; did you mean "sessions"?'],
  },
  {
    name: 'empty target name',
    targets: 'targets: {"": {address: h, user: u}}\n',
    says: ['targets.yml:1:11: error: "": the name of a target must not be empty or have control characters'],
  },
  {
    name: 'a label that Prometheus sets',
    targets: 'targets: {a: {address: h, user: u, labels: {job: x}}}\n',
    says: [
      'targets.yml:1:45: warning: Prometheus gives each target a label "job" of its own, which this one would replace',
    ],
  },
  {
    name: 'missing password file',
    targets: 'targets: {a: {address: h, user: u, password_file: nope}}\n',
    says: [
      'targets.yml:1:51: error: password_file: the file that it names does not exist; it takes a name, not the secret itself',
    ],
  },
  {
    name: 'no query file',
    targets: 'query_files: [nope.yml]\ntargets: {a: {address: h, user: u}}\n',
    says: ['targets.yml:1:15: error: query_files: no file matches "nope.yml" (looked for below FOLDER)'],
  },
  {
    name: 'empty list',
    targets: 'query_files: []\ntargets: {a: {address: h, user: u}}\n',
    says: ['targets.yml:1:14: error: query_files: the list must not be empty'],
  },
  { name: 'file empty', queries: '', says: ['q.yml:1:1: error: the file is empty'] },
  {
    name: 'metric typo',
    queries:
      'query_sets:\n  s:\n    metrics:\n      rows: {query: SELECT 1, type: gauge, description: D, value: v, lables: [x]}\n',
    says: ['q.yml:4:70: error: unknown key "lables"; did you mean "labels"?'],
  },
  {
    name: 'no query',
    queries: 'query_sets:\n  s:\n    metrics:\n      rows: {type: gauge, description: D, value: v}\n',
    says: ['q.yml:4:7: error: missing key "query"'],
  },
  {
    name: 'no value',
    queries: 'query_sets:\n  s:\n    metrics:\n      rows: {query: SELECT 1, type: gauge, description: D}\n',
    says: [
      'q.yml:4:7: error: a metric needs exactly one of value, values and static_value; this one has none',
    ],
  },
  {
    name: 'reserved label',
    queries:
      'query_sets:\n  s:\n    metrics:\n      rows: {query: SELECT 1, type: gauge, description: D, value: v, labels: [le]}\n',
    says: [
      'q.yml:4:79: error: the label "le" is reserved for histograms and summaries: rename it with {column, as}',
    ],
  },
  {
    name: 'label dashed',
    queries:
      'query_sets:\n  s:\n    metrics:\n      rows: {query: SELECT 1, type: gauge, description: D, value: v, labels: [a-b]}\n',
    says: [
      'q.yml:4:79: error: "a-b" is no valid label name: only letters, digits and _, neither a digit nor __ at the beginning; name it with {column: ..., as: ...}',
    ],
  },
  {
    name: 'label map',
    queries:
      'query_sets:\n  s:\n    metrics:\n      rows: {query: SELECT 1, type: gauge, description: D, value: v, labels: [{columm: a}]}\n',
    says: ['q.yml:4:80: error: unknown key "columm"; did you mean "column"?'],
  },
  {
    name: 'labels as text',
    queries:
      'query_sets:\n  s:\n    metrics:\n      rows: {query: SELECT 1, type: gauge, description: D, value: v, labels: a}\n',
    says: ['q.yml:4:78: error: labels: expected a list such as [user, host], or all, found text "a"'],
  },
  {
    name: 'label twice',
    queries:
      'query_sets:\n  s:\n    metrics:\n      rows: {query: SELECT 1, type: gauge, description: D, value: v, labels: [a, a]}\n',
    says: ['q.yml:4:82: error: the label "a" stands twice in this metric'],
  },
  {
    name: 'static number',
    queries:
      'query_sets:\n  s:\n    metrics:\n      rows: {query: SELECT 1, type: gauge, description: D, value: v, static_labels: {a: 1}}\n',
    says: ['q.yml:4:89: error: a: expected text, found number 1 (put quotes around it)'],
  },
  {
    name: 'sql write',
    queries:
      'query_sets:\n  s:\n    metrics:\n      rows: {query: DELETE FROM t, type: gauge, description: D, value: v}\n',
    says: [
      'q.yml:4:21: error: the query begins with DELETE, which is no statement that reads: write one that begins with SELECT, SHOW, WITH, EXPLAIN, DESCRIBE, TABLE or VALUES',
    ],
  },
  {
    name: 'sql two',
    queries:
      'query_sets:\n  s:\n    metrics:\n      rows: {query: SELECT 1; SELECT 2, type: gauge, description: D, value: v}\n',
    says: [
      'q.yml:4:21: error: the query has a second statement (SELECT ...) behind ";": make it a query of its own',
    ],
  },
  {
    name: 'sql quote',
    queries:
      'query_sets:\n  s:\n    metrics:\n      rows: {query: "SELECT \'a", type: gauge, description: D, value: v}\n',
    says: [
      "q.yml:4:21: error: the query has a text that begins with ' and has no end: add the closing '; a ' inside of it is written twice",
    ],
  },
  {
    name: 'sql list',
    queries:
      'query_sets:\n  s:\n    metrics:\n      rows: {query: [SELECT 1], type: gauge, description: D, value: v}\n',
    says: ['q.yml:4:21: error: query: expected text, found a list'],
  },
  {
    name: 'on_null',
    queries:
      'query_sets:\n  s:\n    metrics:\n      rows: {query: SELECT 1, type: gauge, description: D, value: v, on_null: 0}\n',
    says: ['q.yml:4:79: error: on_null: expected one of skip, zero, nan, error, found number 0'],
  },
  {
    name: 'max_rows',
    queries:
      'query_sets:\n  s:\n    metrics:\n      rows: {query: SELECT 1, type: gauge, description: D, value: v, max_rows: -1}\n',
    says: ['q.yml:4:80: error: max_rows: expected a whole number from 1 to 1000000, found number -1'],
  },
  {
    name: 'set name',
    queries:
      'query_sets: {my-set: {metrics: {rows: {query: SELECT 1, type: gauge, description: D, value: v}}}}',
    says: [
      'q.yml:1:14: error: "my-set": a name has letters, digits, _ and . and does not begin with a digit',
      'targets.yml:2:49: error: unknown query set "s"; query sets are: my-set',
    ],
  },
  {
    name: 'up',
    queries:
      'query_sets: {s: {namespace: "", metrics: {mysql_up: {query: SELECT 1, type: gauge, description: D, value: v}}}}',
    says: [
      'q.yml:1:43: error: the metric mysql_up is one that the exporter itself exposes: choose another name',
    ],
  },
  {
    name: 'dup labels',
    queries:
      'query_sets: {s: {queries: {a: {query: SELECT 1, metrics: {rows: {type: gauge, description: D, value: v, labels: [x]}}}, b: {query: SELECT 1, metrics: {rows: {type: gauge, description: D, value: v}}}}}}',
    says: [
      'q.yml:1:152: error: the metric query_exporter_rows has no label here but the label x at q.yml:1: one metric has the same labels everywhere',
    ],
  },
  {
    name: 'camel',
    queries:
      'query_sets: {s: {metrics: {openTables: {query: SELECT 1, type: gauge, description: D, value: v}}}}',
    says: [
      'q.yml:1:28: warning: "query_exporter_openTables" is written in camelCase: write query_exporter_open_tables',
    ],
  },
  {
    name: 'comma',
    queries:
      'query_sets:\n  s:\n    metrics:\n      rows: {query: SELECT a, b FROM t, type: gauge, description: D, value: v}\n',
    says: ['q.yml:4:31: error: unknown key without a value; a text with a comma inside { } needs quotes'],
  },
  {
    name: 'null user',
    targets: 'targets: {a: {address: h, user: }}\n',
    says: ['targets.yml:1:33: error: user: expected text, found nothing'],
  },
  {
    name: 'number user',
    targets: 'targets: {a: {address: h, user: 5}}\n',
    says: ['targets.yml:1:33: error: user: expected text, found number 5 (put quotes around it)'],
  },
  {
    name: 'password number',
    targets: 'targets: {a: {address: h, user: u, password: 12345}}\n',
    says: ['targets.yml:1:46: error: password: expected text, found a number (put quotes around it)'],
  },
  {
    name: 'session list',
    targets: 'targets: {a: {address: h, user: u, session: {a: [1]}}}\n',
    says: ['targets.yml:1:49: error: a: expected text or a number, found a list'],
  },
  {
    name: 'two documents',
    targets: 'targets: {}\n---\ntargets: {}\n',
    says: ['targets.yml:2:1: error: the file has more than one document: remove the line ---'],
  },
  {
    name: 'an alias without anchor',
    targets: 'targets: {a: *x}\n',
    says: [
      'targets.yml:1:14: error: an alias (*name) has no anchor (&name) before it; put quotes around a text that begins with *',
    ],
  },
  {
    name: 'a star in front',
    targets: 'targets: {a: {address: h, user: *me}}\n',
    says: [
      'targets.yml:1:33: error: an alias (*name) has no anchor (&name) before it; put quotes around a text that begins with *',
    ],
  },
  {
    name: 'an at sign in front',
    targets: 'targets: {a: {address: h, user: @me}}\n',
    says: ['targets.yml:1:33: error: a plain text cannot begin with @ or `: put quotes around it'],
  },
  {
    name: 'both ways to say where',
    targets: 'targets: {a: {address: h, dsn: "u@tcp(h)/"}}\n',
    says: ['targets.yml:1:15: error: the target "a" has both dsn and address: keep one of them'],
  },
  {
    name: 'no way to say where',
    targets: 'targets: {a: {user: u}}\n',
    says: [
      'targets.yml:1:11: error: the target "a" has neither dsn nor address: add one, such as address: "10.0.0.11:3306"',
    ],
  },
  {
    name: 'two passwords',
    targets: 'targets: {a: {address: h, user: u, password: x, password_file: q}}\n',
    says: [
      'targets.yml:1:49: error: password and password_file stand side by side: keep one of them',
      'targets.yml:1:64: error: password_file: the file that it names does not exist; it takes a name, not the secret itself',
    ],
  },
  {
    name: 'half a certificate',
    targets: 'targets: {a: {address: h, user: u, tls: {key_file: targets.yml}}}\n',
    says: [
      'targets.yml:1:11: error: the target "a" has only one of tls.cert_file and tls.key_file: a client certificate needs both',
      'targets.yml:1:52: warning: key_file: every user of this machine may read targets.yml; chmod 600 it',
    ],
  },
  {
    name: 'two values',
    queries:
      'query_sets:\n  s:\n    metrics:\n      rows: {query: SELECT 1, type: gauge, description: D, value: v, static_value: 1}\n',
    says: [
      'q.yml:4:70: error: a metric needs exactly one of value, values and static_value; this one has value and static_value',
    ],
  },
  {
    name: 'values without value_label',
    queries:
      'query_sets:\n  s:\n    metrics:\n      rows: {query: SELECT 1, type: gauge, description: D, values: [a, b]}\n',
    says: ['q.yml:4:60: error: values needs value_label: the label that tells the columns apart'],
  },
  {
    name: 'an empty description',
    queries:
      'query_sets:\n  s:\n    metrics:\n      rows: {query: SELECT 1, type: gauge, description: "", value: v}\n',
    says: ['q.yml:4:57: error: description: must not be empty: it becomes the HELP text'],
  },
  {
    name: 'a set that is empty',
    queries: 'query_sets: {s: }\n',
    says: ['q.yml:1:17: error: s: expected a map (key: value), found nothing'],
  },
  {
    name: 'INTO OUTFILE',
    queries:
      'query_sets:\n  s:\n    metrics:\n      rows: {query: "SELECT 1 INTO OUTFILE \'x\'", type: gauge, description: D, value: v}\n',
    says: ['q.yml:4:21: error: the query has INTO OUTFILE, which writes a file on the server: remove it'],
  },
  {
    name: 'a locking read',
    queries:
      'query_sets:\n  s:\n    metrics:\n      rows: {query: SELECT 1 FOR UPDATE, type: gauge, description: D, value: v}\n',
    says: ['q.yml:4:21: error: the query has FOR UPDATE, which locks rows that others need: remove it'],
  },
  {
    name: 'CALL',
    queries:
      'query_sets:\n  s:\n    metrics:\n      rows: {query: CALL p(), type: gauge, description: D, value: v}\n',
    says: ['q.yml:4:21: error: the query begins with CALL: set allow_call: true if the procedure only reads'],
  },
  {
    name: 'other help',
    queries:
      'query_sets: {s: {queries: {a: {query: SELECT 1, metrics: {rows: {type: gauge, description: D, value: v}}}, b: {query: SELECT 1, metrics: {rows: {type: gauge, description: E, value: v}}}}}}',
    says: [
      'q.yml:1:139: error: the metric query_exporter_rows has another description at q.yml:1: one metric has one description everywhere',
    ],
  },
];

for (const { name, says, ...files } of CASES)
  test(`a broken file: ${name}`, async () => {
    const { lines, path } = await load(
      'targets' in files
        ? { 'targets.yml': files.targets }
        : { 'targets.yml': TARGETS, 'q.yml': files.queries },
    );
    assert.deepEqual(
      lines.map((line) => line.replaceAll(path, 'FOLDER')),
      says,
    );
  });

test('no two of them are the same', () => {
  assert.ok(CASES.length >= 40);
  assert.equal(new Set(CASES.map(({ name }) => name)).size, CASES.length);
});
