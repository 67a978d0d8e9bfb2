/**
 * The two files of query-exporter when only one of them is named, and is to tell which one it is.
 */
import { dirname, join } from 'node:path';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Config } from '../../model/config.ts';
import { isMap, reporter } from '../check/zod-issues.ts';
import { targetsFileSchema } from '../targets-file/schema.ts';
import { readText } from '../yaml/read-text.ts';
import { readYaml, type YamlSource } from '../yaml/source.ts';
import { readQueryExporter } from './query-exporter.ts';

/** As the end of the flag that takes it. */
export type Part = 'database' | 'metrics';

/** What query-exporter looks for without its flags. */
export const PART_FILES = {
  database: 'config-database.yml',
  metrics: 'config-metrics.yml',
} as const satisfies Record<Part, string>;

const OTHER = { database: 'metrics', metrics: 'database' } as const satisfies Record<Part, Part>;

/** Top keys of ours. As the name of a group or a path they are possible, and rare. */
const OUR_KEYS = new Set([...Object.keys(targetsFileSchema.shape), 'query_sets']);

/**
 * Which of the two this is by its shape, which none of ours has. One part that is right is enough, so that its reader
 * can say what is wrong with the others; beside a key of ours all must be right.
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

/** The part that a flag of its own names. */
export interface NamedPart {
  readonly part: Part;
  readonly file: string;
}

/**
 * The configuration of a file and the other one: the one that its flag names, or that has query-exporter's own name for
 * it and lies beside the first. Undefined only together with an error in findings.
 */
export async function readPair(
  source: YamlSource,
  named: NamedPart | undefined,
  findings: Diagnostic[],
): Promise<Config | undefined> {
  if (source.value === undefined) {
    findings.push(...source.findings);
    return undefined;
  }
  const report = reporter(source, findings);
  const part = partOf(source.value);
  if (part === undefined || part === named?.part) {
    report([], named === undefined ? 'this is no file of query-exporter' : wrongFile(part, named));
    return undefined;
  }
  if (named === undefined && part === 'database' && isPerhapsOurs(source.value)) {
    report(Object.keys(source.value).slice(0, 1), PERHAPS_OURS);
    return undefined;
  }
  const wanted = OTHER[part];
  const file = named?.file ?? join(dirname(source.file), PART_FILES[wanted]);
  const text = await readText(file);
  if (!text.ok) {
    if (named !== undefined)
      findings.push({ severity: 'error', file, line: 1, column: 1, message: text.message });
    else
      report(
        [],
        `this is the ${part} file of query-exporter; its ${wanted} file was looked for at ${file}, but ` +
          `${text.message}: name it with --config-${wanted}`,
      );
    return undefined;
  }
  const other = readYaml(file, text.value, undefined, 'lenient');
  return part === 'database'
    ? readQueryExporter(source, other, findings)
    : readQueryExporter(other, source, findings);
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
