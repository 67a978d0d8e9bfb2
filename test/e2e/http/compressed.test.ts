/** Answers compressed our own way, as Prometheus reads them: what unpacks gzip there is Go's, and not zlib. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { removeFolder, stopChild, temporaryFolder } from '../../../harness/children.ts';
import { freePort } from '../../../harness/free-port.ts';
import { findPrometheus } from '../../../harness/programs.ts';
import { startPrometheus, writePrometheusConfig } from '../../../harness/prometheus.ts';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { realServers } from '../../support/real-servers.ts';

const servers = await realServers();
const exporter = await Exporter.start({
  'targets.yml': `
defaults: {user: exporter, password: exporter}
targets:
${servers.map(({ name, port }) => `  ${name}: {address: "127.0.0.1:${port}"}`).join('\n')}
`,
});
after(() => exporter[Symbol.asyncDispose]());

/** The body as it travels. */
async function compressed(target: string): Promise<Buffer> {
  const request = get(`${exporter.url}/probe?target=${target}`, { headers: { 'accept-encoding': 'gzip' } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  assert.equal(response.headers['content-encoding'], 'gzip');
  return await buffer(response);
}

const namesOf = (text: string) => new Set([...text.matchAll(/^mysql_global_variables_\w+/gm)].map(String));

test('an answer that is mostly known becomes smaller than by zlib, and Prometheus reads all of it', async (t) => {
  const expected = new Map<string, number>();
  for (const { name } of servers) {
    await eventually(async () => {
      const body = await compressed(name);
      const text = gunzipSync(body);
      const { length } = gzipSync(text, { level: 1 });
      assert.ok(body.length < length * 0.9, `${name}: ${body.length} bytes, and ${length} by zlib`);
      expected.set(name, namesOf(text.toString()).size);
    });
  }

  const folder = temporaryFolder('prometheus');
  t.after(() => removeFolder(folder));
  const config = await writePrometheusConfig(folder, new URL(exporter.url).host, [...expected.keys()]);
  const quick = (await readFile(config, 'utf8')).replace(/scrape_(interval|timeout): \d+s/g, 'scrape_$1: 3s');
  await writeFile(config, quick);
  const prometheus = await startPrometheus(await findPrometheus(), folder, config, await freePort());
  t.after(() => stopChild(prometheus.child, 5000));
  const byInstance = async (query: string) => {
    const response = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data } = (await response.json()) as {
      data: { result: readonly { metric: { instance: string }; value: [number, string] }[] };
    };
    return new Map(data.result.map(({ metric, value }) => [metric.instance, Number(value[1])]));
  };
  await eventually(async () =>
    assert.deepEqual(
      await byInstance('count by (instance) ({__name__=~"mysql_global_variables_.+"})'),
      expected,
    ),
  );
  const ports = new Map(servers.map(({ name, port }) => [name, port]));
  assert.deepEqual(await byInstance('mysql_global_variables_port'), ports);
});
