/** Names that dashboards still use, which a target asks for by a parameter. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Exporter } from '../support/exporter.ts';
import { errorsOf, metricValue, parseExposition } from '../support/parse-exposition.ts';
import { realServers } from '../support/real-servers.ts';

const USER = 'profile_reader';
const servers = await realServers();
for (const server of servers) await server.createUser(USER, 'x', 'PROCESS ON *.*');

const exporter = await Exporter.start({
  'targets.yml': `
defaults: {user: ${USER}, password: x, query_sets: [global_status, info_schema.processlist]}
groups:
  old:
    params:
      global_status: {buffer_pool_total: true, redo_log_names: true}
      info_schema.processlist: {old_names: true}
targets:
${servers
  .map(
    ({ name, port }) => `
  ${name}: {address: "127.0.0.1:${port}"}
  ${name}_old: {address: "127.0.0.1:${port}", groups: [old]}`,
  )
  .join('')}
`,
});
after(async () => {
  await exporter[Symbol.asyncDispose]();
  for (const server of servers) await server.dropUser(USER);
});

for (const { flavour, name } of servers) {
  test(`${name}: old names are exposed on request only`, async () => {
    const plain = (await exporter.probe(name)).text;
    const old = (await exporter.probe(`${name}_old`)).text;
    assert.deepEqual(errorsOf(old), []);
    const families = (text: string) => new Set(parseExposition(text).map((sample) => sample.name));
    const added = [...families(old)].filter((family) => !families(plain).has(family));
    const redo = ['current_lsn', 'checkpoint_lsn', 'flushed_lsn', 'capacity_bytes', 'written_bytes_total'];
    const historic = ['lsn_current', 'lsn_last_checkpoint', 'lsn_flushed', 'checkpoint_age'];
    assert.deepEqual(
      added.filter((family) => !family.startsWith('query_exporter_')).sort(),
      [
        'mysql_info_schema_threads',
        'mysql_info_schema_threads_seconds',
        ...(flavour === 'mysql'
          ? [
              ...[...redo, 'checkpoint_age_bytes', 'checkpoint_age_ratio'].map(
                (part) => `mysql_innodb_redo_log_${part}`,
              ),
              ...historic.map((part) => `mysql_global_status_innodb_${part}`),
            ]
          : []),
      ].sort(),
    );
    const total = { state: 'total' };
    assert.ok((metricValue(old, 'mysql_global_status_buffer_pool_pages', total) ?? 0) > 0);
    assert.equal(metricValue(plain, 'mysql_global_status_buffer_pool_pages', total), undefined);
    if (flavour === 'mysql') {
      const value = (part: string) => metricValue(old, `mysql_innodb_redo_log_${part}`) ?? Number.NaN;
      assert.equal(value('checkpoint_age_bytes'), value('current_lsn') - value('checkpoint_lsn'));
      assert.ok(
        Math.abs(value('checkpoint_age_ratio') - value('checkpoint_age_bytes') / value('capacity_bytes')) <
          1e-4,
      );
    }
  });
}
