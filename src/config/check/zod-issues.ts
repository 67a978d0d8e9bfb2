/**
 * zod's issues in the words of the person who wrote the file: the key, what was expected, what stands there.
 *
 * Also reads out of a faulty map what is right, so that later checks still run and all errors come at once.
 */
import type { z } from 'zod';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { didYouMean, nearestName } from '../../diagnostics/suggest.ts';
import type { Path, YamlSource } from '../yaml/source.ts';

/** What stands at these keys is never repeated. */
const SECRET_KEYS = new Set<unknown>(['password', 'dsn']);

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map (key: value)',
  record: 'a map (key: value)',
  array: 'a list',
};

/** Notes what is wrong at a path. `at` says whether to point at the key or at its value. */
export type Report = (path: Path, message: string, at?: 'key' | 'value') => void;

/** A {@link Report} that adds findings about this file. */
export function reporter(
  source: YamlSource,
  findings: Diagnostic[],
  severity: Diagnostic['severity'] = 'error',
): Report {
  return (path, message, at = 'key') => {
    findings.push({ severity, file: source.file, ...source.positionOf(path, at), message });
  };
}

/** Reports everything that the schema finds wrong in a whole file. */
export function reportIssues(schema: z.ZodType, file: unknown, report: Report): void {
  const result = schema.safeParse(file);
  if (result.success) return;
  const { issues } = result.error;
  // A misspelt key is also missing under its right name; once is enough.
  const meant = new Set(
    issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => [...issue.path, nearestName(key, issue.message.split(', '))].join('\0'))
        : [],
    ),
  );
  for (const issue of issues)
    if (!meant.has(issue.path.join('\0')) || issue.code === 'unrecognized_keys')
      reportIssue(issue, file, report);
}

export interface Salvaged<T> {
  readonly value: Partial<T>;
  /** Keys that stand there with a value the schema refuses. */
  readonly faulty: ReadonlySet<string>;
}

/** The part of a map that the schema accepts. What it refuses has been reported for the whole file already. */
export function salvage<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  raw: unknown,
): Salvaged<z.output<z.ZodObject<Shape>>> {
  const value: Record<string, unknown> = {};
  const faulty = new Set<string>();
  for (const [key, part] of entriesOf(raw)) {
    const partSchema = Object.hasOwn(schema.shape, key) ? (schema.shape[key] as z.ZodType) : undefined;
    const result = partSchema?.safeParse(part);
    if (result?.success && part !== undefined) value[key] = result.data;
    else faulty.add(key);
  }
  // Each key was checked by its own part of the schema, which the compiler cannot follow.
  return { value: value as Partial<z.output<z.ZodObject<Shape>>>, faulty };
}

/** The entries of a map; none for anything else. */
export function entriesOf(raw: unknown): [string, unknown][] {
  return isMap(raw) ? Object.entries(raw) : [];
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function reportIssue(issue: z.core.$ZodIssue, file: unknown, report: Report): void {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  const found = valueAt(file, path);
  const subject = subjectOf(path);
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys)
      report([...path, key], unknownKey(key, issue.message, valueAt(file, [...path, key])));
  } else if (issue.code === 'invalid_key') {
    const key = JSON.stringify(path.at(-1) ?? '');
    report(path, `${key}: ${issue.issues[0]?.message ?? 'not a valid name'}`);
  } else if (issue.code === 'invalid_union' && reportBestBranch(issue, file, report)) {
    // The branch that was meant has said what is wrong.
  } else if (found === undefined) {
    // A key whose value could not be read (an unset variable, a bad alias) was reported as such.
    const key = path.at(-1);
    if (!isMap(valueAt(file, path.slice(0, -1))) || !hasKey(file, path))
      report(path, `missing key "${String(key ?? '')}"`);
  } else {
    report(path, subject + sentence(issue, found, isSecret(issue, path)), 'value');
  }
}

/** For a union whose value is a map or list: the issues of the branch that takes one. */
function reportBestBranch(issue: z.core.$ZodIssueInvalidUnion, file: unknown, report: Report): boolean {
  const branch = issue.errors.find((issues) =>
    issues.every((inner) => inner.code !== 'invalid_type' || inner.path.length > 0),
  );
  for (const inner of branch ?? [])
    reportIssue({ ...inner, path: [...issue.path, ...inner.path] } as z.core.$ZodIssue, file, report);
  return branch !== undefined;
}

function unknownKey(key: string, validKeys: string, value: unknown): string {
  const colon = key.indexOf(':');
  // `{password:secret}` is one key in YAML: what follows the colon must not be shown.
  if (colon >= 0) return `unknown key; after "${key.slice(0, colon)}:" a space is missing`;
  // `{query: SELECT a, b FROM t}` is the key `query` and the key `b FROM t`. It may be a part of a password, too.
  const valid = validKeys.split(', ');
  if (value === null && nearestName(key, valid) === undefined)
    return 'unknown key without a value; a text with a comma inside { } needs quotes';
  return `unknown key "${key}"${didYouMean(key, valid) || `; valid keys are ${validKeys}`}`;
}

/** Also a text where a map belongs may be a secret: `monitor: password`, or a DSN as the whole target. */
function isSecret(issue: z.core.$ZodIssue, path: Path): boolean {
  const wantsMap = issue.code === 'invalid_type' && ['object', 'record', 'array'].includes(issue.expected);
  return wantsMap || path.some((step) => SECRET_KEYS.has(step));
}

function sentence(issue: z.core.$ZodIssue, found: unknown, secret: boolean): string {
  const but = secret ? '' : `, found ${describe(found)}`;
  switch (issue.code) {
    case 'invalid_type': {
      const scalar = ['number', 'boolean'].includes(typeof found);
      const expected = WORDS[issue.expected] ?? issue.expected;
      if (found === null) return `expected ${expected}, found nothing`;
      if (issue.expected === 'array' && !isMap(found))
        return `expected a list, found ${kindOf(found)} (put [ ] around it)`;
      const hint = issue.expected === 'string' && scalar ? ' (put quotes around it)' : '';
      return `expected ${expected}${secret ? `, found ${kindOf(found)}` : but}${hint}`;
    }
    case 'invalid_value': {
      const valid = issue.values.map(String);
      const hint = typeof found === 'string' ? didYouMean(found, valid) : '';
      return `expected one of ${valid.join(', ')}${but}${hint}`;
    }
    case 'too_small':
      return issue.origin === 'array' ? 'the list must not be empty' : 'must not be empty';
    default:
      return found === '' || issue.message.startsWith('must not be empty')
        ? issue.message
        : issue.message + but;
  }
}

function describe(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value !== 'string') return `${typeof value === 'number' ? 'number ' : ''}${String(value)}`;
  return `text ${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value)}`;
}

/** What a value is, and not what it says. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isMap(value)) return 'a map';
  return typeof value === 'string' ? 'text' : typeof value === 'number' ? 'a number' : String(value);
}

/** The nearest key, and which entry of its list. */
function subjectOf(path: Path): string {
  const at = path.findLastIndex((step) => typeof step === 'string');
  if (at < 0) return '';
  const entries = path.slice(at + 1).map((index) => `[${index}]`);
  return `${path[at]}${entries.join('')}: `;
}

function valueAt(file: unknown, path: Path): unknown {
  let value = file;
  for (const step of path) {
    if (Array.isArray(value)) value = value[Number(step)];
    else if (isMap(value) && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value;
}

function hasKey(file: unknown, path: Path): boolean {
  const parent = valueAt(file, path.slice(0, -1));
  return isMap(parent) && Object.hasOwn(parent, path.at(-1) ?? '');
}
