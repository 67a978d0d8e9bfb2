/**
 * A row to the text of its labels: each from one column or the first that is not empty, then edited.
 */
import {
  hasRowLabels,
  type LabelDefinition,
  type LabelEdit,
  MAX_LABEL_LENGTH,
  type MetricDefinition,
} from '../../model/metric.ts';
import { checked, compilePattern } from '../../pattern/pattern.ts';
import type { MapFailure, Row } from '../compiled.ts';
import type { BoundResult } from './columns.ts';
import { escapeLabelValue, labelText } from './label-text.ts';
import { type MatchWork, TOO_MUCH } from './match-work.ts';

/** The most labels that `labels: all` makes of a result; one with more columns was not meant for it. */
const MAX_LABELS = 64;

/** The labels of a row, up to the last value, whose quote is left open. */
export type LabelsOf = (row: Row) => string | MapFailure;

/** The labels of one metric, ready to be read from rows. */
export interface LabelsReader {
  /** Columns that must be there. */
  readonly required: readonly string[];
  /** Columns that are empty when they are not there. */
  readonly optional: readonly string[];
  /** For the result at hand: a row to its labels, up to the last value, whose quote is left open. */
  readonly at: (table: Pick<BoundResult, 'columns' | 'places' | 'work'>) => LabelsOf | MapFailure;
}

interface LabelReader {
  readonly definition: LabelDefinition;
  /** In the order in which they are looked at. */
  readonly columns: readonly string[];
  /** What stands before the value, from the quote that ends the label before it. */
  readonly prefix: string;
  /** Undefined when the text is taken as it is. */
  readonly edit: Edit | undefined;
}

/** Changes a text of a server; fails when that is too much work. */
export type Edit = (text: string, work: MatchWork) => string | MapFailure;

/**
 * Compiles the labels that a metric reads from its rows.
 *
 * @param taken with `all`: columns and names that are no labels
 */
export function compileLabels(
  definitions: MetricDefinition['labels'],
  taken: readonly string[] = [],
): LabelsReader {
  if (definitions === 'all')
    return { required: [], optional: [], at: readAll(new Set(taken.map(labelName))) };
  const readers = definitions.map(compileLabel);
  const columnsOf = (optional: boolean) =>
    readers.flatMap(({ columns, definition }) =>
      (definition.optional ?? false) === optional ? columns : [],
    );
  return {
    required: columnsOf(false),
    optional: columnsOf(true),
    at: ({ places, work }) =>
      readLabels(
        readers,
        readers.map(({ columns }) => columns.map((column) => places.get(column) ?? -1)),
        work,
      ),
  };
}

/** Every column is a label; of several that would have one name the first counts. */
function readAll(taken: ReadonlySet<string>): LabelsReader['at'] {
  return ({ columns, work }) => {
    const names = columns.map(labelName);
    const at = names.flatMap((name, i) => (taken.has(name) || names.indexOf(name) < i ? [] : [i]));
    if (at.length === 0)
      return {
        ok: false,
        reason: 'missing_column',
        detail: 'labels: all, and the result has no other column',
      };
    if (at.length > MAX_LABELS)
      return {
        ok: false,
        reason: 'limit',
        detail: `labels: all of ${at.length} columns, and a series may have ${MAX_LABELS} labels`,
      };
    const readers = at.map((column, i) =>
      compileLabel({ column: columns[column] ?? '', as: names[column] ?? '' }, i),
    );
    return readLabels(
      readers,
      at.map((column) => [column]),
      work,
    );
  };
}

/** What a label may be called: lower case, and `_` for what no name may hold. */
function labelName(column: string): string {
  const clean = column.toLowerCase().replace(/[^a-z0-9_]/g, '_');
  return /^[0-9]/.test(clean) || clean === '' ? `_${clean}` : clean.replace(/^__+/, '_');
}

function readLabels(
  readers: readonly LabelReader[],
  at: readonly (readonly number[])[],
  work: MatchWork,
): LabelsOf {
  return (row) => {
    let labels = '';
    // Index loops and text pasted together on purpose: this runs for every row of every probe.
    for (let l = 0; l < readers.length; l++) {
      const reader = readers[l]!;
      const found = firstText(at[l]!, row);
      const text = reader.edit === undefined ? found : reader.edit(found, work);
      if (typeof text !== 'string') return text;
      if (text.length > MAX_LABEL_LENGTH) return tooLong(reader, text);
      labels += reader.prefix + escapeLabelValue(text);
    }
    return labels;
  };
}

/** What follows the labels of a row: the constant ones, from the quote that ends the last value on. */
export function labelTail(
  definitions: MetricDefinition['labels'],
  constant: Readonly<Record<string, string>>,
): string {
  const text = labelText(constant);
  if (!hasRowLabels(definitions)) return text;
  return text === '' ? '"' : `",${text}`;
}

function compileLabel(definition: LabelDefinition, index: number): LabelReader {
  const { as, column, edit, orElse = [] } = definition;
  return {
    definition,
    columns: [column, ...orElse],
    prefix: `${index === 0 ? '' : '",'}${as}="`,
    edit: edit === undefined ? undefined : compileEdit(edit, column),
  };
}

/** An empty label and an absent one are the same to Prometheus, so NULL is the empty text. */
function firstText(at: readonly number[], row: Row): string {
  let text = row[at[0]!] ?? '';
  for (let i = 1; text === '' && i < at.length; i++) text = row[at[i]!] ?? '';
  return text;
}

function tooLong({ definition }: LabelReader, text: string): MapFailure {
  return {
    ok: false,
    reason: 'limit',
    detail:
      `column "${definition.column}" has a text of ${text.length} characters, a label may have ` +
      `${MAX_LABEL_LENGTH}; shorten it with truncate, or in SQL with LEFT()`,
  };
}

/** Compiles changes of a text; `column` is for messages. */
export function compileEdit(edit: LabelEdit, column: string): Edit {
  const { default: fallback, lower, match, replace, trimPrefix = '', truncate, ...others } = edit;
  others satisfies Record<string, never>; // every change is made
  const find = match === undefined ? undefined : compileMatch(match, column);
  const steps: ((text: string) => string)[] = [];
  for (const [from, to] of Object.entries(replace ?? {})) steps.push((text) => text.replaceAll(from, to));
  if (lower === true) steps.push((text) => text.toLowerCase());
  if (truncate !== undefined) steps.push((text) => cut(text, truncate));
  if (fallback !== undefined) steps.push((text) => (text === '' ? fallback : text));
  return (text, work) => {
    const trimmed = text.startsWith(trimPrefix) ? text.slice(trimPrefix.length) : text;
    const found = find === undefined ? trimmed : find(trimmed, work);
    return typeof found === 'string' ? steps.reduce((edited, step) => step(edited), found) : found;
  };
}

/** Longest text for a regular expression. A part of a longer one could be taken for the whole. */
const MAX_MATCHED = 4096;

function compileMatch(match: string, column: string): Edit {
  const pattern = checked(compilePattern(match));
  const limit = (what: string): MapFailure => ({
    ok: false,
    reason: 'limit',
    detail: `column "${column}": match ${what}`,
  });
  return (text, work) => {
    if (text.length > MAX_MATCHED)
      return limit(
        `is for texts of at most ${MAX_MATCHED} characters, and one has ${text.length}; shorten it in SQL with LEFT()`,
      );
    const found = work.exec(pattern, text);
    if (found === undefined) return limit(TOO_MUCH);
    return found === null ? '' : (found[1] ?? found[0] ?? '');
  };
}

/** At most `length` UTF-16 units, never half of a pair. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}
