/**
 * A row to the text of its labels: each from one column or the first that is not empty, then edited.
 */
import type { LabelDefinition, LabelEdit, MetricDefinition } from '../config/metric-definition.ts';
import type { Places } from './columns.ts';
import type { MapFailure, Rows } from './compiled.ts';
import { escapeLabelValue, labelText } from './label-text.ts';

/** Longest label value in characters. Longer ones are a mistake of the query or an attack on Prometheus. */
export const MAX_LABEL_LENGTH = 1024;

/** More columns than any table for people has: beyond it a result is no set of labels. */
const MAX_LABELS = 64;

type Row = Rows['rows'][number];
type LabelsOf = (row: Row) => string | MapFailure;

/** The labels of one metric, ready to be read from rows. */
export interface LabelsReader {
  /** Columns that must be there. */
  readonly required: readonly string[];
  /** Columns that are empty when they are not there. */
  readonly optional: readonly string[];
  /** For the result at hand: a row to its labels, up to the last value, whose quote is left open. */
  readonly at: (columns: readonly string[], places: Places) => LabelsOf | MapFailure;
}

interface LabelReader {
  readonly definition: LabelDefinition;
  /** In the order in which they are looked at. */
  readonly columns: readonly string[];
  /** What stands before the value, from the quote that ends the label before it. */
  readonly prefix: string;
  /** Undefined when the text is taken as it is. */
  readonly edit: ((text: string) => string) | undefined;
}

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
    at: (_, places) =>
      readLabels(
        readers,
        readers.map(({ columns }) => columns.map((column) => places.get(column) ?? -1)),
      ),
  };
}

/** Every column is a label; of several that would have one name the first counts. */
function readAll(taken: ReadonlySet<string>): LabelsReader['at'] {
  return (columns) => {
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
    );
  };
}

/** What a label may be called: lower case, and `_` for what no name may hold. */
function labelName(column: string): string {
  const clean = column.toLowerCase().replace(/[^a-z0-9_]/g, '_');
  return /^[0-9]/.test(clean) || clean === '' ? `_${clean}` : clean.replace(/^__+/, '_');
}

function readLabels(readers: readonly LabelReader[], at: readonly (readonly number[])[]): LabelsOf {
  return (row) => {
    let labels = '';
    // Index loops and text pasted together on purpose: this runs for every row of every probe.
    for (let l = 0; l < readers.length; l++) {
      const reader = readers[l]!;
      const text = readText(reader, at[l]!, row);
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
  if (definitions.length === 0) return text;
  return text === '' ? '"' : `",${text}`;
}

function compileLabel(definition: LabelDefinition, index: number): LabelReader {
  const { as, column, edit, orElse = [] } = definition;
  return {
    definition,
    columns: [column, ...orElse],
    prefix: `${index === 0 ? '' : '",'}${as}="`,
    edit: edit === undefined ? undefined : compileEdit(edit),
  };
}

/** An empty label and an absent one are the same to Prometheus, so NULL is the empty text. */
function readText({ edit }: LabelReader, at: readonly number[], row: Row): string {
  let text = row[at[0]!] ?? '';
  for (let i = 1; text === '' && i < at.length; i++) text = row[at[i]!] ?? '';
  return edit === undefined ? text : edit(text);
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

/** Compiles changes of a text. */
export function compileEdit(edit: LabelEdit): (text: string) => string {
  const { default: fallback, lower, match, replace, trimPrefix, truncate } = edit;
  const steps: ((text: string) => string)[] = [];
  if (trimPrefix !== undefined) {
    steps.push((text) => (text.startsWith(trimPrefix) ? text.slice(trimPrefix.length) : text));
  }
  if (match !== undefined) {
    const pattern = new RegExp(match, 'u');
    steps.push((text) => {
      const found = pattern.exec(text.slice(0, MAX_MATCHED));
      return found === null ? '' : (found[1] ?? found[0]);
    });
  }
  for (const [from, to] of Object.entries(replace ?? {})) steps.push((text) => text.replaceAll(from, to));
  if (lower === true) steps.push((text) => text.toLowerCase());
  if (truncate !== undefined) steps.push((text) => cut(text, truncate));
  if (fallback !== undefined) steps.push((text) => (text === '' ? fallback : text));
  return (text) => steps.reduce((edited, step) => step(edited), text);
}

/** A regular expression may take time with the square of its input: what a server sends is bounded first. */
const MAX_MATCHED = 4096;

/** At most `length` UTF-16 units, never half of a pair. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}
