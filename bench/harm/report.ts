/**
 * What `npm run harm` has measured, as tables for people and as JSON for programs. None names the machine.
 */
import { availableParallelism } from 'node:os';
import { alignedTable } from '../../harness/aligned-table.ts';
import type { Flavour } from '../../harness/server-process.ts';
import { median } from '../numbers.ts';
import { type Phase, SIDES, type Turn, type Verdict, verdicts } from './lines.ts';
import type { HarmOptions } from './options.ts';

/** What was measured on one server. */
export interface Harm {
  readonly flavour: Flavour;
  readonly version: string;
  readonly upstreamVersion: string;
  /** Query sets of ours, and collectors of mysqld_exporter. */
  readonly sets: readonly string[];
  readonly collectors: readonly string[];
  /** That succeed in each probe. */
  readonly queries: number;
  readonly turns: readonly Turn[];
}

export interface HarmReport {
  readonly node: string;
  readonly cores: number;
  readonly options: Omit<HarmOptions, 'json' | 'markdown'>;
  readonly servers: readonly (Harm & { readonly verdicts: readonly Verdict[] })[];
}

export function harmReport(
  { json: _json, markdown: _markdown, ...options }: HarmOptions,
  harms: readonly Harm[],
): HarmReport {
  const servers = harms.map((harm) => ({ ...harm, verdicts: verdicts(harm.turns) }));
  return { node: process.version, cores: availableParallelism(), options, servers };
}

const SERVER_NAMES = { mysql: 'MySQL', mariadb: 'MariaDB' } as const;

function about({ cores, node, options, servers }: HarmReport): string {
  const named = servers.map(({ flavour, version }) => `${SERVER_NAMES[flavour]} ${version}`);
  const { connections, interval, quick, seconds, sets, turns } = options;
  return (
    `${named.join(', ')}; mysqld_exporter ${servers[0]?.upstreamVersion}, Node.js ${node}, ${cores} cores; ` +
    `${sets === 'library' ? 'all sets that are cheap or moderate' : 'the default sets'} every ${interval} s, ` +
    `${connections} connections of the application; ${turns} turns, phases of ${seconds} s` +
    `${quick ? '; quick: no figures to keep' : ''}`
  );
}

const HEADINGS = ['', 'reach', 'measured', '95 % from', 'to', 'met'] as const;

function verdictRow(
  flavour: Flavour,
  { from, is, measured, met, reach, to, what }: Verdict,
): readonly string[] {
  const spell = (value: number) => value.toFixed(3);
  const bound = `${is === 'least' ? '>=' : '<='} ${spell(reach)}`;
  return [`${SERVER_NAMES[flavour]}: ${what}`, bound, ...[measured, from, to].map(spell), met ? 'yes' : 'no'];
}

const ROWS: readonly (readonly [string, keyof Phase, number])[] = [
  ['transactions in a phase', 'transactions', 0],
  ['transactions per second', 'perSecond', 1],
  ['transaction p50 ms', 'p50Ms', 2],
  ['transaction p99 ms', 'p99Ms', 2],
  ['server CPU ms per transaction', 'serverCpuMs', 3],
  ['probes in a phase', 'probes', 0],
  ['probe ms', 'probeMs', 1],
];

function contextOf({ collectors, flavour, queries, sets, turns }: Harm): readonly [string, string] {
  const cell = (key: keyof Phase, digits: number) => (side: (typeof SIDES)[number]) => {
    const value = median(turns.map((turn) => turn[side][key]));
    return Number.isNaN(value) || value === 0 ? '' : value.toFixed(digits);
  };
  const title =
    `${SERVER_NAMES[flavour]}, medians of all phases; ${sets.length} query sets with ${queries} queries that have an answer ` +
    `there, ${collectors.length} collectors`;
  const rows = ROWS.map(([name, key, digits]) => [name, ...SIDES.map(cell(key, digits))]);
  return [title, alignedTable([['', ...SIDES], ...rows])];
}

const verdictRows = ({ servers }: HarmReport) =>
  servers.flatMap(({ flavour, verdicts: all }) => all.map((verdict) => verdictRow(flavour, verdict)));

export function renderHarm(report: HarmReport): string {
  const contexts = report.servers.map(contextOf).map(([title, table]) => `${title}\n\n${table}\n`);
  return [`${about(report)}\n`, ...contexts, `${alignedTable([HEADINGS, ...verdictRows(report)])}\n`].join(
    '\n',
  );
}

/** As in docs/performance.md. */
export function renderHarmMarkdown(report: HarmReport): string {
  const rule = HEADINGS.map((_, column) => (column === 0 ? '---' : '---:'));
  const lines = [HEADINGS, rule, ...verdictRows(report)].map((row) => `| ${row.join(' | ')} |`);
  const contexts = report.servers
    .map(contextOf)
    .map(([title, table]) => `${title}:\n\n\`\`\`\n${table}\n\`\`\`\n`);
  return [`${about(report)}.\n`, `${lines.join('\n')}\n`, ...contexts].join('\n');
}
