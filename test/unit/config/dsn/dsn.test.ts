import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDsn } from '../../../../src/config/dsn/dsn.ts';

const LOCAL = { kind: 'tcp', host: '127.0.0.1', port: 3306 };
const DB1 = { kind: 'tcp', host: 'db1', port: 3306 };
const NOTHING = { session: {}, warnings: [] };

const good: [string, object][] = [
  ['/', { address: LOCAL, ...NOTHING }],
  ['root@/', { address: LOCAL, user: 'root', password: '', ...NOTHING }],
  [
    'test:test123@tcp(127.0.0.1:3307)/information_schema',
    {
      address: { ...LOCAL, port: 3307 },
      user: 'test',
      password: 'test123',
      database: 'information_schema',
      ...NOTHING,
    },
  ],
  [
    'u:p@ss:w/rd%40@tcp(db1)/d',
    { address: DB1, user: 'u', password: 'p@ss:w/rd%40', database: 'd', ...NOTHING },
  ],
  [
    'u:p@tcp([::1]:3307)/',
    { address: { kind: 'tcp', host: '::1', port: 3307 }, user: 'u', password: 'p', ...NOTHING },
  ],
  [
    'u:p@tcp([::1])/',
    { address: { kind: 'tcp', host: '::1', port: 3306 }, user: 'u', password: 'p', ...NOTHING },
  ],
  [
    'u@unix(/run/m.sock)/d',
    { address: { kind: 'unix', path: '/run/m.sock' }, user: 'u', password: '', database: 'd', ...NOTHING },
  ],
  ['u@unix/', { address: { kind: 'unix', path: '/tmp/mysql.sock' }, user: 'u', password: '', ...NOTHING }],
  ['tcp(db1)/a%2Fb', { address: DB1, database: 'a/b', ...NOTHING }],
  [
    "tcp(db1)/?timeout=500ms&readTimeout=2s&tls=true&sql_mode='ANSI'&wait_timeout=60&tx_isolation=%27READ-COMMITTED%27&autocommit=true",
    {
      address: DB1,
      connectTimeoutMs: 500,
      queryTimeoutMs: 2000,
      tlsMode: 'verify_identity',
      session: { sql_mode: 'ANSI', wait_timeout: 60, tx_isolation: 'READ-COMMITTED', autocommit: 1 },
      warnings: [],
    },
  ],
  ['tcp(db1)/?tls=skip-verify', { address: DB1, tlsMode: 'required', ...NOTHING }],
  ['tcp(db1)/?tls=false&nothing', { address: DB1, tlsMode: 'disabled', ...NOTHING }],
  [
    'tcp(db1)/?charset=utf8mb4&parseTime=true&timeout=0&multiStatements=false',
    {
      address: DB1,
      session: {},
      warnings: [
        'the DSN option charset has no meaning here, ignored',
        'the DSN option parseTime has no meaning here, ignored',
        'the DSN option timeout is zero, which means none: ignored',
      ],
    },
  ],
  ['mysql://u:p%40%23@db1/d', { address: DB1, user: 'u', password: 'p@#', database: 'd', ...NOTHING }],
  [
    'mariadb://u@[::1]:3307',
    { address: { kind: 'tcp', host: '::1', port: 3307 }, user: 'u', password: '', ...NOTHING },
  ],
  [
    'mysql://u@/d?socket=/run/m.sock',
    { address: { kind: 'unix', path: '/run/m.sock' }, user: 'u', password: '', database: 'd', ...NOTHING },
  ],
  [
    'mysql://db1?ssl-mode=VERIFY_CA&connect_timeout=2',
    { address: DB1, tlsMode: 'verify_ca', connectTimeoutMs: 2000, ...NOTHING },
  ],
];
for (const [text, value] of good)
  test(`DSN ${text}`, () => assert.deepEqual(parseDsn(text), { ok: true, value }));

const FORM = 'write user:password@tcp(host:3306)/database or mysql://user:password@host:3306/database';
const ENCODE = 'in a user or password write @ as %40, : as %3A, / as %2F, # as %23, ? as %3F and % as %25';
const URL_OPTION =
  'the URL has an option that is not allowed; allowed are ssl-mode, tls, timeout, connect_timeout, socket';
