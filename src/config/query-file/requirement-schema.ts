/**
 * `requires` and `when` of query files: which keys there are and what each takes.
 */
import * as z from 'zod';
import { FLAVOURS, ROLES } from '../../model/query-set.ts';
import { keys, text } from '../check/schema-parts.ts';

const versionText = z
  .string({ error: 'expected a version in quotes, such as "8.0.22"' })
  .regex(/^\d+(\.\d+){0,2}$/, 'expected a version such as "8.0.22"')
  .meta({ kind: 'version in quotes' });

const scalar = z.union([z.string(), z.number(), z.boolean()]).meta({ kind: 'plain value' });

const tableName = z
  .string()
  .regex(/^[^.]+\.[^.]+$/, 'expected schema.table')
  .meta({ kind: '`schema.table`' });

const columnName = z
  .string()
  .regex(/^[^.]+\.[^.]+\.[^.]+$/, 'expected schema.table.column')
  .meta({ kind: '`schema.table.column`' });

export const requirementSchema = keys({
  flavour: z.enum(FLAVOURS).optional().describe('Only servers of this flavour'),
  min_version: versionText.optional().describe('The oldest version, such as "8.0.22"'),
  max_version: versionText.optional().describe('The first version that is too new'),
  variables: z
    .record(text, z.union([scalar, z.array(scalar).min(1)]))
    .optional()
    .describe(
      'Global variables and what they must be; of a list one of its values. true is ON or 1, false is OFF or 0',
    ),
  tables: z
    .array(tableName)
    .optional()
    .describe('Tables that must be there, in the case that the server has them in'),
  columns: z
    .array(columnName)
    .optional()
    .describe('Columns that must be there, in the case that the server has them in'),
  when_role: z
    .array(z.enum(ROLES))
    .min(1)
    .optional()
    .describe(
      'What the server must be now: a replica follows another server or its group, a primary is any other',
    ),
}).meta({ section: 'Requirement' });

export type RequirementKeys = z.output<typeof requirementSchema>;
