/**
 * Shipped sets asked by accounts that have nothing but what each set says it needs.
 */
import assert from 'node:assert/strict';
import { loadShippedSets } from '../../src/config/load.ts';
import { grantsOfSet } from '../../src/grants/needed.ts';
import { Exporter } from '../support/exporter.ts';
import { errorsOf, parseExposition } from '../support/parse-exposition.ts';
import { OF_SOME_SESSIONS } from '../support/printed-grants.ts';
import type { RealServer } from '../support/real-servers.ts';

/** What `exporter` with all its privileges gets, each of these accounts gets too; of `sameSeries` the same labels. */
export async function assertDeclaredGrantsSuffice(
  server: RealServer,
  names: readonly string[],
  sameSeries: readonly string[] = [],
): Promise<void> {
  const sets = await loadShippedSets();
  const accounts = names.map((name, i) => ({ name, user: `grants_${i}` }));
  for (const { name, user } of accounts) {
    const set = sets.get(name);
    assert.ok(set !== undefined, name);
    const grants = grantsOfSet(set, server.flavour);
    await server.createUser(
      user,
      'secret',
      ...grants.map(({ privilege, schema, table }) => `${privilege} ON ${schema}.${table}`),
    );
  }
  const address = `127.0.0.1:${server.port}`;
  await using exporter = await Exporter.start({
    'targets.yml': JSON.stringify({
      targets: {
        all: { address, user: 'exporter', password: 'exporter', query_sets: names },
        ...Object.fromEntries(
          accounts.map(({ name, user }) => [name, { address, user, password: 'secret', query_sets: [name] }]),
        ),
      },
    }),
  });
  for (const { name } of accounts) {
    const full = await exporter.probe('all', 30, `&query_set=${name}`);
    const own = await exporter.probe(name, 30);
    const what = `${name} on ${server.name}`;
    assert.deepEqual(errorsOf(own.text), [], what);
    assert.deepEqual(familiesIn(own.text, name), familiesIn(full.text, name), what);
    if (sameSeries.includes(name)) assert.deepEqual(seriesIn(own.text), seriesIn(full.text), what);
  }
  for (const { user } of accounts) await server.dropUser(user);
}

const ours = (text: string) =>
  parseExposition(text).filter(({ name }) => /^mysql_(?!exporter_|up$)/.test(name));

const familiesIn = (text: string, what: string) =>
  [...new Set(ours(text).map(({ name }) => name))]
    .filter((name) => !OF_SOME_SESSIONS.test(name))
    .sort()
    .concat(what);

const seriesIn = (text: string) =>
  ours(text)
    .filter(({ labels }) => !labels['user']?.startsWith('grants_'))
    .map(({ labels, name }) => `${name} ${JSON.stringify(labels)}`)
    .sort();
