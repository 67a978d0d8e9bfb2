/**
 * The keys of a kind of file as the reference lists them: one section for each map of keys, out of the notes that stand
 * beside the keys in the schema.
 */
import type { AnnotatedSchema } from '../../src/config/json-schema.ts';
import { anchorOf, code } from './markdown.ts';

export interface KeySection {
  readonly name: string;
  readonly keys: readonly KeyEntry[];
  /** Where such a map may stand. */
  readonly usedAt: readonly { readonly section: string; readonly key: string }[];
}

export interface KeyEntry {
  readonly key: string;
  readonly isRequired: boolean;
  /** In YAML. */
  readonly fallback: string | undefined;
  readonly description: string;
  /** Markdown: what it takes, with links to the sections of maps. */
  readonly values: string;
  /** When it takes one of some words. */
  readonly words: readonly string[] | undefined;
}

/** All sections, each before those that it leads to. */
export function keySections(file: AnnotatedSchema): readonly KeySection[] {
  const found = new Map<string, { schema: AnnotatedSchema; usedAt: KeySection['usedAt'][number][] }>();
  const visit = (schema: AnnotatedSchema, from: KeySection['usedAt'][number] | undefined): void => {
    for (const map of mapsIn(schema)) {
      const name = sectionOf(map);
      const known = found.get(name);
      const usedAt = known?.usedAt ?? [];
      if (
        from !== undefined &&
        !usedAt.some(({ section, key }) => section === from.section && key === from.key)
      )
        usedAt.push(from);
      if (known !== undefined) continue;
      found.set(name, { schema: map, usedAt });
      for (const [key, part] of Object.entries(map.properties ?? {})) visit(part, { section: name, key });
    }
  };
  visit(file, undefined);
  return [...found].map(([name, { schema, usedAt }]) => ({ name, keys: entriesOf(schema), usedAt }));
}

function entriesOf({ properties = {}, required = [] }: AnnotatedSchema): readonly KeyEntry[] {
  return Object.entries(properties).map(([key, part]) => {
    if (part.description === undefined) throw new Error(`the key ${key} has no description in its schema`);
    return {
      key,
      isRequired: required.includes(key),
      fallback: part.fallback,
      description: part.description,
      values: valuesText(part),
      words: part.enum,
    };
  });
}

/** The maps of keys that a value may be, or hold at the next level. */
function mapsIn(schema: AnnotatedSchema): readonly AnnotatedSchema[] {
  if (schema.properties !== undefined) return [schema];
  const inside = [
    ...(schema.anyOf ?? []),
    schema.items,
    schema.additionalProperties === false ? undefined : schema.additionalProperties,
  ];
  return inside.flatMap((part) => (part === undefined ? [] : mapsIn(part)));
}

function sectionOf({ properties = {}, section }: AnnotatedSchema): string {
  if (section !== undefined) return section;
  throw new Error(`the map with the keys ${Object.keys(properties).join(', ')} has no section in its schema`);
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'number',
  boolean: '`true` or `false`',
};

/** What a value may be, in words. */
function valuesText(schema: AnnotatedSchema): string {
  const { additionalProperties, enum: values, items, kind, properties, propertyNames, type } = schema;
  if (kind !== undefined) return kind;
  if (values !== undefined) return values.map(code).join(', ');
  if (properties !== undefined) return sectionLink(sectionOf(schema));
  const branches = branchesOf(schema);
  if (branches.length > 0) return branches.map(valuesText).join('; or ');
  if (items !== undefined) return `list of ${insideText(items)}`;
  if (typeof additionalProperties === 'object')
    return `map of ${valuesText(propertyNames ?? { type: 'string' })} to ${insideText(additionalProperties)}`;
  const words = [type ?? []].flat().map((one) => TYPES[one]);
  if (words.length === 0 || words.includes(undefined))
    throw new Error(`no words for ${JSON.stringify(schema)}`);
  return words.join(' or ');
}

/** A choice inside of a list or map in parentheses, so that it does not seem to be one of the list. */
function insideText(schema: AnnotatedSchema): string {
  const branches = branchesOf(schema).map(valuesText);
  return branches.length < 2 ? valuesText(schema) : `(${branches.join(' or ')})`;
}

/** Of a union; that a target may be nothing at all is said in its section. */
function branchesOf({ anyOf = [], kind }: AnnotatedSchema): readonly AnnotatedSchema[] {
  return kind === undefined ? anyOf.filter(({ type }) => type !== 'null') : [];
}

export const sectionLink = (section: string): string => `[${section.toLowerCase()}](#${anchorOf(section)})`;

/** The keys that a value uses, as `Section.key`. */
export function keysUsed(schema: AnnotatedSchema, value: unknown): readonly string[] {
  if (Array.isArray(value)) {
    const items = [schema, ...(schema.anyOf ?? [])].flatMap((one) => one.items ?? []);
    return items.flatMap((item) => value.flatMap((part: unknown) => keysUsed(item, part)));
  }
  if (typeof value !== 'object' || value === null) return [];
  return [schema, ...(schema.anyOf ?? [])].flatMap((one) =>
    Object.entries(value).flatMap(([key, part]: [string, unknown]) => {
      const property = one.properties?.[key];
      if (property !== undefined) return [`${sectionOf(one)}.${key}`, ...keysUsed(property, part)];
      return one.additionalProperties ? keysUsed(one.additionalProperties, part) : [];
    }),
  );
}
