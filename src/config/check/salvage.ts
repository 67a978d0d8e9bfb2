/**
 * Takes the valid part of a faulty map, so that later checks still run and all errors are reported at once.
 */
import type { z } from 'zod';
import { entriesOf } from './maps.ts';

export interface Salvaged<T> {
  readonly value: Partial<T>;
  /** Keys of the map whose value the schema refuses. */
  readonly faulty: ReadonlySet<string>;
}

/** The part of a map that the schema accepts. What it refuses has been reported for the whole file already. */
export function salvage<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  raw: unknown,
): Salvaged<z.output<z.ZodObject<Shape>>> {
  const value: Record<string, unknown> = {};
  const faulty = new Set<string>();
  for (const [key, part] of entriesOf(raw)) {
    const partSchema = Object.hasOwn(schema.shape, key) ? (schema.shape[key] as z.ZodType) : undefined;
    const result = partSchema?.safeParse(part);
    if (result?.success && part !== undefined) value[key] = result.data;
    else faulty.add(key);
  }
  // Each key was checked by its own part of the schema, which the compiler cannot follow.
  return { value: value as Partial<z.output<z.ZodObject<Shape>>>, faulty };
}

/** Whether the map has the key, accepted or not. */
export const isGiven = ({ value, faulty }: Salvaged<object>, key: string): boolean =>
  Object.hasOwn(value, key) || faulty.has(key);
