/**
 * `schema targets|queries`: the JSON Schema of a file, for editors and other programs.
 */

import { Argument, type Command } from 'commander';
import { jsonSchema, SCHEMA_KINDS, type SchemaKind } from '../config/json-schema.ts';
import { writeText } from './printable.ts';

/** Adds the command. */
export function addSchema(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of a file, for editors')
    .addArgument(new Argument('<file>', 'which file').choices(SCHEMA_KINDS))
    .action((kind: SchemaKind) => {
      writeText(jsonSchema(kind));
    });
}
