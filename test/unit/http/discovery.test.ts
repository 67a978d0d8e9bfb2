/** The list for service discovery: what is in it, in which order, and nothing that Prometheus refuses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { discover, discoveryText } from '../../../src/http/discovery.ts';
import type { Target } from '../../../src/model/config.ts';
import { load, loadTarget } from '../../support/config-folder.ts';

async function targetsOf(yaml: string): Promise<readonly Target[]> {
  const { lines, result } = await load({ 'targets.yml': yaml });
  assert.ok(result.ok, lines.join('\n'));
  return [...result.config.targets.values()];
}

const FLEET = `
defaults: {user: u}
groups: {prod: {labels: {env: prod}}, eu: {}}
targets:
  orders: {address: "10.0.0.11:3306", groups: [prod, eu], labels: {shard: "1", instance: mine}}
  local: {address: "unix:///run/mysqld/mysqld.sock", groups: [eu], scrape_interval: 1500ms}
  B: {address: "[fd00::1]:3307", scrape_interval: 1m, scrape_timeout: 20s}
  retired: {address: "10.0.0.13", enabled: false}
`;

test('a list of names, for those who relabel', async () => {
  assert.deepEqual(discover(await targetsOf(FLEET), { groups: [], exporter: undefined }), [
    {
      targets: ['B'],
      labels: {
        __meta_mysql_address: '[fd00::1]:3307',
        __meta_mysql_groups: '',
        __scrape_interval__: '60s',
        __scrape_timeout__: '20s',
      },
    },
    {
      targets: ['local'],
      labels: {
        __meta_mysql_address: 'unix:///run/mysqld/mysqld.sock',
        __meta_mysql_groups: ',eu,',
        __scrape_interval__: '1500ms',
        __scrape_timeout__: '1500ms', // a longer one would make the target vanish
      },
    },
    {
      targets: ['orders'],
      labels: {
        env: 'prod',
        shard: '1',
        instance: 'mine',
        __meta_mysql_address: '10.0.0.11:3306',
        __meta_mysql_groups: ',prod,eu,',
      },
    },
  ]);
});

test('a list that needs no relabelling: no label takes the place of the name', async () => {
  const exporter = { host: 'exporter:9104', isSecure: false, prefix: '/db' };
  const [, , orders] = discover(await targetsOf(FLEET), { groups: [], exporter });
  assert.deepEqual(orders, {
    targets: ['exporter:9104'],
    labels: {
      env: 'prod',
      shard: '1',
      __meta_mysql_address: '10.0.0.11:3306',
      __meta_mysql_groups: ',prod,eu,',
      __metrics_path__: '/db/probe',
      __param_target: 'orders',
      __tmp_hash: 'orders',
      instance: 'orders',
    },
  });
});

for (const [groups, names] of [
  [['prod'], ['orders']],
  [
    ['prod', 'eu'],
    ['local', 'orders'],
  ],
  [['nobody'], []],
] as const)
  test(`only targets of ${groups.join(' or ')}`, async () => {
    const list = discover(await targetsOf(FLEET), { groups, exporter: undefined });
    assert.deepEqual(
      list.flatMap(({ targets }) => targets),
      names,
    );
  });

test('whatever names and labels hold, the list is one that Prometheus takes', async () => {
  const target = await loadTarget({ 'targets.yml': 'targets: {a: {address: h, user: u}}' });
  const anyTarget = fc.record({
    name: fc.string({ unit: 'binary', minLength: 1 }),
    labels: fc.dictionary(fc.stringMatching(/^[a-z][a-zA-Z0-9_]*$/), fc.string({ unit: 'binary' })),
    groups: fc.array(fc.stringMatching(/^[a-z]+$/)),
    scrapeIntervalMs: fc.option(fc.integer({ min: 1, max: 2 ** 31 }), { nil: undefined }),
    scrapeTimeoutMs: fc.integer({ min: 1, max: 2 ** 31 }),
  });
  const millis = (text: string) => Number.parseInt(text, 10) * (text.endsWith('ms') ? 1 : 1000);
  fc.assert(
    fc.property(fc.array(anyTarget), fc.boolean(), (some, isDirect) => {
      const exporter = isDirect ? { host: 'e:1', isSecure: true, prefix: '' } : undefined;
      const targets = some.map((one) => ({ ...target, ...one }));
      const list: unknown = JSON.parse(discoveryText(discover(targets, { groups: [], exporter })));
      assert.ok(Array.isArray(list) && list.length === targets.length);
      for (const entry of list as { targets: unknown[]; labels: Record<string, string> }[]) {
        assert.deepEqual(Object.keys(entry).sort(), ['labels', 'targets']);
        assert.ok(entry.targets.every((text) => typeof text === 'string'));
        assert.ok(Object.values(entry.labels).every((text) => typeof text === 'string'));
        const { __scrape_interval__: interval, __scrape_timeout__: timeout } = entry.labels;
        assert.equal(interval === undefined, timeout === undefined);
        if (interval === undefined || timeout === undefined) continue;
        assert.match(interval, /^\d+(ms|s)$/);
        assert.ok(millis(timeout) <= millis(interval), `${timeout} is above ${interval}`);
      }
    }),
  );
});
