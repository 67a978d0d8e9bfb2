/**
 * Writes YAML in the style of our own files: lists in one line, statements in blocks, comments before the keys.
 */

import { Document, isCollection, Pair, Scalar, YAMLMap } from 'yaml';
import { replaceUnseen } from '../visible-text.ts';

/** A key with its value; left out when the value is undefined. */
export interface Entry {
  readonly key: string;
  /** Entries, or a plain value. */
  readonly value: readonly Entry[] | Plain | undefined;
  /** Without the #. */
  readonly comment?: string | undefined;
}

type Plain =
  | { readonly list: readonly string[] }
  | { readonly map: Readonly<Record<string, string | number>> }
  | string
  | number;

export function yamlText(entries: readonly Entry[], header?: string): string {
  const document = new Document();
  document.contents = mapOf(entries, document);
  document.commentBefore = header === undefined ? null : printable(header);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function mapOf(entries: readonly Entry[], document: Document): YAMLMap {
  const map = new YAMLMap(document.schema);
  for (const { key, value, comment } of entries) {
    if (value === undefined) continue;
    const scalar = new Scalar(key);
    if (comment !== undefined) scalar.commentBefore = printable(comment);
    map.items.push(new Pair(scalar, nodeOf(value, document)));
  }
  return map;
}

function nodeOf(value: NonNullable<Entry['value']>, document: Document) {
  if (isEntries(value)) return mapOf(value, document);
  const isObject = typeof value === 'object';
  const node = document.createNode(isObject ? ('list' in value ? value.list : value.map) : value);
  if (isCollection(node)) node.flow = true;
  return node;
}

const isEntries = (value: NonNullable<Entry['value']>): value is readonly Entry[] => Array.isArray(value);

/** A lone carriage return ends a comment for some readers of YAML, and others turn its line around on a terminal. */
const printable = (comment: string): string =>
  replaceUnseen(comment, (character) => (character === '\n' || character === '\t' ? character : ' '));
