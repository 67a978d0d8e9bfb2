/**
 * A row to the text of its labels: each from one column or the first that is not empty, then edited.
 */
import type { LabelDefinition, LabelEdit } from '../config/config.ts';
import type { MapFailure } from './compiled.ts';
import { escapeLabelValue, labelText } from './label-text.ts';

/** Longest label value in characters. Longer ones are a mistake of the query or an attack on Prometheus. */
export const MAX_LABEL_LENGTH = 1024;

/** Where the columns of a query stand in the result at hand. */
export type Places = ReadonlyMap<string, number>;

/** The labels of one metric, ready to be read from rows. */
export interface LabelsReader {
  /** All columns that are looked at. */
  readonly columns: readonly string[];
  /** For the result at hand: a row to its labels, up to the last value, whose quote is left open. */
  readonly at: (places: Places) => (row: readonly (string | null)[]) => string | MapFailure;
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

/** Compiles the labels that a metric reads from its rows. */
export function compileLabels(definitions: readonly LabelDefinition[]): LabelsReader {
  const readers = definitions.map(compileLabel);
  return {
    columns: readers.flatMap(({ columns }) => columns),
    at: (places) => {
      const at = readers.map(({ columns }) => columns.map((column) => places.get(column) ?? 0));
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
    },
  };
}

/** What follows the labels of a row: the constant ones, from the quote that ends the last value on. */
export function labelTail(
  definitions: readonly LabelDefinition[],
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
function readText({ edit }: LabelReader, at: readonly number[], row: readonly (string | null)[]): string {
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

function compileEdit(edit: LabelEdit): (text: string) => string {
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
