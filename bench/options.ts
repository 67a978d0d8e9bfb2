/**
 * What the benchmark is asked to do, from its command line.
 */
import { parseArgs } from 'node:util';
import type { Flavour } from '../lab/server-process.ts';

export interface Options {
  readonly targets: number;
  /** Length of one phase. */
  readonly seconds: number;
  readonly pairs: number;
  readonly concurrency: number;
  readonly server: Flavour;
  readonly sets: readonly string[];
  readonly tls: boolean;
  readonly gzip: boolean;
  /** Where to write the results as JSON. */
  readonly json: string | undefined;
  /** Where to write a CPU profile of the exporter; then nothing is compared. */
  readonly profile: string | undefined;
}

export const HELP = `Usage: npm run bench [-- OPTIONS]

Measures what a probe costs against one real server that answers as many targets, and what mysql2 alone needs
for the same statements. Loopback only; about a minute and a half.

  --targets N       targets, each an address of its own (100)
  --seconds S       length of a phase (10)
  --pairs P         exporter and mysql2 take turns this often (3)
  --concurrency C   probes under way at once (4)
  --server NAME     mysql or mariadb (mysql)
  --sets A,B        query sets of each target (sessions,innodb)
  --tls             both sides encrypt; mysql only
  --no-gzip         ask for uncompressed answers; Prometheus asks for gzip
  --json FILE       write the results there too
  --profile FILE    write a CPU profile of the exporter there and show where its time goes; compares nothing
  --help            this text
`;

/** A wrong command line; the message is for the user. */
export class UsageError extends Error {}

const LIMITS = { targets: 5_000, seconds: 300, pairs: 20, concurrency: 256 } as const;

/** Reads the arguments; undefined when help is wanted. */
export function readOptions(args: readonly string[]): Options | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const options: Options = {
    targets: whole('targets', values.targets),
    seconds: whole('seconds', values.seconds),
    pairs: whole('pairs', values.pairs),
    concurrency: whole('concurrency', values.concurrency),
    server: flavour(values.server),
    sets: values.sets.split(',').filter((name) => name !== ''),
    tls: values.tls,
    gzip: !values['no-gzip'],
    json: values.json,
    profile: values.profile,
  };
  if (options.sets.length === 0) throw new UsageError('--sets needs a name');
  if (options.tls && options.server !== 'mysql') throw new UsageError('--tls is for --server mysql');
  // Two probes of one target at once would be one, and cost half.
  if (options.concurrency > options.targets) throw new UsageError('--concurrency is above --targets');
  return options;
}

function parse(args: readonly string[]) {
  const off = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        targets: { type: 'string', default: '100' },
        seconds: { type: 'string', default: '10' },
        pairs: { type: 'string', default: '3' },
        concurrency: { type: 'string', default: '4' },
        server: { type: 'string', default: 'mysql' },
        sets: { type: 'string', default: 'sessions,innodb' },
        tls: off,
        'no-gzip': off,
        json: { type: 'string' },
        profile: { type: 'string' },
        help: off,
      },
    }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause));
  }
}

function whole(name: keyof typeof LIMITS, text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > LIMITS[name]) {
    throw new UsageError(`--${name} takes a whole number from 1 to ${LIMITS[name]}`);
  }
  return value;
}

function flavour(text: string): Flavour {
  if (text !== 'mysql' && text !== 'mariadb') throw new UsageError('--server is mysql or mariadb');
  return text;
}
