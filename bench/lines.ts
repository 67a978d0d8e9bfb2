/**
 * What the benchmark claims: each line of the table, what it has to reach, and whether it does.
 */

interface Line {
  readonly what: string;
  /** At most this. */
  readonly reach: number;
  readonly unit: 'ratio' | 'number' | 'MiB' | 'ms' | 's' | '%';
}

/** In the order of the table. */
export const LINES = {
  cpu: { what: 'CPU per probe / mysqld_exporter', reach: 0.11, unit: 'ratio' },
  cores: { what: 'CPU per probe / mysqld_exporter, on a core of their own', reach: 0.09, unit: 'ratio' },
  floor: { what: 'CPU per probe / mysql2 alone', reach: 2, unit: 'ratio' },
  server: { what: "server's CPU per probe / mysqld_exporter", reach: 0.75, unit: 'ratio' },
  bare: { what: "server's CPU per probe / bare statements", reach: 1.1, unit: 'ratio' },
  p50: { what: 'latency p50 / mysqld_exporter', reach: 0.5, unit: 'ratio' },
  p99: { what: 'latency p99 / mysqld_exporter', reach: 0.33, unit: 'ratio' },
  bytes: { what: "bytes of a compressed answer / mysqld_exporter's", reach: 1, unit: 'ratio' },
  small: { what: 'two small queries: CPU per target / connecting anew', reach: 0.8, unit: 'ratio' },
  many: { what: 'a set of 30 queries: CPU / mysql2 alone', reach: 1.6, unit: 'ratio' },
  guarded: { what: 'CPU per probe behind TLS and a login / without', reach: 1.25, unit: 'ratio' },
  guarded_p50: { what: 'latency p50 behind TLS and a login / without', reach: 1.25, unit: 'ratio' },
  first: { what: 'CPU of a first probe / an ordinary one of mysqld_exporter', reach: 1, unit: 'ratio' },
  first_seconds: { what: 'first probes of 1,000 targets', reach: 15, unit: 's' },
  connections: { what: 'connections per target, default sets', reach: 1, unit: 'number' },
  memory: { what: 'resident memory, 1,000 targets, 10,000 probes', reach: 130, unit: 'MiB' },
  loop: { what: 'event loop delay p99, 1,000 targets every 15 s', reach: 30, unit: 'ms' },
  stall: { what: 'longest stall by a probe of 20,000 series', reach: 50, unit: 'ms' },
  others: { what: "others' latency p99 with such probes / without", reach: 1.15, unit: 'ratio' },
  start: { what: 'start with 1,000 targets and the whole library', reach: 1.5, unit: 's' },
  flat: { what: 'CPU per probe at 300 and 1,000 targets, from 100', reach: 15, unit: '%' },
} as const satisfies Readonly<Record<string, Line>>;

export type LineId = keyof typeof LINES;

export const LINE_IDS = Object.keys(LINES) as LineId[];

/** What was measured for a line: the median of several, and how far they lie apart. */
export interface Figure {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

export type Figures = Partial<Readonly<Record<LineId, Figure>>>;

export interface Verdict {
  readonly line: LineId;
  readonly what: string;
  readonly unit: Line['unit'];
  readonly reach: number;
  readonly measured: Figure;
  readonly met: boolean;
}

/** The table; a line that was not measured is not in it. */
export function verdicts(figures: Figures): readonly Verdict[] {
  return LINE_IDS.flatMap((line) => {
    const measured = figures[line];
    return measured === undefined
      ? []
      : [{ line, ...LINES[line], measured, met: measured.median <= LINES[line].reach }];
  });
}
