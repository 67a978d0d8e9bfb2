/**
 * Text of a cell to a number: the parsers that a metric may name, once and strictly.
 */
import type { MetricDefinition } from '../../model/metric.ts';
import { parseNumber } from './number.ts';

/** The number in a cell; undefined when there is none. */
export type Reading = (cell: string) => number | undefined;

/** Compiles how one metric reads its cells. */
export function compileReading({
  map,
  parse,
  scale,
}: Pick<MetricDefinition, 'map' | 'parse' | 'scale'>): Reading {
  const reading = map === undefined ? PARSE[parse ?? 'number'] : mapped(map);
  if (scale === undefined || scale === 1) return reading;
  const factor = multiplier(scale);
  return (cell) => {
    const value = reading(cell);
    return value === undefined ? undefined : factor(value);
  };
}

/** Which cells are so plain that their bytes tell the number. */
export interface IsPlain {
  /** Digits, which are the number that they spell. */
  readonly digits: boolean;
  /** ON and OFF, which are 1 and 0. */
  readonly switches: boolean;
}

export function isPlain({ map, parse = 'number', scale = 1 }: Parameters<typeof compileReading>[0]): IsPlain {
  const asIs = map === undefined && scale === 1;
  return { digits: asIs && (parse === 'number' || parse === 'status'), switches: asIs && parse === 'status' };
}

/**
 * Dividing by 1e12 and multiplying by 1e-12 differ in the last digit, and only the first is what
 * mysqld_exporter exposes: a scale that is one part of a whole number divides.
 */
function multiplier(scale: number): (value: number) => number {
  const divisor = Math.round(1 / scale);
  const divides = Math.abs(scale) < 1 && Number.isSafeInteger(divisor) && 1 / divisor === scale;
  return divides ? (value) => value / divisor : (value) => value * scale;
}

function mapped(map: Readonly<Record<string, number>>): Reading {
  const exact = new Map(Object.entries(map));
  const lower = new Map(Object.entries(map).map(([text, value]) => [text.toLowerCase(), value]));
  return (cell) => exact.get(cell) ?? lower.get(cell.toLowerCase());
}

const PARSE: Readonly<Record<NonNullable<MetricDefinition['parse']>, Reading>> = {
  number: parseNumber,
  status: parseStatus,
  yes_no: (cell) => YES_NO.get(cell.toLowerCase()),
  is_on: (cell) => (GOOD.has(cell.toLowerCase()) ? 1 : 0),
  datetime: parseDatetime,
  size: parseSize,
};

const YES_NO = new Map<string, number>([
  ...['yes', 'y', 'on', 'true', '1'].map((word) => [word, 1] as const),
  ...['no', 'n', 'off', 'false', '0'].map((word) => [word, 0] as const),
]);

/** Of a state that is good or not: a word that we do not know must not look like silence, or an alert is blind. */
const GOOD = new Set(['yes', 'y', 'on', 'true', '1', 'primary']);

const STATUS = new Map<string, number>([
  ...['yes', 'on', 'primary'].map((word) => [word, 1] as const),
  ...['no', 'off', 'disabled', 'connecting', 'non-primary', 'disconnected'].map((word) => [word, 0] as const),
]);

/** The rule by which mysqld_exporter reads status and variables: a word, a date, or a number. */
function parseStatus(cell: string): number | undefined {
  const first = cell.charCodeAt(0);
  // Nearly every status is a number and begins with a digit: look no further then.
  if (first >= 48 && first <= 57) return parseNumber(cell) ?? wholeSeconds(cell);
  return STATUS.get(cell.toLowerCase()) ?? parseNumber(cell) ?? parseCertificateDate(cell);
}

function wholeSeconds(cell: string): number | undefined {
  // A status is no zero date: that one stands for "never" in a column of dates.
  const seconds = cell.startsWith('0000') ? undefined : parseDatetime(cell);
  return seconds === undefined || cell.length < 'YYYY-MM-DD HH:MM:SS'.length
    ? undefined
    : Math.floor(seconds);
}

const DATETIME = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(\.\d{1,9})?)?$/;

/** `2026-11-23 01:02:03.5` in UTC, as sessions of ours are, to seconds since 1970; a zero date is 0. */
function parseDatetime(cell: string): number | undefined {
  const match = DATETIME.exec(cell);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  if (year === 0 && month === 0 && day === 0) return 0;
  const seconds = toSeconds([year, month, day, hour, minute, second]);
  if (seconds === undefined || match[7] === undefined) return seconds;
  // Rounded once to nanoseconds and once to seconds, as Go's exporters do, so that equal dates are equal numbers.
  return Number(BigInt(seconds) * 1_000_000_000n + BigInt(match[7].slice(1).padEnd(9, '0'))) / 1e9;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const CERTIFICATE_DATE = /^([a-z]{3}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4}) [a-z]{1,5}$/i;

/** `May  5 12:00:00 2030 GMT`, the form of `Ssl_server_not_after`; whatever the zone, it counts as UTC. */
function parseCertificateDate(cell: string): number | undefined {
  const match = CERTIFICATE_DATE.exec(cell);
  if (match === null) return undefined;
  const [, month = '', day, hour, minute, second, year] = match;
  const index = MONTHS.indexOf(month.toLowerCase());
  return toSeconds([Number(year), index + 1, Number(day), Number(hour), Number(minute), Number(second)]);
}

/** Undefined for a date that is in no calendar, such as the 31st of April. */
function toSeconds(parts: readonly (number | undefined)[]): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const isReal =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  return isReal ? date.getTime() / 1000 : undefined;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
const SIZE = /^(\d+(?:\.\d+)?)\s?([kmgt]?)i?b?$/i;

/** `128M`, `1.5G`, `512 KB`, `1024`: bytes, in powers of 1024 as MySQL's own settings. */
function parseSize(cell: string): number | undefined {
  const match = SIZE.exec(cell);
  if (match === null) return undefined;
  const bytes = Number(match[1]) * (UNITS[(match[2] ?? '').toLowerCase()] ?? 1);
  return Number.isFinite(bytes) ? bytes : undefined;
}
