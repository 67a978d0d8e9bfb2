/** A real Prometheus that scrapes over TLS with login, HTTP/2 and a client certificate, while all of them change. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { hashSync } from 'bcryptjs';
import { removeFolder, stopChild, temporaryFolder } from '../../../harness/children.ts';
import { freePort } from '../../../harness/free-port.ts';
import { findPrometheus } from '../../../harness/programs.ts';
import { startPrometheus } from '../../../harness/prometheus.ts';
import { createAuthority } from '../../support/certificates.ts';
import { eventually } from '../../support/eventually.ts';
import { mountFolder } from '../../support/port/mounted-folder.ts';
import { servePort } from '../../support/port/served-port.ts';

const authority = await createAuthority();
const folder = temporaryFolder('port-prometheus');
after(async () => {
  await authority.remove();
  removeFolder(folder);
});

/** Hundreds of scrapes of them in the test; nobody answers there, and the exporter does. */
const TARGETS = Array.from({ length: 20 }, (_, n) => `nowhere-${n}`);

test('up stays 1 while certificate, user and password change', async (t) => {
  const [first, second, client] = await Promise.all([
    authority.issue('IP:127.0.0.1'),
    authority.issue('IP:127.0.0.1'),
    authority.issue('DNS:prometheus.example'),
  ]);
  const { at, swap } = await mountFolder(join(folder, 'web'));
  const web = (users: Readonly<Record<string, string>>) => `
tls_server_config:
  cert_file: cert.pem
  key_file: key.pem
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.pem
  client_allowed_sans: [prometheus.example]
basic_auth_users: ${JSON.stringify(Object.fromEntries(Object.entries(users).map(([user, password]) => [user, hashSync(password, 4)])))}
`;
  const files = (of: typeof first, users: Readonly<Record<string, string>>) => ({
    ...{ 'cert.pem': of.cert, 'key.pem': of.key, 'ca.pem': authority.cert, 'web.yml': web(users) },
  });
  await swap(files(first, { alice: 'old' }));
  const targets = TARGETS.map((name) => `${name}: {address: "127.0.0.1:1", user: x}`).join(', ');
  await using exporter = await servePort(
    { path: join(at, 'web.yml') },
    { targets: `targets: {${targets}}\n` },
  );

  const config = join(folder, 'prometheus.yml');
  const configure = (username: string, password: string) =>
    writeFile(
      config,
      `
global: {scrape_interval: 2s, scrape_timeout: 2s}
scrape_configs:
  - job_name: mysql
    metrics_path: /probe
    scheme: https
    basic_auth: {username: ${username}, password: ${password}}
    tls_config: {ca_file: ${authority.certFile}, cert_file: ${client.certFile}, key_file: ${client.keyFile}}
    static_configs: [{targets: [${TARGETS.join(', ')}]}]
    relabel_configs:
      - {source_labels: [__address__], target_label: __param_target}
      - {source_labels: [__param_target], target_label: instance}
      - {target_label: __address__, replacement: "127.0.0.1:${exporter.port}"}
`,
    );
  await configure('alice', 'old');
  const prometheus = await startPrometheus(await findPrometheus(), folder, config, await freePort());
  t.after(() => stopChild(prometheus.child, 5000));
  const ask = async (query: string): Promise<readonly number[]> => {
    const response = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
    return data.result.map(({ value }) => Number(value[1]));
  };
  const scrapes = async () => (await ask('sum(count_over_time(up[1h]))'))[0] ?? 0;
  /** Waits for some scrapes of every target. */
  const more = async () => {
    const before = await scrapes();
    await eventually(async () =>
      assert.ok((await scrapes()) >= before + 2 * TARGETS.length, 'no more scrapes'),
    );
    const refusals = await exporter.own('query_exporter_requests_refused_total', '{reason="login"}');
    assert.deepEqual([await ask('min(min_over_time(up[1h]))'), refusals], [[1], 0], exporter.log.slice(-500));
  };

  await eventually(async () => assert.equal((await ask('up == 1')).length, TARGETS.length));
  await more();
  assert.equal(await exporter.connections(), 1, 'HTTP/2 has one for all targets, HTTP/1.1 has several');
  await swap(files(second, { alice: 'old', bob: 'new' }));
  await more();
  await configure('bob', 'new');
  prometheus.child.signal('SIGHUP');
  await eventually(async () => {
    const { data } = (await (await fetch(`${prometheus.url}/api/v1/status/config`)).json()) as {
      data: { yaml: string };
    };
    assert.match(data.yaml, /username: bob/);
  });
  await more();
  await swap(files(second, { bob: 'new' }));
  await more();
  assert.equal(exporter.log.match(/web file taken over/g)?.length, 2);
  assert.doesNotMatch(exporter.log, /level=error/);
});
