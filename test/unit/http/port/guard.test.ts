/** A client that hangs up while its login is compared never reaches the application. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { hashSync } from 'bcryptjs';
import { createAuthority } from '../../../support/certificates.ts';
import { eventually } from '../../../support/eventually.ts';
import { askOnSession, openSession } from '../../../support/port/secure-client.ts';
import { servePort } from '../../../support/port/served-port.ts';

/** Long enough to hang up before it is compared. */
const SLOW = hashSync('secret', 12);
const authority = await createAuthority();
after(() => authority.remove());

test('no probe for who is gone', async () => {
  const { certFile, keyFile } = await authority.issue('DNS:localhost');
  await using exporter = await servePort(`
tls_server_config: {cert_file: ${certFile}, key_file: ${keyFile}}
basic_auth_users: {alice: "${SLOW}"}
`);
  const session = await openSession({ port: exporter.port, ca: authority.cert, servername: 'localhost' });
  const login = (password: string) => ({
    authorization: `Basic ${Buffer.from(`alice:${password}`).toString('base64')}`,
  });
  const gone = session.request({ ':path': '/probe?target=nowhere', ...login('secret') });
  gone.on('error', () => {}).end();
  // The server has it when it answers one that came behind it.
  assert.equal((await askOnSession(session, '/-/healthy')).status, 401);
  gone.close(8);
  const stays = await askOnSession(session, '/-/healthy', { headers: login('secret') });
  assert.equal(stays.status, 200);
  await eventually(async () => assert.equal(await exporter.own('query_exporter_probes_in_flight'), 0));
  assert.equal(await exporter.own('query_exporter_probes_total'), 0);
  session.destroy();
});
