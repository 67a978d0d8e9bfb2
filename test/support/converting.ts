/** Files of other exporters as `convert` reads them, and whether the result loads. */

import { convertTexts, type Format } from '../../src/convert/formats.ts';
import { DiagnosticList } from '../../src/diagnostics/diagnostics.ts';
import { load } from './config-folder.ts';

export interface Converted {
  readonly files: Readonly<Record<string, string>>;
  /** `LINE: message` of remarks, `error LINE:COLUMN: message` of errors. */
  readonly said: readonly string[];
}

export function convert(texts: Readonly<Record<string, string>>, from?: Format): Converted {
  const found = new DiagnosticList();
  const sources = Object.entries(texts).map(([file, text]) => ({ file, text }));
  const files = convertTexts(sources, from, found);
  return {
    files: Object.fromEntries(files.map(({ name, text }) => [name, text])),
    said: found
      .sorted()
      .map(({ severity, file, line, column, message }) =>
        severity === 'error' ? `error ${file}:${line}:${column}: ${message}` : `${file}:${line}: ${message}`,
      ),
  };
}

/** The result together with a targets.yml, when the format has none. */
export async function loadErrors({ files }: Converted): Promise<readonly string[]> {
  const targets =
    "query_files: ['queries/*.yml']\ntargets: {t: {dsn: 'u:p@tcp(h)/', query_sets: []}}\n".replace(
      'query_sets: []',
      `query_sets: [${Object.keys(files)
        .map((name) => JSON.stringify(/\/(.*)\.yml/.exec(name)?.[1]))
        .join()}]`,
    );
  const { lines } = await load({ 'targets.yml': targets, ...files }, process.env);
  return lines.filter((line) => line.includes(' error: '));
}
