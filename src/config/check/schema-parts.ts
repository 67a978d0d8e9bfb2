/**
 * Pieces that both schemas share: values as people write them in YAML, with messages in their words.
 *
 * After variables are expanded every value may be text, so numbers and booleans are taken as text too.
 *
 * What people read about a key stands beside it, in the schema's metadata: `description`, which editors show too, and
 * for the reference (tools/docs) `fallback`, what holds without the key, as one would write it; `kind`, what a value is
 * called; and `section`, what a map of keys is called.
 */
import * as z from 'zod';
import { VARIABLE_NAME } from '../../sql/system-variable.ts';
import { parseDuration, parseTimeout } from './duration.ts';

/** A map with these keys and no others. zod-issues.ts finds the valid keys in the message. */
export const keys = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(', ') : undefined),
  });

export const text = z.string().min(1);

/** Query sets, queries and groups. */
const NAME = /^[a-zA-Z_][a-zA-Z0-9_.]*$/;
export const name = z
  .string()
  .regex(NAME, 'a name has letters, digits, _ and . and does not begin with a digit')
  .meta({ kind: 'name' });

/** As `name`, and what else the sections of a `.my.cnf` are called by, such as `client.prod-eu`. */
export const moduleName = z
  .string()
  .regex(
    /^[a-zA-Z_][a-zA-Z0-9_.-]*$/,
    'the name of an auth module has letters, digits, _, . and - and begins with a letter or _',
  )
  .meta({ kind: 'name' });

/** Prometheus sets these itself for each target, and renames those of an exporter to `exported_...`. */
export const PROMETHEUS_LABELS: ReadonlySet<string> = new Set(['instance', 'job']);

/** `__` is Prometheus' own. */
export const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;
export const labelName = z
  .string()
  .regex(LABEL_NAME, 'a label name has letters, digits and _, and begins with neither a digit nor __')
  .meta({ kind: 'label name' });

export const variableName = z
  .string()
  .regex(VARIABLE_NAME, 'the name of a system variable has letters, digits, _ and .')
  .meta({ kind: 'system variable' });

export const labels = z.record(labelName, z.string());

const durationBy = (parse: typeof parseDuration) =>
  z
    .union([z.number(), z.string()], { error: 'expected a duration such as 500ms, 5s or 1m' })
    .transform((value, context) => {
      const duration = parse(value);
      if (duration.ok) return duration.value;
      context.addIssue({ code: 'custom', message: duration.message });
      return z.NEVER;
    })
    .meta({ kind: 'duration' });

export const timeout = durationBy(parseTimeout);

/** As `timeout`, and 0. */
export const durationOrNone = durationBy(parseDuration);

export const flag = z
  .union([z.boolean(), z.string()], { error: 'expected true or false' })
  .transform((value, context) => {
    if (typeof value === 'boolean') return value;
    if (/^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true';
    context.addIssue({ code: 'custom', message: 'expected true or false' });
    return z.NEVER;
  })
  .meta({ kind: '`true` or `false`' });

/** A whole number between the bounds, both included. */
export const count = (least: number, most: number) =>
  z
    .union([z.number(), z.string()], { error: `expected a whole number from ${least} to ${most}` })
    .transform((value, context) => {
      const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
      if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most)
        return number;
      context.addIssue({ code: 'custom', message: `expected a whole number from ${least} to ${most}` });
      return z.NEVER;
    })
    .meta({ kind: `whole number from ${least} to ${most}` });

const SHARE = 'expected a share such as 10% or 0.1; 100% for no limit';
const PERCENT = /^(\d+(?:\.\d+)?)\s*%$/;
const FRACTION = /^0?\.\d+$/;

/** A part of a whole, above 0. A bare number is below 1: somebody may mean 1% by `1`, and somebody else the whole. */
export const share = z
  .union([z.string(), z.number()], { error: SHARE })
  .transform((value, context) => {
    const text = String(value).trim();
    const percent = PERCENT.exec(text)?.[1];
    const part = percent === undefined ? (FRACTION.test(text) ? Number(text) : 0) : Number(percent) / 100;
    if (part > 0 && part <= 1) return part;
    context.addIssue({ code: 'custom', message: SHARE });
    return z.NEVER;
  })
  .meta({ kind: 'share such as `10%` or `0.1`' });

/** The value of a parameter; its type is checked where it is known. */
export const paramValue = z
  .union([z.string(), z.number(), z.boolean(), z.array(z.string()).readonly()], {
    error: 'expected a text, a number, true or false, or a list of texts',
  })
  .meta({ kind: 'plain value or list of text' });
