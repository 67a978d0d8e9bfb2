/**
 * What `npm run harm` is asked to do, from its command line.
 */
import { namesOf, off, parsed, text, UsageError, wholeNumber } from '../options.ts';

export const FLAVOURS = ['mysql', 'mariadb'] as const;

/** Which query sets are asked: those that a target has by itself, or all of the library that are not heavy. */
export const CHOICES = ['default', 'library'] as const;
type Choice = (typeof CHOICES)[number];

export interface HarmOptions {
  readonly servers: readonly (typeof FLAVOURS)[number][];
  readonly sets: Choice;
  /** Seconds between two probes. */
  readonly interval: number;
  /** Length of one phase. */
  readonly seconds: number;
  /** In each of them everybody has one phase. */
  readonly turns: number;
  /** Of the application. */
  readonly connections: number;
  readonly quick: boolean;
  readonly markdown: boolean;
  /** Where to write the results as JSON. */
  readonly json: string | undefined;
}

export const HELP = `Usage: npm run harm [-- OPTIONS]

Measures what an application loses while its server is probed: transactions per second and their p99 with probes of our
exporter, with probes of mysqld_exporter, and without any, in short turns on one real server. Loopback only.

  (no option)       the sets that a target has by itself, every second, on MySQL and MariaDB; about ten minutes
  --servers A,B     ${FLAVOURS.join(', ')} (both)
  --sets WHICH      default, or library: every shipped set whose cost is cheap or moderate (default)
  --interval S      seconds between two probes (1; for the library 15)
  --seconds S       length of a phase (5; for the library 15)
  --turns N         each has a phase with ours, one with mysqld_exporter's and one without, in another order (20)
  --connections C   connections of the application (4)
  --quick           few short phases: whether everything works, no figures to keep
  --markdown        print the tables as Markdown, for docs/performance.md
  --json FILE       write the results there too, every phase of them
  --help            this text
`;

const LIMITS = { interval: 60, seconds: 300, turns: 200, connections: 64 } as const;

/** Reads the arguments; undefined when help is wanted. */
export function readHarmOptions(args: readonly string[]): HarmOptions | undefined {
  const { help, json, markdown, quick, ...values } = parse(args);
  if (help) return undefined;
  const [sets, another] = namesOf('sets', values.sets, CHOICES);
  if (sets === undefined || another !== undefined) throw new UsageError(`--sets is ${CHOICES.join(' or ')}`);
  const servers = namesOf('servers', values.servers, FLAVOURS);
  if (servers.length === 0) throw new UsageError('--servers needs a name');
  const isLibrary = sets === 'library';
  const whole = (name: keyof typeof LIMITS, text: string) => wholeNumber(name, text, LIMITS[name]);
  const interval = whole('interval', values.interval ?? (isLibrary ? '15' : '1'));
  const seconds = whole('seconds', values.seconds ?? String(quick ? interval : Math.max(5, interval)));
  // A phase with probes in which there is none would be one without.
  if (seconds < interval) throw new UsageError('--seconds is below --interval');
  return {
    ...{ servers, sets, interval, seconds },
    turns: whole('turns', values.turns ?? (quick ? '2' : '20')),
    connections: whole('connections', values.connections),
    ...{ json, markdown, quick },
  };
}

function parse(args: readonly string[]) {
  return parsed(args, {
    servers: { type: 'string', default: FLAVOURS.join(',') },
    sets: { type: 'string', default: 'default' },
    interval: text,
    seconds: text,
    turns: text,
    connections: { type: 'string', default: '4' },
    quick: off,
    markdown: off,
    json: text,
    help: off,
  });
}
