/**
 * The two files of query-exporter when only one of them is named: its shape tells which one it is.
 */
import { dirname, join } from 'node:path';
import type { DiagnosticList } from '../../diagnostics/diagnostics.ts';
import type { Config } from '../../model/config.ts';
import { isMap } from '../check/maps.ts';
import { targetsFileSchema } from '../targets-file/schema.ts';
import { readInput } from '../yaml/read-text.ts';
import { readLeniently, type YamlSource } from '../yaml/source.ts';
import { readQueryExporter } from './query-exporter.ts';

/** The end of the flag that names the file. */
export type Part = 'database' | 'metrics';

/** The files that query-exporter reads without its flags. */
export const PART_FILES = {
  database: 'config-database.yml',
  metrics: 'config-metrics.yml',
} as const satisfies Record<Part, string>;

const OTHER = { database: 'metrics', metrics: 'database' } as const satisfies Record<Part, Part>;

/** Top keys of our files. As the name of a group or a path they are possible, but rare. */
const OUR_KEYS = new Set([...Object.keys(targetsFileSchema.shape), 'query_sets']);

/**
 * Which of the two this is by its shape, which no file of ours has. One part that is right is enough, so that its
 * reader can report what is wrong with the others; beside a key of ours all must be right.
 */
export function partOf(file: unknown): Part | undefined {
  const parts = isMap(file) ? Object.values(file) : [];
  const matches = (is: (part: unknown) => boolean) =>
    isMap(file) && Object.keys(file).some((key) => OUR_KEYS.has(key))
      ? parts.every((part) => is(part))
      : parts.some((part) => is(part));
  if (parts.length === 0) return undefined;
  if (matches(isPath)) return 'metrics';
  return matches(isGroup) ? 'database' : undefined;
}

function isPath(part: unknown): boolean {
  return Array.isArray(partAt(part, 'collects'));
}

function isGroup(part: unknown): boolean {
  const instances = isMap(part) ? Object.values(part) : [];
  const has = (instance: unknown, key: string) => partAt(instance, key) !== undefined;
  return instances.some((instance) => has(instance, 'type') && has(instance, 'dsn'));
}

function partAt(part: unknown, key: string): unknown {
  const entry = isMap(part) && Object.entries(part).find(([name]) => name.toLowerCase() === key);
  return entry ? (entry[1] ?? null) : undefined;
}

/** A file that is named by the flag for its part. */
export interface NamedPart {
  readonly part: Part;
  readonly file: string;
}

/**
 * The configuration of a file and the other one: the one that its flag names, or that has query-exporter's own name for
 * it and lies beside the first. Undefined only together with an error.
 */
export async function readPair(
  source: YamlSource,
  named: NamedPart | undefined,
  found: DiagnosticList,
): Promise<Config | undefined> {
  if (source.value === undefined) {
    found.add(...source.problems);
    return undefined;
  }
  const diagnostics = found.in(source);
  const part = partOf(source.value);
  if (part === undefined || part === named?.part) {
    diagnostics.error(named === undefined ? 'this is no file of query-exporter' : wrongFile(part, named));
    return undefined;
  }
  if (named === undefined && part === 'database' && isPerhapsOurs(source.value)) {
    diagnostics.at(...Object.keys(source.value).slice(0, 1)).error(PERHAPS_OURS);
    return undefined;
  }
  const other = await readOther({ source, part }, named, found);
  if (other === undefined) return undefined;
  return part === 'database'
    ? readQueryExporter(source, other, found)
    : readQueryExporter(other, source, found);
}

/** The file that belongs to one of the two; undefined, and reported, when it cannot be read. */
async function readOther(
  { part, source }: { readonly part: Part; readonly source: YamlSource },
  named: NamedPart | undefined,
  found: DiagnosticList,
): Promise<YamlSource | undefined> {
  const wanted = OTHER[part];
  const file = named?.file ?? join(dirname(source.file), PART_FILES[wanted]);
  const text = await readInput(file, found);
  if (text.ok) return readLeniently(file, text.value);
  if (named !== undefined) found.in(file).error(text.message);
  else
    found
      .in(source)
      .error(
        `this is the ${part} file of query-exporter; its ${wanted} file was looked for at ${file}, but ` +
          `${text.message}: name it with --config-${wanted}`,
      );
  return undefined;
}

function wrongFile(part: Part | undefined, named: NamedPart): string {
  const wanted = OTHER[named.part];
  return part === undefined
    ? `this is not the ${wanted} file of query-exporter, which belongs to --config-${named.part}`
    : `this is the ${part} file of query-exporter, and --config-${part} names another one: keep one of them, ` +
        `and name the ${wanted} file with --config-${wanted}`;
}

/** An instance that was copied below `targets`, or a group of that name. */
function isPerhapsOurs(file: unknown): file is Record<string, unknown> {
  return isMap(file) && Object.keys(file).every((key) => OUR_KEYS.has(key));
}

const PERHAPS_OURS =
  'this may be a targets.yml, in which a target has no key "type", or the database file of query-exporter: ' +
  'remove type, or name both files of query-exporter with --config-database and --config-metrics';
