/**
 * `schema targets|queries`: the JSON Schema of a file, for editors and other programs.
 */
import { jsonSchema, SCHEMA_KINDS, type SchemaKind } from '../config/json-schema.ts';

/** What may be asked for. */
export const KINDS: readonly SchemaKind[] = SCHEMA_KINDS;

/** Prints it on standard output; returns the exit code. */
export function schema(kind: SchemaKind): number {
  process.stdout.write(jsonSchema(kind));
  return 0;
}