const bad: [string, string][] = [
  ['', `the DSN lacks the slash before the database: ${FORM}`],
  ['u:p@tcp(db1)', `the DSN lacks the slash before the database: ${FORM}`],
  ['u:p@udp(db1)/', `the network of the DSN must be tcp(host:port) or unix(/path/to/socket): ${FORM}`],
  ['u:p@db1:3306/', `the network of the DSN must be tcp(host:port) or unix(/path/to/socket): ${FORM}`],
  ['u:p@tcp(db1/', 'the address of the DSN lacks its closing bracket: write tcp(host:3306)/'],
  ['u:p@tcp(db1)/d?loc=US/Pacific', 'the DSN has a slash after its database: in an option write it as %2F'],
  ['u:p@tcp(db1:99999)/', 'in the DSN, the port must be a number from 1 to 65535'],
  ['/d%', 'the database name in the DSN has a % that is no percent-encoding: write %25'],
  ['/?allowAllFiles=true', 'the DSN option allowAllFiles is refused: it is not safe'],
  ['/?multiStatements=1', 'the DSN option multiStatements is refused: it is not safe'],
  ['/?allowCleartextPasswords=TRUE', 'the DSN option allowCleartextPasswords is refused: it is not safe'],
  ['/?allowFallbackToPlaintext=x', 'the DSN option allowFallbackToPlaintext is refused: it is not safe'],
  [
    '/?tls=custom',
    'the DSN option tls must be true, false, skip-verify or preferred; more is possible with the key tls of the target',
  ],
  [
    '/?tls=constructor',
    'the DSN option tls must be true, false, skip-verify or preferred; more is possible with the key tls of the target',
  ],
  ['/?timeout=soon', 'the DSN option timeout must be a duration such as 500ms or 5s'],
  [
    '/?a;b=1',
    'the DSN has an option that is neither known nor the name of a system variable (letters, digits, _ and .)',
  ],
  ['mysql://u:p#x@db1/', `the URL has an unencoded #: ${ENCODE}`],
  ['mysql://u:p@x@db1/', `the URL cannot be split with certainty: ${ENCODE}`],
  ['mysql://u:p/x@db1/', `the URL cannot be split with certainty: ${ENCODE}`],
  ['mysql://u:p:x@db1/', `the user and password of the URL are not well formed: ${ENCODE}`],
  ['mysql://u:%zz@db1/', `the user and password of the URL are not well formed: ${ENCODE}`],
  ['mysql://u:p?x@db1/', URL_OPTION],
  ['mysql://u:p@x?secret=1@db1/', URL_OPTION],
  ['mysql://root:pa?ss', URL_OPTION],
  [
    'mysql://u:p@db1/?tls=required&multipleStatements=secret',
    'the URL has the option multipleStatements, which is not allowed; allowed are ssl-mode, tls, timeout, connect_timeout, socket',
  ],
  ['mysql://db1/?multipleStatements=true', URL_OPTION],
  ['mysql://db1/?flags=LOCAL_FILES', URL_OPTION],
  ['mysql://db1/?__proto__=1', URL_OPTION],
  [
    'mysql://db1/?tls=disabled&ssl-mode=required',
    'the URL gives one option twice, or under two names: keep one of them',
  ],
  [
    'mysql://db1/?tls=x',
    'the option tls of the URL must be one of disabled, preferred, required, verify_ca, verify_identity',
  ],
  ['mysql://u@/', 'the URL has neither a host nor the option socket'],
  ['mysql://db1/?socket=/x', 'the URL has both a host and the option socket: leave out one of them'],
];
for (const [text, message] of bad)
  test(`DSN ${JSON.stringify(text)} is refused`, () =>
    assert.deepEqual(parseDsn(text), { ok: false, message }));

test('any user, password and database survive a DSN', () => {
  const user = fc.string().filter((text) => !text.includes(':'));
  fc.assert(
    fc.property(user, fc.string(), fc.string({ unit: 'grapheme' }), (name, password, database) => {
      const dsn = parseDsn(`${name}:${password}@tcp(db1)/${encodeURIComponent(database)}`);
      // A user that makes the whole begin like a URL is read as one: `mysql` with a password of two slashes.
      fc.pre(!/^(?:mysql|mariadb):\/\//i.test(`${name}:${password}`));
      assert.ok(dsn.ok);
      assert.deepEqual(
        [dsn.value.user, dsn.value.password, dsn.value.database ?? ''],
        [name, password, database],
      );
    }),
  );
});

test('any user, password and database survive a URL', () => {
  const part = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(part, part, part, (...parts) => {
      const [user, password, database] = parts.map(encodeURIComponent);
      const dsn = parseDsn(`mysql://${user}:${password}@db1/${database}`);
      assert.ok(dsn.ok);
      assert.deepEqual([dsn.value.user, dsn.value.password, dsn.value.database ?? ''], parts);
    }),
  );
});

test('no message holds a piece of the password, whatever is wrong around it', () => {
  const letters = fc.string({ unit: fc.constantFrom(...'QXZ0987'), minLength: 4, maxLength: 8 });
  const secret = fc.tuple(
    letters,
    fc.constantFrom('', '@', '/', '?', '#', '%', ':', '&', '(', ')', '=', '?a='),
    letters,
  );
  const prefix = fc.constantFrom(
    'mysql://u:',
    'mariadb://:',
    'u:',
    '',
    'tcp(',
    '/?',
    '/?tls=',
    '/?timeout=',
    '/?allowAllFiles=',
    'mysql://h/?tls=',
    'mysql://h/?',
  );
  const suffix = fc.constantFrom(
    '@tcp(db1)/',
    '@tcp(db1/',
    '@tcp(db1)',
    '@db1/',
    '@db1:x/',
    '/',
    '',
    '=1',
    '@tcp(db1)/?tls=x',
    '@db1/?x=1',
  );
  fc.assert(
    fc.property(prefix, secret, suffix, (before, [left, middle, right], after) => {
      const dsn = parseDsn(before + left + middle + right + after);
      const said = dsn.ok ? dsn.value.warnings.join() : dsn.message;
      assert.ok(!said.includes(left) && !said.includes(right), said);
    }),
    { numRuns: 2000 },
  );
});

test('no text throws', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('', 'mysql://', 'u:p@tcp(h)/?'), (text, before) => {
      assert.equal(typeof parseDsn(before + text).ok, 'boolean');
    }),
  );
});
