/** Logins without TLS to a server that has no RSA key: what the message says, and that a wrong password reads otherwise. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { open } from '../../support/mysql.ts';
import { privateServer } from '../../support/real-servers.ts';

/** As a MariaDB is whose plugin was installed since it started. */
const WITHOUT_KEY = [
  '--caching-sha2-password-private-key-path=none.pem',
  '--caching-sha2-password-public-key-path=none.pem',
  '--caching-sha2-password-auto-generate-rsa-keys=OFF',
];

const server = await privateServer('mysql', { args: WITHOUT_KEY });
after(() => server.stop());
await server.root("CREATE USER 'tester'@'%' IDENTIFIED WITH caching_sha2_password BY 'opensesame'");

const NOT_ALLOWED = /allow_public_key_retrieval: true permits it without/;
const NO_KEY = /\(1045\); it refused when it was asked for its RSA key.*the password may be right: use TLS/;

const cases = [
  { name: 'the key is not asked for', password: 'opensesame', allowed: false, detail: NOT_ALLOWED },
  { name: 'the key is asked for', password: 'opensesame', allowed: true, detail: NO_KEY },
  {
    name: 'the key is asked for with a wrong password',
    password: 'openbarley',
    allowed: true,
    detail: NO_KEY,
  },
] as const;
for (const { allowed, detail, name, password } of cases)
  test(`a MySQL without an RSA key: ${name}`, async (t) => {
    const opened = await open(t, server, {
      login: { user: 'tester', password },
      allowPublicKeyRetrieval: allowed,
    });
    assert.ok(!opened.ok);
    assert.equal(opened.reason, 'auth');
    assert.match(opened.detail, detail);
  });

test('a wrong password of an account with a key at hand is only that', async (t) => {
  const own = await privateServer('mysql');
  t.after(() => own.stop());
  await own.root("CREATE USER 'tester'@'%' IDENTIFIED WITH caching_sha2_password BY 'opensesame'");
  const opened = await open(t, own, {
    login: { user: 'tester', password: 'openbarley' },
    allowPublicKeyRetrieval: true,
  });
  assert.ok(!opened.ok);
  assert.match(
    opened.detail,
    /^Access denied for user 'tester'@'localhost' \(using password: YES\) \(1045\)$/,
  );
});
