/**
 * Log lines to standard error, logfmt or JSON, with the keys of Prometheus' own programs: time, level, msg.
 */
import { cut, replaceUnseen } from '../visible-text.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export const LOG_FORMATS = ['logfmt', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** What a line may carry besides its message. Undefined values are left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export type Logger = Readonly<Record<LogLevel, (msg: string, fields?: LogFields) => void>>;

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Where lines go; standard error when left out. */
  readonly write?: (line: string) => void;
}

/** Longest text of one field. A server may put anything into an error message. */
const MAX_TEXT = 2_000;

/** Makes a logger; levels below `level` cost a comparison. */
export function createLogger({ level, format, write }: LoggerOptions): Logger {
  const emit = write ?? ((line: string) => process.stderr.write(line));
  const render = format === 'json' ? json : logfmt;
  const at =
    (own: LogLevel) =>
    (msg: string, fields: LogFields = {}) => {
      if (LOG_LEVELS.indexOf(own) < LOG_LEVELS.indexOf(level)) return;
      emit(`${render({ time: new Date().toISOString(), level: own, msg, ...fields })}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function json(fields: LogFields): string {
  return quote(fields, (_key, value: unknown) => (typeof value === 'string' ? cut(value, MAX_TEXT) : value));
}

function logfmt(fields: LogFields): string {
  return Object.entries(fields)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${quoteIfNeeded(String(value))}`]))
    .join(' ');
}

// Control characters included: a line break in a server's message must not start a line of its own.
const PLAIN = /^[^\s"=\\\p{C}]+$/u;

function quoteIfNeeded(text: string): string {
  const short = cut(text, MAX_TEXT);
  return PLAIN.test(short) ? short : quote(short);
}

/** As JSON in visible characters, of which JSON itself leaves out many, DEL and U+009B among them. */
function quote(value: unknown, replacer?: (key: string, value: unknown) => unknown): string {
  return replaceUnseen(JSON.stringify(value, replacer), (character) =>
    character.replaceAll(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}
