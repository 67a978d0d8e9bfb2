/**
 * The formats that can be converted: how each is recognised, how many files it has, and who converts it.
 */
import { PART_FILES, partOf } from '../config/compat/pair.ts';
import { looksSimple } from '../config/compat/simple.ts';
import { readYaml } from '../config/yaml/source.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { convertQueryExporter, convertSimple } from './ancestors.ts';
import type { ConvertedFile, Converter, SourceText } from './converted.ts';
import { looksLikeIni } from './ini.ts';
import { convertMyCnf } from './my-cnf.ts';
import { convertSqlExporter, looksLikeSqlExporter } from './sql-exporter.ts';

export const FORMATS = ['query-exporter', 'query-exporter-simple', 'sql_exporter', 'my.cnf'] as const;
export type Format = (typeof FORMATS)[number];

const CONVERTERS = {
  'query-exporter': ([first, second, ...more], findings) => {
    if (first !== undefined && second !== undefined && more.length === 0)
      return convertQueryExporter([first, second], findings);
    const message = `query-exporter has two files: name both files: convert ${bothFiles(first)}`;
    findings.push({ severity: 'error', file: first?.file ?? '', line: 1, column: 1, message });
    return [];
  },
  'query-exporter-simple': alone(convertSimple),
  sql_exporter: convertSqlExporter,
  'my.cnf': alone(convertMyCnf),
} as const satisfies Record<Format, Converter>;

/** The file that is there, and what query-exporter itself calls the other. */
function bothFiles(source: SourceText | undefined): string {
  const part = source && partOf(readYaml(source.file, source.text, undefined, 'lenient').value);
  const { database, metrics } = PART_FILES;
  return part === 'metrics'
    ? `${database} ${source?.file ?? metrics}`
    : `${part === undefined ? database : (source?.file ?? database)} ${metrics}`;
}

/**
 * The files of ours; none together with an error in findings.
 *
 * @param from guessed from the content when undefined
 */
export function convertTexts(
  sources: readonly SourceText[],
  from: Format | undefined,
  findings: Diagnostic[],
): readonly ConvertedFile[] {
  const format = from ?? commonFormat(sources, findings);
  const files = format === undefined ? [] : CONVERTERS[format](sources, findings);
  const failed = findings.some(({ severity }) => severity === 'error');
  if (!failed && files.length === 0) {
    const message = 'nothing of it could be converted; the reasons stand above';
    findings.push({ severity: 'error', file: sources[0]?.file ?? '', line: 1, column: 1, message });
  }
  return failed ? [] : files;
}

function alone(convert: (source: SourceText, findings: Diagnostic[]) => readonly ConvertedFile[]): Converter {
  return ([source, ...more], findings) => {
    for (const { file } of more) {
      const message = 'this format has one file only: convert each by itself';
      findings.push({ severity: 'error', file, line: 1, column: 1, message });
    }
    return source === undefined || more.length > 0 ? [] : convert(source, findings);
  };
}

/** A file that is not recognised is taken for what the others are: its reader says what is wrong. */
function commonFormat(sources: readonly SourceText[], findings: Diagnostic[]): Format | undefined {
  const guesses = sources.map((source) => ({ file: source.file, format: guessFormat(source) }));
  const format = guesses.find((guess) => guess.format !== undefined)?.format;
  const others = guesses.filter((guess) => guess.format !== undefined && guess.format !== format);
  for (const other of others) {
    const message = `this is of the format ${other.format} and another file of ${format}: convert them separately`;
    findings.push({ severity: 'error', file: other.file, line: 1, column: 1, message });
  }
  if (format === undefined) for (const source of sources) sayUnknown(source, findings);
  return others.length > 0 ? undefined : format;
}

function sayUnknown({ file, text }: SourceText, findings: Diagnostic[]): void {
  const { value, findings: problems } = readYaml(file, text, undefined, 'lenient');
  const message = `the format is not recognised: name it with --from (${FORMATS.join(', ')})`;
  if (value === undefined) findings.push(...problems);
  else findings.push({ severity: 'error', file, line: 1, column: 1, message });
}

/** The format that a file has by its look; undefined when it is none of them. */
export function guessFormat({ file, text }: SourceText): Format | undefined {
  if (looksLikeIni(text)) return 'my.cnf';
  const { value } = readYaml(file, text, undefined, 'lenient');
  if (looksSimple(value)) return 'query-exporter-simple';
  if (looksLikeSqlExporter(value)) return 'sql_exporter';
  return partOf(value) === undefined ? undefined : 'query-exporter';
}
