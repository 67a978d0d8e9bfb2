/** What the README shows works as shown. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { errorsOf, metricValue } from '../exposition/parse.ts';
import { realServers } from '../servers/real-servers.ts';
import { Exporter } from './exporter.ts';

const README = await readFile(new URL('../../README.md', import.meta.url), 'utf8');

/** The one YAML block of the README that begins with this key. */
function block(key: string): string {
  const blocks = [...README.matchAll(/```yaml\n([^`]*)```/g)].map((match) => match[1] ?? '');
  const [found, ...more] = blocks.filter((text) => text.startsWith(`${key}:`));
  assert.ok(found !== undefined && more.length === 0, `${1 + more.length} blocks with ${key}`);
  return found;
}

const servers = await realServers();
const USER = 'readme_reader';

test('the account of the README may run all that is shipped, and the example set', async () => {
  const [, create = '', grant = ''] = /```sql\n(CREATE USER[^;]*;)\n(GRANT[^;]*;)\n```/.exec(README) ?? [];
  const targets = block('auth_modules')
    .replace('password_file: /etc/mysql-query-exporter/password', "password: 'a long password'")
    .replace('user: exporter', `user: ${USER}`)
    .replace('10.0.0.11:3306', `127.0.0.1:${servers[0]?.port}`)
    .replace('10.0.0.12:3306', `127.0.0.1:${servers[1]?.port}`);
  for (const server of servers) {
    await server.dropUser(USER);
    await server.root(create.replace("'exporter'", `'${USER}'`));
    await server.root(grant.replace("'exporter'", `'${USER}'`));
    after(() => server.dropUser(USER));
  }
  await using shipped = await Exporter.start({ 'targets.yml': targets });
  await using own = await Exporter.start({
    'targets.yml': `query_files: [shop.yml]\n${targets.replaceAll(/query_sets: \[.*?\]/g, 'query_sets: [shop]')}`,
    'shop.yml': block('query_sets'),
  });
  for (const target of ['orders-primary', 'orders-replica']) {
    const { text } = await shipped.probe(
      target,
      10,
      '&query_set=sessions&query_set=innodb&query_set=table_sizes',
    );
    assert.equal(metricValue(text, 'mysql_up'), 1);
    assert.deepEqual(errorsOf(text), []);
    const shop = (await own.probe(target)).text;
    assert.deepEqual(errorsOf(shop), []);
    assert.ok((metricValue(shop, 'shop_customers') ?? 0) > 0);
    assert.ok(
      shop.includes('\nshop_orders{status="') &&
        shop.includes('\nshop_newest_order_timestamp_seconds{status="'),
    );
  }
});
