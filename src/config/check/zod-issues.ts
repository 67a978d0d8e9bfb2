/**
 * Reports zod's issues in words for the person who wrote the file: the key, what was expected, what was found.
 */
import type { z } from 'zod';
import type { Diagnostics, Path } from '../../diagnostics/diagnostics.ts';
import { didYouMean, nearestName } from '../../diagnostics/suggest.ts';
import { isMap, valueAt } from './maps.ts';

const SECRET_KEYS: readonly string[] = ['password', 'dsn'];

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map (key: value)',
  record: 'a map (key: value)',
  array: 'a list',
};

/**
 * Reports everything that the schema finds wrong in a whole file.
 *
 * @param secretKeys the values at these keys are never repeated
 */
export function reportIssues(
  schema: z.ZodType,
  file: unknown,
  diagnostics: Diagnostics,
  secretKeys: readonly string[] = SECRET_KEYS,
): void {
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
  const content = { file, secretKeys: new Set<unknown>(secretKeys) };
  for (const issue of issues)
    if (!meant.has(issue.path.join('\0')) || issue.code === 'unrecognized_keys')
      reportIssue(issue, content, diagnostics);
}

/** What is being checked. */
interface Content {
  readonly file: unknown;
  readonly secretKeys: ReadonlySet<unknown>;
}

function reportIssue(issue: z.core.$ZodIssue, content: Content, diagnostics: Diagnostics): void {
  const { file, secretKeys } = content;
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  const found = valueAt(file, ...path);
  const subject = subjectOf(path);
  const at = diagnostics.at(...path);
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys)
      at.at(key).error(unknownKey(key, issue.message, valueAt(file, ...path, key)));
  } else if (issue.code === 'invalid_key') {
    const key = JSON.stringify(path.at(-1) ?? '');
    at.error(`${key}: ${issue.issues[0]?.message ?? 'not a valid name'}`);
  } else if (issue.code === 'invalid_union' && reportBestBranch(issue, content, diagnostics)) {
    // The branch that was meant has been reported.
  } else if (found === undefined) {
    // A key whose value could not be read (an unset variable, a bad alias) was reported as such.
    if (!hasKey(file, path)) at.error(`missing key "${String(path.at(-1) ?? '')}"`);
  } else {
    at.error(subject + sentence(issue, found, isSecret(issue, path, secretKeys)), 'value');
  }
}

/** For a union whose value is a map or list: the issues of the branch that takes one. */
function reportBestBranch(
  issue: z.core.$ZodIssueInvalidUnion,
  content: Content,
  diagnostics: Diagnostics,
): boolean {
  const branch = issue.errors.find((issues) =>
    issues.every((inner) => inner.code !== 'invalid_type' || inner.path.length > 0),
  );
  for (const inner of branch ?? [])
    reportIssue({ ...inner, path: [...issue.path, ...inner.path] } as z.core.$ZodIssue, content, diagnostics);
  return branch !== undefined;
}

/** Words of PostgreSQL's sslmode and of Go's driver for tls modes: the nearest in letters is often a weaker one. */
const WORDS_OF_OTHERS: ReadonlyMap<string, string> = new Map([
  ['verify_full', 'verify_identity'],
  ['require', 'required'],
  ['skip_verify', 'required'],
  ['prefer', 'preferred'],
  ['allow', 'preferred'],
  ['disable', 'disabled'],
]);

function meantBy(found: string, valid: readonly string[]): string {
  const known = WORDS_OF_OTHERS.get(found.toLowerCase().replaceAll('-', '_'));
  return known !== undefined && valid.includes(known)
    ? `; did you mean "${known}"?`
    : didYouMean(found, valid);
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

/** A text in place of a map may be a secret, too: `monitor: password`, or a DSN as the whole target. */
function isSecret(issue: z.core.$ZodIssue, path: Path, secretKeys: ReadonlySet<unknown>): boolean {
  const wantsMap = issue.code === 'invalid_type' && ['object', 'record', 'array'].includes(issue.expected);
  return wantsMap || path.some((step) => secretKeys.has(step));
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
      const hint = typeof found === 'string' ? meantBy(found, valid) : '';
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

/** The type of a value, without its content. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isMap(value)) return 'a map';
  return typeof value === 'string' ? 'text' : typeof value === 'number' ? 'a number' : String(value);
}

/** The nearest key, and the index in its list. */
function subjectOf(path: Path): string {
  const at = path.findLastIndex((step) => typeof step === 'string');
  if (at < 0) return '';
  const entries = path.slice(at + 1).map((index) => `[${index}]`);
  return `${path[at]}${entries.join('')}: `;
}

function hasKey(file: unknown, path: Path): boolean {
  const parent = valueAt(file, ...path.slice(0, -1));
  return isMap(parent) && Object.hasOwn(parent, path.at(-1) ?? '');
}
