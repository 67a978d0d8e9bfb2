/** docs/reference/costs.md: what shipped queries cost a server with many tables, as measured. */
import { classOf, LIMITS, TABLES } from '../../bench/costs/classes.ts';
import {
  type CostsMeasured,
  MORE_TABLES,
  measuredClass,
  type QueryCost,
} from '../../bench/costs/measured.ts';
import { WORLD } from '../../bench/costs/world.ts';
import { FLAVOUR_NAMES, FLAVOURS, type Flavour } from '../../src/model/query-set.ts';
import { code, table } from './markdown.ts';

/** @param sets names of all shipped query sets */
export function costsPage(measured: CostsMeasured, sets: readonly string[]): string {
  const { notAsked, versions } = measured;
  const { heavy, moderate } = LIMITS;
  return `${[
    '<!-- Made by `npm run costs`, which asks real servers, and `npm run docs`. -->',
    '# Costs',
    '',
    `What each shipped query costs a server that has ${number(TABLES)} tables, each with an AUTO_INCREMENT column and three indexes. All of`,
    `them have been used; there are ${WORLD.transactions} open transactions with locks, ${WORLD.waiting} that wait, ${WORLD.idle} idle sessions of ${WORLD.accounts} accounts, thousands of`,
    `different statements and ${WORLD.binaryLogs} binary logs. Times are processor time of the server, the least of several runs; locks, rows and`,
    'tables are what `performance_schema` tells of the statement.',
    '',
    'The `cost` of a set follows from it. It is that of its dearest query, on the server where that is dearer:',
    '',
    `- *heavy*: ${heavy.cpuMs} ms and more, or each table is opened, which pushes others out of the table cache;`,
    `- *moderate*: ${moderate.cpuMs} ms and more, or as many rows are read as there are tables;`,
    '- *cheap*: all others.',
    '',
    'What waits for the locks of others is in [locks](locks.md).',
    '',
    ...table(
      ['set', 'cost', ...FLAVOURS.map((flavour) => `${FLAVOUR_NAMES[flavour]} ${versions[flavour]}`)],
      sets.map((set) => [
        `[${set}](query-library.md#${set.replaceAll('.', '')})`,
        measuredClass(measured, set) ?? 'not measured',
        ...FLAVOURS.map((flavour) => timeOfSet(measured, set, flavour)),
      ]),
    ),
    '',
    'The time is that of all queries of a set, those included that a parameter switches on.',
    ...FLAVOURS.flatMap((flavour) => section(measured, flavour)),
    '',
    '## Not measured',
    '',
    `Neither server has anything for these: ${notAsked.map(code).join(', ')}.`,
  ].join('\n')}\n`;
}

const number = (value: number): string => value.toLocaleString('en-US');

const time = (ms: number): string => `${ms >= 10 ? number(Math.round(ms)) : ms.toFixed(1)} ms`;

function timeOfSet({ costs }: CostsMeasured, set: string, flavour: Flavour): string {
  const own = costs.filter((cost) => cost.flavour === flavour && cost.query.startsWith(`${set}/`));
  return own.length === 0 ? '' : time(own.reduce((sum, { cpuMs }) => sum + cpuMs, 0));
}

function section({ costs, versions }: CostsMeasured, flavour: Flavour): readonly string[] {
  const own = costs.filter((cost) => cost.flavour === flavour).sort((a, b) => b.cpuMs - a.cpuMs);
  return [
    '',
    `## ${FLAVOUR_NAMES[flavour]} ${versions[flavour]}`,
    '',
    'Locks are the time in which the statement got its locks, scans the tables that it read from beginning to end: those that a',
    'server has about itself mostly have no index.',
    '',
    ...table(
      [
        'query',
        'class',
        `${number(TABLES)} tables`,
        `${number(MORE_TABLES)} tables`,
        'locks',
        'rows read',
        'rows returned',
        'temporary tables',
        'on disk',
        'scans',
        'tables opened',
        `of ${number(MORE_TABLES)}`,
      ],
      own.map(cells),
    ),
  ];
}

const cells = (cost: QueryCost): readonly string[] => [
  code(cost.query),
  classOf(cost),
  time(cost.cpuMs),
  time(cost.cpuMsWithMore),
  time(cost.lockMs),
  ...[
    cost.rowsExamined,
    cost.rowsSent,
    cost.tmpTables,
    cost.tmpDiskTables,
    cost.scans,
    cost.openedTables,
    cost.openedWithMore,
  ].map((value) => (value === 0 ? '' : number(value))),
];
