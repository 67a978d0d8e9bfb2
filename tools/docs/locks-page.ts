/** docs/reference/locks.md: what shipped queries do while others hold locks, as measured. */
import { FLAVOUR_NAMES, FLAVOURS, type Flavour } from '../../src/model/query-set.ts';
import type { LocksMeasured, Wait } from '../../test/queries/locks/measured.ts';
import { STATE_NAMES, STATES, type StateName } from '../../test/queries/locks/state-names.ts';
import { anchorOf, code, table } from './markdown.ts';

/** @param shipped all queries, as `set/query` */
export function locksPage({ asked, versions, waits }: LocksMeasured, shipped: readonly string[]): string {
  const servers = FLAVOURS.map((flavour) => `${FLAVOUR_NAMES[flavour]} ${versions[flavour]}`).join(' and ');
  const notAsked = shipped.filter((query) => FLAVOURS.every((flavour) => !asked[flavour].includes(query)));
  return `${[
    '<!-- Made by `npm run locks` and `npm run docs`: measured on real servers, and measured again by each run of the tests. -->',
    '# Locks',
    '',
    'What shipped queries do while others hold locks or wait for them, and what they hold themselves. Each query was asked in',
    `each state on ${servers}, in a session as the exporter sets it up; \`performance_schema\` tells what the session`,
    'waited for, so that a wait of a millisecond would be here too. The tests of the exporter repeat it.',
    '',
    '- **Nothing is left behind.** When a query is over, its session has no lock and no transaction: DDL never waits for an',
    '  exporter that does nothing.',
    '- **One table at a time.** Queries about all tables have one of them locked at a time, for as long as it takes to read its',
    '  numbers, so DDL waits for them that long.',
    '- **A wait is short.** A statement waits for a lock no longer than `lock_wait_timeout`, 2 s in sessions of the exporter. Queries',
    '  about all tables have a shorter limit of their own, since it holds for each table: none on MariaDB, where such a table',
    '  has no sample, and 1 s on MySQL, which knows no less.',
    '- **Nobody waits behind a query that waits,** but where the last column of a table below has a table: DDL on that one waits',
    '  until the query has given up.',
    '- To connect, to set a session up and to ask what a server has waits for nothing in any of these states. MariaDB has one',
    '  more, in which it does: [servers](servers.md#status-variables).',
    '',
    'In each state two tables are concerned, one of an application and the one of the heartbeats. Queries that are in no table',
    'below are not affected. The heartbeats stand for any query of your own that reads a table of an application: it waits like',
    'every other reader of that table.',
    '',
    ...table(
      ['state', ...FLAVOURS.map((flavour) => FLAVOUR_NAMES[flavour])],
      STATE_NAMES.map((state) => [
        waits.some((wait) => wait.state === state)
          ? `[${STATES[state].title}](#${anchorOf(STATES[state].title)})`
          : `${STATES[state].title}. ${STATES[state].what}`,
        ...FLAVOURS.map((flavour) => inShort(ofState(waits, state, flavour))),
      ]),
    ),
    ...STATE_NAMES.flatMap((state) => section(state, waits)),
    '',
    '## Not asked',
    '',
    `These have nothing to ask on these servers as they were set up: ${notAsked.map(code).join(', ')}.`,
  ].join('\n')}\n`;
}

const ofState = (waits: readonly Wait[], state: StateName, flavour: Flavour): readonly Wait[] =>
  waits.filter((wait) => wait.state === state && wait.flavour === flavour);

const inShort = (waits: readonly Wait[]): string =>
  waits.length === 0 ? 'no query is affected' : `${waits.length} queries wait`;

/** Nothing where nothing waits. */
function section(state: StateName, waits: readonly Wait[]): readonly string[] {
  const { title, what } = STATES[state];
  const rows = FLAVOURS.flatMap((flavour) =>
    ofState(waits, state, flavour).map(({ end, held, query, seconds }) => [
      code(query),
      FLAVOUR_NAMES[flavour],
      `waits ${seconds} s, then ${end === 'answers' ? 'answers without the tables that are locked' : `fails with ${code(end)}`}`,
      held.map(code).join(', '),
    ]),
  );
  if (rows.length === 0) return [];
  return [
    '',
    `## ${title}`,
    '',
    what,
    '',
    ...table(['query', 'server', 'what it does', 'has locked meanwhile'], rows),
  ];
}
