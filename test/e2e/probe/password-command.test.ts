/** Programs that print passwords, good and bad ones in one exporter, on real servers. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { Exporter } from '../../support/exporter.ts';
import { metricValue } from '../../support/parse-exposition.ts';
import { realServers } from '../../support/real-servers.ts';

const USER = 'by_command';
const PASSWORD = 'pw-of-the-command';

const folder = await mkdtemp(join(tmpdir(), 'password-command-'));
after(() => rm(folder, { recursive: true }));
const servers = await realServers();

const QUERIES =
  'query_sets: {one: {metrics: {one: {query: SELECT 1 AS v, type: gauge, description: One, value: v}}}}\n';

/** Each by its name as a target, with a part of what is said about it in the log. */
const BAD: Readonly<Record<string, readonly [script: string, says: string]>> = {
  fails: [`echo ${PASSWORD}; echo no login for you >&2; exit 7`, 'failed with exit code 7: no login for you'],
  tells: [`echo ${PASSWORD}; echo got ${PASSWORD} >&2; exit 1`, 'failed with exit code 1: got <...>'],
  nothing: ['true', 'printed nothing: it must print the password'],
  lines: [`echo Warning; echo ${PASSWORD}`, 'printed several lines or control characters'],
  megabyte: ['head -c 1000000 /dev/zero', 'printed more than 64 KiB and was killed'],
  hangs: [`echo $$ > ${folder}/pid; sleep 3600`, 'has not printed the password in time: it goes on'],
};

/** Whether a process runs; one that has ended and waits to be reaped does not. */
async function isRunning(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) [ZX] /.test(stat);
}

/** A dollar is written twice in targets.yml. */
const command = (script: string) => JSON.stringify(['/bin/sh', '-c', script.replaceAll('$', '$$$$')]);

for (const server of servers)
  test(`${server.name}: bad programs cost their own targets only, and end with the exporter`, async (t) => {
    await server.createUser(USER, PASSWORD);
    t.after(() => server.dropUser(USER));
    const gone = join(folder, 'gone');
    await writeFile(gone, '#!/bin/sh\n', { mode: 0o700 });
    const address = `address: "127.0.0.1:${server.port}", user: ${USER}`;
    const bad = Object.entries(BAD).map(
      ([name, [script]]) =>
        `  ${name}: {${address}, connect_timeout: 1s, password_command: ${command(script)}}`,
    );
    const says = `[ {user} = ${USER} ] && [ {port} = ${server.port} ] && echo ${PASSWORD}`;
    await using exporter = await Exporter.start({
      'targets.yml': `
query_files: [queries.yml]
defaults: {query_sets: [one], allow_public_key_retrieval: true}
targets:
  good: {${address}, password_command: ${command(says)}, connect_timeout: 9s}
  gone: {${address}, password_command: [${gone}]}
${bad.join('\n')}
`,
      'queries.yml': QUERIES,
    });
    await rm(gone);
    const names = ['good', 'gone', ...Object.keys(BAD)];
    const answers = await Promise.all(names.map((name) => exporter.probe(name)));
    for (const [i, name] of names.entries()) {
      const text = answers[i]?.text ?? '';
      if (name === 'good') assert.equal(metricValue(text, 'mysql_up'), 1, exporter.log);
      else assert.equal(metricValue(text, 'query_exporter_probe_error', { reason: 'credentials' }), 1, name);
      assert.ok(!text.includes(PASSWORD), name);
    }
    for (const [, detail] of Object.values(BAD))
      assert.ok(exporter.log.includes(detail), `${detail}: ${exporter.log}`);
    assert.ok(exporter.log.includes(`password_command: ${gone} was not found`), exporter.log);
    assert.ok(!exporter.log.includes(PASSWORD));
    const pid = (await readFile(join(folder, 'pid'), 'utf8')).trim();
    assert.ok(await isRunning(pid), 'it hangs still');
    exporter.signal('SIGTERM');
    assert.equal(await exporter.exited(), 0);
    await eventually(async () => assert.equal(await isRunning(pid), false));
  });
