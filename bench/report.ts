/**
 * The results as tables for people and as JSON for programs. None names the machine.
 */
import { availableParallelism } from 'node:os';
import { alignedTable } from '../harness/aligned-table.ts';
import type { Bench, Outcome, Table } from './experiment.ts';
import { type Figures, type Verdict, verdicts } from './lines.ts';
import type { Options } from './options.ts';
import type { Phase } from './phases.ts';
import type { ProfileSummary } from './profile.ts';

export interface Report {
  readonly node: string;
  readonly cores: number;
  readonly server: string;
  readonly options: Omit<Options, 'json' | 'markdown' | 'profile'>;
  readonly verdicts: readonly Verdict[];
  readonly experiments: Readonly<Record<string, Outcome>>;
}

export function reportOf({ options, server }: Bench, experiments: Readonly<Record<string, Outcome>>): Report {
  const { json: _json, markdown: _markdown, profile: _profile, ...asked } = options;
  const figures: Figures = Object.assign({}, ...Object.values(experiments).map((outcome) => outcome.figures));
  return {
    node: process.version,
    cores: availableParallelism(),
    server: server.version,
    options: asked,
    // An experiment may measure more lines than were asked for.
    verdicts: verdicts(figures).filter(({ line }) => options.lines.includes(line)),
    experiments,
  };
}

const SERVER_NAMES = { mysql: 'MySQL', mariadb: 'MariaDB' } as const;

function about({ cores, node, options, server }: Report): string {
  return (
    `${SERVER_NAMES[options.server]} ${server}, Node.js ${node}, ${cores} cores; sets ${options.sets.join(', ')}; ` +
    `${options.tls ? 'TLS' : 'no TLS'}, ${options.gzip ? 'gzip' : 'no gzip'}; ` +
    `${options.pairs} turns, phases of ${options.seconds} s${options.quick ? '; quick: no figures to keep' : ''}`
  );
}

const HEADINGS = ['', 'reach', 'measured', 'lowest', 'highest', 'met'] as const;

function verdictRow({ measured, met, reach, unit, what }: Verdict): readonly string[] {
  const digits = unit === 'ratio' || unit === 'number' || unit === 's' ? 2 : unit === 'ms' ? 1 : 0;
  const spell = (value: number) =>
    value.toFixed(digits) + (unit === 'ratio' || unit === 'number' ? '' : ` ${unit}`);
  const { highest, lowest, median } = measured;
  return [what, `<= ${spell(reach)}`, ...[median, lowest, highest].map(spell), met ? 'yes' : 'no'];
}

export function render(report: Report): string {
  const tables = Object.values(report.experiments).flatMap((outcome) => outcome.tables);
  const context = tables.map(({ rows, title }: Table) => `${title}\n\n${alignedTable(rows)}\n`);
  const table = alignedTable([HEADINGS, ...report.verdicts.map(verdictRow)]);
  return [`${about(report)}\n`, ...context, `${table}\n`].join('\n');
}

/** The verdicts as in docs/performance.md, then the context. */
export function renderMarkdown(report: Report): string {
  const tables = Object.values(report.experiments).flatMap((outcome) => outcome.tables);
  const rows = [
    HEADINGS,
    HEADINGS.map((_, column) => (column === 0 ? '---' : '---:')),
    ...report.verdicts.map(verdictRow),
  ];
  const lines = rows.map((row) => `| ${row.join(' | ')} |`);
  const context = tables.map(({ rows, title }) => `${title}:\n\n\`\`\`\n${alignedTable(rows)}\n\`\`\`\n`);
  return [`${about(report)}.\n`, `${lines.join('\n')}\n`, ...context].join('\n');
}

const TOP = 25;

export function renderProfile(summary: ProfileSummary, { perSecond, cpuMs }: Phase): string {
  const share = ([name, part]: readonly [string, number]) => [name, `${(part * 100).toFixed(1)} %`];
  return (
    `${perSecond.toFixed(0)} probes/s, ${cpuMs.toFixed(3)} ms CPU a probe (the profiler's own included); ` +
    `main thread busy ${(summary.busy * 100).toFixed(0)} % of the time, of that:\n\n` +
    `${alignedTable([['part', 'self time'], ...summary.parts.map(share)])}\n\n` +
    `${alignedTable([['function', 'self time'], ...summary.functions.slice(0, TOP).map(share)])}\n`
  );
}
