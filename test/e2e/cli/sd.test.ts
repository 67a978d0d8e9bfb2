/** What `sd` prints is what /sd answers, and a file that Prometheus takes. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeFolder, temporaryFolder } from '../../../harness/children.ts';
import { promtool } from '../../repo/deploy/promtool.ts';
import { Exporter, runCommand } from '../../support/exporter.ts';

const FILES = {
  'targets.yml': `
defaults: {user: u, labels: {env: prod}}
groups: {eu: {scrape_interval: 1m}, us: {}}
targets:
  b: {address: "10.0.0.2:3306", groups: [us]}
  a: {address: "10.0.0.1:3306", groups: [eu]}
  socket: {address: "unix:///run/mysqld/mysqld.sock", groups: [eu, us]}
  off: {address: "10.0.0.3:3306", enabled: false}
`,
};

const runs = [
  { args: [], path: '/sd' },
  { args: ['--group', 'us', '--group', 'eu'], path: '/sd?group=us&group=eu' },
  { args: ['--recipe', 'direct'], path: '/sd?recipe=direct&group=eu', group: 'eu' },
] as const;

for (const { args, path, ...more } of runs)
  test(`sd ${args.join(' ')} is ${path}`, async (t) => {
    await using exporter = await Exporter.start(FILES);
    const served = await exporter.get(path);
    const group = 'group' in more ? ['--group', more.group, '--address', new URL(exporter.url).host] : [];
    const { code, stderr, stdout } = await runCommand(FILES, 'sd', ...args, ...group);
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(stdout, served.text);
    const folder = temporaryFolder('file-sd');
    t.after(() => removeFolder(folder));
    await writeFile(join(folder, 'mysql.json'), stdout);
    const config = join(folder, 'prometheus.yml');
    await writeFile(config, 'scrape_configs: [{job_name: mysql, file_sd_configs: [{files: [mysql.json]}]}]');
    assert.match(await promtool('check', 'config', config), /SUCCESS/);
  });

test('--address may be the external URL: its scheme and path hold', async () => {
  const { stdout } = await runCommand(
    FILES,
    ...['sd', '--recipe', 'direct', '--address', 'https://metrics.example.com/db/', '--group', 'eu'],
  );
  const [first] = JSON.parse(stdout) as { targets: string[]; labels: Record<string, string> }[];
  assert.deepEqual(first?.targets, ['metrics.example.com:443']);
  assert.equal(first.labels['__scheme__'], 'https');
  assert.equal(first.labels['__metrics_path__'], '/db/probe');
});

for (const [args, sentence] of [
  [['--recipe', 'direct'], /--recipe direct needs the address of the exporter: --address HOST:PORT/],
  [['--address', 'exporter:9104'], /--address is for --recipe direct/],
  [['--recipe', 'direct', '--address', 'exporter/x'], /Expected HOST:PORT/],
  [['--recipe', 'dirct'], /Allowed choices are direct/],
  [['--group', 'ue'], /^unknown group "ue"; did you mean "eu"\?$/m],
] as const)
  test(`sd ${args.join(' ')} is a wrong call`, async () => {
    const { code, stderr, stdout } = await runCommand(FILES, 'sd', ...args);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, sentence);
  });
