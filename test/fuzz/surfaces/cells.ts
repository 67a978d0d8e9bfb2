/** Results of servers: the cells of every shipped query, in columns that it wants and that it does not. */
import assert from 'node:assert/strict';
import { ProbeRegistry } from '../../../src/exposition/probe-registry.ts';
import { Samples } from '../../../src/exposition/samples.ts';
import { compileGeneration } from '../../../src/probe/generation.ts';
import type { CompiledQuery } from '../../../src/query-set/compiled.ts';
import { load } from '../../support/config-folder.ts';
import { parseExposition } from '../../support/parse-exposition.ts';
import { resultRows } from '../../support/row-packets.ts';
import { mutate } from '../mutation.ts';
import type { Surface } from '../surface.ts';

const WORDS = [
  ...['0', '1', '-1', '1e308', '1e400', '18446744073709551615', '0x1f', 'NaN', '+Inf', '', ' ', 'ON', 'Yes'],
  ...[
    'Connecting',
    '2026-01-01 00:00:00',
    '0000-00-00 00:00:00',
    'a{b="c"}\n# TYPE',
    '\u2028',
    '\ud800',
    '\\"',
    '1-2-3',
  ],
  ...[
    'com_select',
    'Innodb_rows_read',
    'mysql_up',
    '__proto__',
    'constructor',
    'é',
    '9'.repeat(4_000),
    'x'.repeat(70_000),
  ],
];

export async function cells(): Promise<Surface> {
  const queries = await shippedQueries();
  return {
    name: 'cells',
    close: async () => {},
    async round(random) {
      const query = pick(queries, random);
      const columns = columnsOf(query, random);
      const rows = Array.from({ length: random() * 40 }, () => columns.map(() => cellOf(random)));
      const samples = new Samples();
      const packed = resultRows(rows, columns.length);
      const result = { columns, rows: packed.texts, ...(random() < 0.7 ? { cells: packed } : {}) };
      let mapped = query.map(result, samples);
      while (mapped !== undefined && 'next' in mapped) mapped = mapped.next();
      if (mapped !== undefined && 'reason' in mapped) return;
      const registry = new ProbeRegistry();
      registry.add(samples);
      const { text } = registry.render();
      parseExposition(text);
      assert.ok(Buffer.from(text).toString() === text, 'no UTF-8');
    },
  };
}

async function shippedQueries(): Promise<readonly CompiledQuery[]> {
  const { lines, result } = await load({ 'targets.yml': 'targets: {a: {address: h, user: u}}\n' });
  assert.ok(result.ok, lines.join('\n'));
  const { catalog, config } = compileGeneration(result.config);
  const target = config.targets.get('a');
  assert.ok(target);
  return catalog
    .plan(target, catalog.querySetNames)
    .sets.flatMap(({ queries }) => queries.map(({ query }) => query));
}

/** Mostly all that the statement and its metrics name. */
function columnsOf({ source, sql }: CompiledQuery, random: () => number): readonly string[] {
  const named =
    JSON.stringify(source?.definition ?? '').match(/"(?:column|value|key|as)":"([^"]+)"|\b\w+\b/g) ?? [];
  const wanted = [...new Set([...named, ...(sql.match(/\w+/g) ?? [])])].map((name) =>
    name.replace(/^.*:"|"$/g, ''),
  );
  const kept = wanted.filter(() => random() < 0.95).slice(0, 200);
  if (random() < 0.1) kept.push(pick(WORDS, random), kept[0] ?? 'a');
  return kept;
}

function cellOf(random: () => number): string | null {
  const word = pick([null, ...WORDS], random);
  return word !== null && random() < 0.3 ? mutate(Buffer.from(word), random).toString('utf8') : word;
}

function pick<T>(from: readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)] as T;
}
