/**
 * What the benchmark is asked to do, from its command line.
 */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Flavour } from '../harness/server-process.ts';
import { DEFAULT_QUERY_SETS } from '../src/config/targets-file/precedence.ts';
import { LINE_IDS, LINES, type LineId } from './lines.ts';

/** Whom we are compared with, besides mysql2 alone. */
export const PEERS = ['mysqld_exporter', 'go-gywn'] as const;
export type Peer = (typeof PEERS)[number];

export interface Options {
  readonly lines: readonly LineId[];
  readonly peers: readonly Peer[];
  readonly targets: number;
  /** Length of one phase. */
  readonly seconds: number;
  readonly pairs: number;
  readonly concurrency: number;
  readonly server: Flavour;
  readonly sets: readonly string[];
  readonly tls: boolean;
  readonly gzip: boolean;
  /** Fewer probes where a line asks for many; the figures are none to keep. */
  readonly quick: boolean;
  /** Print the table as Markdown. */
  readonly markdown: boolean;
  /** Where to write the results as JSON. */
  readonly json: string | undefined;
  /** Where to write a CPU profile of the exporter; then nothing is compared. */
  readonly profile: string | undefined;
}

/** What a line needs that is not always there. */
const NEEDS: Partial<Readonly<Record<LineId, Peer>>> = {
  cpu: 'mysqld_exporter',
  cores: 'mysqld_exporter',
  server: 'mysqld_exporter',
  p50: 'mysqld_exporter',
  p99: 'mysqld_exporter',
  bytes: 'mysqld_exporter',
  small: 'go-gywn',
  first: 'mysqld_exporter',
  first_seconds: 'mysqld_exporter',
  connections: 'mysqld_exporter',
};

/** The lines of a run that names none. */
const SHORT: readonly LineId[] = ['cpu', 'floor', 'server', 'bare', 'p50', 'p99', 'bytes', 'small'];

const listOfLines = LINE_IDS.map((id) => `  ${id.padEnd(12)} ${LINES[id].what}`).join('\n');

export const HELP = `Usage: npm run bench [-- OPTIONS]

Measures what a probe costs against one real server that answers as many targets, beside mysqld_exporter, which
probes the same targets for the same metrics, and beside mysql2 alone, which asks the same statements. Loopback only.

  (no option)       the lines ${SHORT.join(', ')}; about three minutes
  --full            all lines; about ten minutes
  --quick           short phases: whether everything works, no figures to keep
  --only A,B        these lines only
  --peers A,B       ${PEERS.join(', ')} or none (both)
  --targets N       targets of the comparison, each an address of its own (200)
  --sets A,B        query sets of each target (the six that a target has when nobody names any)
  --seconds S       length of a phase (4)
  --pairs P         those who are compared take turns this often (5)
  --concurrency C   probes under way at once (4)
  --server NAME     mysql or mariadb (mysql)
  --tls             encrypt; mysql only, and mysql2 alone is the only one compared
  --no-gzip         ask for uncompressed answers; Prometheus asks for gzip
  --markdown        print the table as Markdown, for docs/performance.md
  --json FILE       write the results there too, every phase of them
  --profile FILE    write a CPU profile of the exporter there and show where its time goes; compares nothing
  --help            this text

Lines:
${listOfLines}
`;

/** A wrong command line; the message is for the user. */
export class UsageError extends Error {}

const LIMITS = { targets: 5_000, seconds: 300, pairs: 50, concurrency: 256 } as const;

/** Reads the arguments; undefined when help is wanted. */
export function readOptions(args: readonly string[]): Options | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const { full, json, markdown, profile, quick, tls } = values;
  const peers = tls ? [] : namesOf('peers', values.peers, PEERS);
  const options: Options = {
    lines: linesOf(values.only, full, peers),
    peers,
    targets: whole('targets', values.targets),
    seconds: whole('seconds', values.seconds ?? (quick ? '1' : '4')),
    pairs: whole('pairs', values.pairs ?? (quick ? '2' : '5')),
    concurrency: whole('concurrency', values.concurrency),
    server: flavour(values.server),
    sets: values.sets === undefined ? DEFAULT_QUERY_SETS : namesOf('sets', values.sets),
    gzip: !values['no-gzip'],
    ...{ json, markdown, profile, quick, tls },
  };
  if (options.sets.length === 0) throw new UsageError('--sets needs a name');
  if (tls && options.server !== 'mysql') throw new UsageError('--tls is for --server mysql');
  // Two probes of one target at once would be one, and cost half.
  if (options.concurrency > options.targets) throw new UsageError('--concurrency is above --targets');
  return options;
}

function parse(args: readonly string[]) {
  return parsed(args, {
    full: off,
    quick: off,
    only: text,
    peers: { type: 'string', default: PEERS.join(',') },
    targets: { type: 'string', default: '200' },
    seconds: text,
    pairs: text,
    concurrency: { type: 'string', default: '4' },
    server: { type: 'string', default: 'mysql' },
    sets: text,
    tls: off,
    'no-gzip': off,
    markdown: off,
    json: text,
    profile: text,
    help: off,
  });
}

/** Flags of a command line as {@link parsed} takes them. */
export const off = { type: 'boolean', default: false } as const;
export const text = { type: 'string' } as const;

/** Reads the arguments; what is wrong with them is a UsageError. */
export function parsed<Flags extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Flags,
) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause));
  }
}

function linesOf(only: string | undefined, full: boolean, peers: readonly Peer[]): readonly LineId[] {
  if (only !== undefined && full) throw new UsageError('--full is all lines, --only is some');
  const asked = only === undefined ? (full ? LINE_IDS : SHORT) : namesOf('only', only, LINE_IDS);
  const lines = asked.filter((id) => {
    const peer = NEEDS[id];
    return peer === undefined || peers.includes(peer);
  });
  if (lines.length === 0) throw new UsageError('nothing is left to measure');
  return lines;
}

/** A list with commas; `none` is an empty one. */
export function namesOf(option: string, text: string): readonly string[];
export function namesOf<N extends string>(option: string, text: string, known: readonly N[]): readonly N[];
export function namesOf(option: string, text: string, known?: readonly string[]): readonly string[] {
  const names = text.split(',').filter((name) => name !== '' && name !== 'none');
  const wrong = names.find((name) => known !== undefined && !known.includes(name));
  if (wrong !== undefined) throw new UsageError(`--${option} knows ${known?.join(', ')}, not ${wrong}`);
  return names;
}

const whole = (name: keyof typeof LIMITS, text: string): number => wholeNumber(name, text, LIMITS[name]);

/** From 1 to `most`. */
export function wholeNumber(name: string, text: string, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > most) throw new UsageError(`--${name} takes a whole number from 1 to ${most}`);
  return value;
}

function flavour(text: string): Flavour {
  if (text !== 'mysql' && text !== 'mariadb') throw new UsageError('--server is mysql or mariadb');
  return text;
}
