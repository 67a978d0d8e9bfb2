/**
 * JSON Schemas of both kinds of file, for editors: keys, types and what each key means.
 *
 * Made from the zod schemas that the loader itself uses, where each key has its description beside it. The committed
 * copies are schemas/*.json.
 */
import * as z from 'zod';
import { queryFileSchema } from './query-file/schema.ts';
import { targetsFileSchema } from './targets-file/schema.ts';

export const SCHEMA_KINDS = ['targets', 'queries'] as const;
export type SchemaKind = (typeof SCHEMA_KINDS)[number];

const FILES = {
  targets: { title: 'targets.yml of mysql-query-exporter', schema: targetsFileSchema },
  queries: { title: 'A query file of mysql-query-exporter', schema: queryFileSchema },
} as const;

/** The part of JSON Schema that these files need, with the notes of check/schema-parts.ts. */
export interface AnnotatedSchema {
  readonly description?: string;
  /** What holds without the key, in YAML. */
  readonly fallback?: string;
  /** What a value is called. */
  readonly kind?: string;
  /** What a map of keys is called. */
  readonly section?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly anyOf?: readonly AnnotatedSchema[];
  readonly items?: AnnotatedSchema;
  readonly properties?: Readonly<Record<string, AnnotatedSchema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: AnnotatedSchema;
  readonly additionalProperties?: AnnotatedSchema | false;
}

/** The schema with all notes, which the reference is made of (tools/docs). */
export function annotatedSchema(kind: SchemaKind): AnnotatedSchema {
  // Draft 7 is what editors know best; `input`: what people write, before durations become numbers.
  return z.toJSONSchema(FILES[kind].schema, { io: 'input', target: 'draft-7' }) as AnnotatedSchema;
}

/** The schema as JSON text with a newline at its end. */
export function jsonSchema(kind: SchemaKind): string {
  const plain = withoutNotes(annotatedSchema(kind)) as object;
  return `${JSON.stringify({ title: FILES[kind].title, ...plain }, undefined, 2)}\n`;
}

/** A copy without the notes that JSON Schema does not know; a default goes into the description. */
function withoutNotes(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutNotes);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { description, fallback, kind, section, ...rest } = schema as AnnotatedSchema;
  const parts = Object.entries(rest).map(([key, part]) => [
    key,
    // Below `properties` are keys of the file, which may be called as a note is.
    key === 'properties' ? mapValues(part as object, withoutNotes) : withoutNotes(part),
  ]);
  return {
    ...(description === undefined ? {} : { description: describe(description, fallback) }),
    ...Object.fromEntries(parts),
  };
}

/** That there is nothing by default needs no word. */
function describe(description: string, fallback = ''): string {
  return /^(?:\[\]|\{\})?$/.test(fallback) ? description : `${description}; default ${fallback}`;
}

function mapValues(map: object, change: (value: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}
