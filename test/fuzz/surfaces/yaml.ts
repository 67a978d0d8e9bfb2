/** Configurations: a good one and all shipped query files, with bytes changed, also inside of their texts. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { load } from '../../support/config-folder.ts';
import { mutate } from '../mutation.ts';
import type { Surface } from '../surface.ts';

const PIECES = [
  ...[
    '&a ',
    '*a',
    '<<: *a\n',
    '!!binary ',
    '? ',
    '- ',
    ': ',
    '{',
    '}',
    '[',
    ']',
    '|',
    '>',
    "'",
    '"',
    '#',
    '\n',
    '\t',
  ],
  ...[
    'targets:',
    'groups:',
    'query_sets:',
    'metrics:',
    'match: ',
    'extract: ',
    'labels: ',
    '${A:-',
    '}',
    '%YAML 1.2\n',
  ],
  ...[
    '__proto__: ',
    'constructor: ',
    '1e999',
    '0x',
    '~',
    'null',
    '\u0000',
    '\ufeff',
    '(a+)+',
    '\\p{L}',
    '(?<n>',
  ],
];
const TARGETS = `
query_files: ["*.yml"]
defaults: {query_timeout: 5s, labels: {a: b}, session: {max_heap_table_size: 1}}
auth_modules: {m: {user: u, password: p}}
groups: {g: {tls: {mode: required}, query_sets: [s]}}
targets:
  a: {address: "db1:3306", user: u, password: p, groups: [g]}
  b: {dsn: "u:p@tcp(db2:3306)/x?tls=preferred", query_sets: [s]}
`;

export function yaml(): Surface {
  const folder = new URL('../../../queries/', import.meta.url);
  const shipped = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
  return {
    name: 'yaml',
    close: async () => {},
    async round(random) {
      const change = (text: string) =>
        random() < 0.5 ? changed(text, random) : mutate(Buffer.from(text), random).toString();
      const queries = shipped[Math.floor(random() * shipped.length)] ?? '';
      const { result } = await load({
        'targets.yml': random() < 0.5 ? change(TARGETS) : TARGETS,
        'q.yml': change(queries),
      });
      assert.equal(typeof result.ok, 'boolean');
    },
  };
}

/** Some pieces put in, taken out or repeated. */
function changed(text: string, random: () => number): string {
  let now = text;
  for (let n = 1 + random() * 4; n >= 1; n--) {
    const at = Math.floor(random() * now.length);
    const end = Math.min(now.length, at + Math.floor(random() * 60));
    const piece = random() < 0.6 ? (PIECES[Math.floor(random() * PIECES.length)] ?? '') : now.slice(at, end);
    now = now.slice(0, at) + piece + now.slice(random() < 0.5 ? at : end);
  }
  return now;
}
