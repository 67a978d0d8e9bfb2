/**
 * The formats that can be converted: how each is recognised, how many files it has, and its converter.
 */
import { PART_FILES, partOf } from '../config/compat/pair.ts';
import { looksSimple } from '../config/compat/simple.ts';
import { readLeniently } from '../config/yaml/source.ts';
import type { DiagnosticList } from '../diagnostics/diagnostics.ts';
import type { ConvertedFile, Converter, SourceText } from './converted.ts';
import { looksLikeIni } from './ini.ts';
import { convertMyCnf } from './my-cnf.ts';
import { convertPercona, looksLikePercona } from './percona.ts';
import { convertQueryExporter } from './query-exporter.ts';
import { convertSimple } from './query-exporter-simple.ts';
import { convertSqlExporter, looksLikeSqlExporter } from './sql-exporter.ts';

export const FORMATS = [
  'query-exporter',
  'query-exporter-simple',
  'sql_exporter',
  'percona',
  'my.cnf',
] as const;
export type Format = (typeof FORMATS)[number];

const CONVERTERS = {
  'query-exporter': ([first, second, ...more], found) => {
    if (first !== undefined && second !== undefined && more.length === 0)
      return convertQueryExporter([first, second], found);
    found
      .in(first?.file ?? '')
      .error(`query-exporter has two files: name both files: convert ${bothFiles(first)}`);
    return [];
  },
  'query-exporter-simple': alone(convertSimple),
  sql_exporter: convertSqlExporter,
  percona: convertPercona,
  'my.cnf': alone(convertMyCnf),
} as const satisfies Record<Format, Converter>;

/** The file that was given, and query-exporter's own name for the other. */
function bothFiles(source: SourceText | undefined): string {
  const part = source && partOf(readLeniently(source.file, source.text).value);
  const { database, metrics } = PART_FILES;
  return part === 'metrics'
    ? `${database} ${source?.file ?? metrics}`
    : `${part === undefined ? database : (source?.file ?? database)} ${metrics}`;
}

/**
 * The files of ours; none together with an error.
 *
 * @param from guessed from the content when undefined
 */
export function convertTexts(
  sources: readonly SourceText[],
  from: Format | undefined,
  found: DiagnosticList,
): readonly ConvertedFile[] {
  const format = from ?? commonFormat(sources, found);
  const files = format === undefined ? [] : CONVERTERS[format](sources, found);
  if (found.hasErrors) return [];
  if (files.length === 0)
    found.in(sources[0]?.file ?? '').error('nothing of it could be converted; the reasons stand above');
  return files;
}

function alone(convert: (source: SourceText, found: DiagnosticList) => readonly ConvertedFile[]): Converter {
  return ([source, ...more], found) => {
    for (const { file } of more)
      found.in(file).error('this format has one file only: convert each by itself');
    return source === undefined || more.length > 0 ? [] : convert(source, found);
  };
}

/** The format of the files that are recognised. The others are taken for the same, so that its reader reports them. */
function commonFormat(sources: readonly SourceText[], found: DiagnosticList): Format | undefined {
  const guesses = sources.map((source) => ({ file: source.file, format: guessFormat(source) }));
  const format = guesses.find((guess) => guess.format !== undefined)?.format;
  const others = guesses.filter((guess) => guess.format !== undefined && guess.format !== format);
  for (const other of others)
    found
      .in(other.file)
      .error(`this is of the format ${other.format} and another file of ${format}: convert them separately`);
  if (format === undefined) for (const source of sources) reportUnknown(source, found);
  return others.length > 0 ? undefined : format;
}

function reportUnknown({ file, text }: SourceText, found: DiagnosticList): void {
  const { problems, value } = readLeniently(file, text);
  if (value === undefined) found.add(...problems);
  else found.in(file).error(`the format is not recognised: name it with --from (${FORMATS.join(', ')})`);
}

/** The format that the content of a file suggests; undefined when it is none of them. */
export function guessFormat({ file, text }: SourceText): Format | undefined {
  if (looksLikeIni(text)) return 'my.cnf';
  const { value } = readLeniently(file, text);
  if (looksSimple(value)) return 'query-exporter-simple';
  if (looksLikeSqlExporter(value)) return 'sql_exporter';
  if (looksLikePercona(value)) return 'percona';
  return partOf(value) === undefined ? undefined : 'query-exporter';
}
