/**
 * Why a query of a shipped set is not asked: the reason must be the one that a person can do something about.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { loadShippedSets } from '../../src/config/load.ts';
import { Exporter } from '../support/exporter.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { privateServer } from '../support/real-servers.ts';

const FLAVOURS = ['mariadb', 'mysql'] as const;
const SETTINGS = ['ON', 'OFF'] as const;
const USERS = ['mighty', 'powerless'] as const;

const sets = [...(await loadShippedSets()).keys()];
const servers = await Promise.all(
  FLAVOURS.flatMap((flavour) =>
    SETTINGS.map(async (setting) => ({
      setting,
      flavour,
      server: await privateServer(flavour, { args: [`--performance-schema=${setting}`] }),
    })),
  ),
);
after(() => Promise.all(servers.map(({ server }) => server.stop())));

const exporter = await Exporter.start({
  'targets.yml': JSON.stringify({
    defaults: { password: 'secret', query_sets: sets },
    targets: Object.fromEntries(
      servers.flatMap(({ flavour, server: { port }, setting }) =>
        USERS.map((user) => [`${user}-${flavour}-${setting}`, { address: `127.0.0.1:${port}`, user }]),
      ),
    ),
  }),
});
after(() => exporter[Symbol.asyncDispose]());

for (const { server } of servers) {
  await server.createUser('mighty', 'secret', 'ALL ON *.*');
  await server.createUser('powerless', 'secret');
}

/** Queries that were not asked, with the reason. */
async function skipped(
  user: (typeof USERS)[number],
  flavour: (typeof FLAVOURS)[number],
  setting: (typeof SETTINGS)[number],
): Promise<ReadonlyMap<string, string>> {
  const { text } = await exporter.probe(`${user}-${flavour}-${setting}`, 60);
  const samples = parseExposition(text).filter(({ name }) => name === 'query_exporter_query_skipped');
  assert.ok(samples.length > 10);
  return new Map(
    samples.map(({ labels }) => [`${labels['query_set']}/${labels['query']}`, labels['reason'] ?? '']),
  );
}

for (const flavour of FLAVOURS) {
  test(`${flavour}: without the performance schema, that is what is named and no table`, async () => {
    const usually = await skipped('mighty', flavour, 'ON');
    const without = [...(await skipped('mighty', flavour, 'OFF'))].filter(([query]) => !usually.has(query));
    assert.ok(without.length > 10);
    assert.deepEqual(
      without.filter(([, reason]) => reason !== 'variable'),
      [],
    );
  });

  for (const setting of SETTINGS)
    test(`${flavour} with performance_schema=${setting}: missing rights are an error, not a thing that the server lacks`, async () => {
      const lacking = await skipped('mighty', flavour, setting);
      const told = await skipped('powerless', flavour, setting);
      assert.deepEqual(
        [...told].filter(([query, reason]) => lacking.get(query) !== reason),
        [],
      );
    });
}
