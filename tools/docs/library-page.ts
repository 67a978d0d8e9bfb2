/**
 * docs/reference/query-library.md: every shipped query set, from its file.
 */

import { DEFAULT_QUERY_SETS } from '../../src/config/targets-file/precedence.ts';
import { grantsOfSet } from '../../src/grants/needed.ts';
import type { QuerySetDefinition } from '../../src/model/query-set.ts';
import { switchesOf } from '../../src/query-set/switches.ts';
import { anchorOf, code, table } from './markdown.ts';
import { setSection } from './set-section.ts';
import { grantsText, inShort } from './words.ts';

/** The page as text. */
export function libraryPage(sets: readonly QuerySetDefinition[]): string {
  const sorted = [...sets].sort((a, b) => (a.name < b.name ? -1 : 1));
  const isDefault = ({ name }: QuerySetDefinition) => DEFAULT_QUERY_SETS.includes(name);
  const rows = sorted.map((set) => [
    `[${set.name}](#${anchorOf(set.name)})`,
    set.description,
    set.cost ?? 'cheap',
    grantsText((flavour) => grantsOfSet(set, flavour), inShort),
    isDefault(set) ? 'yes' : '',
  ]);
  return `${[
    '<!-- Made by `npm run docs` from queries/*.yml: change those. -->',
    '# Query library',
    '',
    'The query sets that are shipped. Those with the name of a collector of mysqld_exporter give the same metrics, so that',
    'dashboards and alerts made for it go on working. A target has the six that are on by default, or those that its',
    '`query_sets` name:',
    '',
    '```yaml',
    'defaults:',
    `  query_sets: [${[...DEFAULT_QUERY_SETS, 'sessions'].join(', ')}]`,
    '```',
    '',
    ...table(['set', 'what', 'cost', 'privileges', 'default'], rows),
    '',
    'Cost is what asking means for a server: *cheap* reads counters, *moderate* something of each table, statement or account,',
    '*heavy* may take seconds: give it a longer `timeout` or ask it less often. It was measured: [costs.md](costs.md). What each',
    'query does while others hold locks is in [locks.md](locks.md).',
    '`mysql-query-exporter grants SET...` prints the privileges as statements, those that MariaDB before 10.5 calls',
    'REPLICATION CLIENT and REPLICATION SLAVE by their newer names.',
    '',
    ...profiles(sorted),
    '',
    '# Sets',
    '',
    'In the names below `<name>` is what the server calls a row or column, in lower case, and `<part>` what the parentheses',
    'of the regular expression take out of it.',
    ...sorted.flatMap((set) => ['', ...setSection(set, isDefault(set))]),
  ].join('\n')}\n`;
}

/** The parameters that switch what a set exposes. */
function profiles(sets: readonly QuerySetDefinition[]): readonly string[] {
  const rows = sets.flatMap(({ name, params = {}, queries }) => {
    const switches = new Set(queries.flatMap((query) => [query.onlyIf ?? [], ...switchesOf(query)].flat()));
    return Object.entries(params).flatMap(([param, { default: value, description = '' }]) =>
      switches.has(param) ? [[code(name), code(param), String(value), description]] : [],
    );
  });
  return [
    '# Profiles',
    '',
    'Some sets expose more, or under other names, when a parameter says so, for a target, a group or all. `profiles` sets',
    'together what well-known dashboards need: [dashboards.md](../guides/dashboards.md).',
    '',
    '```yaml',
    'defaults:',
    '  params: {slave_status: {old_names: false}}',
    '```',
    '',
    ...table(['set', 'parameter', 'default', ''], rows),
  ];
}
