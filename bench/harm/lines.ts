/**
 * What is claimed of the harm that probes do: each line, what it has to reach, and whether it does.
 */
import { median } from '../numbers.ts';

/** With probes of our exporter, with those of mysqld_exporter, and without any. */
export const SIDES = ['without', 'exporter', 'mysqld_exporter'] as const;
export type Side = (typeof SIDES)[number];

/** What the application got done in one phase, and what it cost the server. */
export interface Phase {
  readonly transactions: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of the server by transaction: probes are in it. */
  readonly serverCpuMs: number;
  readonly probes: number;
  /** Of a probe; NaN without any. */
  readonly probeMs: number;
}

export type Turn = Readonly<Record<Side, Phase>>;

interface Line {
  readonly what: string;
  readonly key: keyof Phase;
  readonly over: Side;
  readonly reach: number;
  /** Whether the ratio has to be at least so much, or at most. */
  readonly is: 'least' | 'most';
}

const LINES: readonly Line[] = [
  {
    what: 'transactions per second with probes / without',
    ...{ key: 'perSecond', over: 'without', reach: 0.995, is: 'least' },
  },
  {
    what: 'p99 of a transaction with probes / without',
    ...{ key: 'p99Ms', over: 'without', reach: 1.02, is: 'most' },
  },
  {
    what: 'transactions per second / with those of mysqld_exporter',
    ...{ key: 'perSecond', over: 'mysqld_exporter', reach: 1, is: 'least' },
  },
  {
    what: 'p99 of a transaction / with those of mysqld_exporter',
    ...{ key: 'p99Ms', over: 'mysqld_exporter', reach: 1, is: 'most' },
  },
];

export interface Verdict {
  readonly what: string;
  readonly reach: number;
  readonly is: Line['is'];
  /** The median of the ratios of all turns. */
  readonly measured: number;
  /** Where that median lies with a confidence of 95 %. */
  readonly from: number;
  readonly to: number;
  readonly met: boolean;
}

export function verdicts(turns: readonly Turn[]): readonly Verdict[] {
  return LINES.map(({ is, key, over, reach, what }) => {
    const ratios = turns.map((turn) => turn.exporter[key] / turn[over][key]);
    const measured = median(ratios);
    const met = is === 'least' ? measured >= reach : measured <= reach;
    return { what, reach, is, measured, ...medianBounds(ratios), met };
  });
}

/** The values between which the median of all that could be measured lies, with 95 %: by their ranks alone. */
export function medianBounds(values: readonly number[]): { readonly from: number; readonly to: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const below = Math.max(0, Math.floor((sorted.length - 1.96 * Math.sqrt(sorted.length)) / 2));
  return { from: sorted[below] ?? Number.NaN, to: sorted[sorted.length - 1 - below] ?? Number.NaN };
}

/** Everybody comes first, in the middle and last equally often: what drifts drifts for all. */
const ORDERS: readonly (readonly Side[])[] = [
  ['without', 'exporter', 'mysqld_exporter'],
  ['mysqld_exporter', 'exporter', 'without'],
  ['exporter', 'mysqld_exporter', 'without'],
  ['without', 'mysqld_exporter', 'exporter'],
  ['mysqld_exporter', 'without', 'exporter'],
  ['exporter', 'without', 'mysqld_exporter'],
];

/** The order of a turn, counted from 0. */
export const orderOf = (turn: number): readonly Side[] => ORDERS[turn % ORDERS.length] ?? SIDES;
