/**
 * `convert`: files of other exporters as files of ours, on standard output or in a folder.
 *
 * What has no counterpart is listed on standard error; a file that is there is never overwritten.
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Command, Option } from 'commander';
import { readText } from '../config/yaml/read-text.ts';
import type { ConvertedFile, SourceText } from '../convert/converted.ts';
import { convertTexts, FORMATS, type Format } from '../convert/formats.ts';
import { type Diagnostic, formatDiagnostic, isError } from '../diagnostics/diagnostic.ts';
import { DiagnosticList } from '../diagnostics/diagnostics.ts';
import { complain, writeLine, writeText } from './printable.ts';

interface ConvertFlags {
  readonly from: Format | undefined;
  readonly output: string | undefined;
}

interface ConvertOptions {
  readonly files: readonly string[];
  /** Guessed from the content when undefined. */
  readonly from: Format | undefined;
  /** A folder; standard output when undefined. */
  readonly output: string | undefined;
}

/** Adds the command. */
export function addConvert(program: Command): void {
  program
    .command('convert')
    .description('turn files of other exporters into files of this one')
    .argument('<file...>', 'of query-exporter its two files')
    .addOption(new Option('--from <format>', 'instead of guessing').choices(FORMATS))
    .option('--output <folder>', 'write files there instead of printing them')
    .action(async (files: string[], { from, output }: ConvertFlags) => {
      process.exitCode = await convert({ files, from, output });
    });
}

/** Returns the exit code: 1 when the input is wrong or a file is in the way, and then nothing was written. */
async function convert({ files, from, output }: ConvertOptions): Promise<number> {
  const found = new DiagnosticList();
  const sources: SourceText[] = [];
  for (const file of files) {
    const text = await readText(file);
    if (text.ok) sources.push({ file, text: text.value });
    else found.in(file).error(text.message);
  }
  const converted = found.hasErrors ? [] : convertTexts(sources, from, found);
  for (const diagnostic of found.sorted()) complain(listed(diagnostic));
  if (converted.length === 0) return 1;
  if (output !== undefined) return await writeFiles(converted, output);
  writeText(converted.map(({ name, text }) => `# ${name}\n${text}`).join('---\n'));
  return 0;
}

/** An error in the usual form; for a part without a counterpart the line is enough. */
function listed(diagnostic: Diagnostic): string {
  const { file, line, message } = diagnostic;
  return isError(diagnostic) ? formatDiagnostic(diagnostic) : `${file}:${line}: ${message}`;
}

async function writeFiles(files: readonly ConvertedFile[], folder: string): Promise<number> {
  const paths = files.map(({ name, text }) => ({
    path: join(folder, name),
    text,
    hasPasswords: name === 'targets.yml',
  }));
  const inTheWay = paths.filter(({ path }) => existsSync(path));
  for (const { path } of inTheWay) complain(`${path}: is there already, nothing was written`);
  if (inTheWay.length > 0) return 1;
  try {
    for (const { path, text, hasPasswords } of paths) {
      await mkdir(dirname(path), { recursive: true });
      // `wx`: another process may have created it meanwhile.
      await writeFile(path, text, { flag: 'wx', mode: hasPasswords ? 0o600 : 0o644 });
      writeLine(path);
    }
    return 0;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    complain(`${folder}: cannot be written (${code ?? 'unknown reason'})`);
    return 1;
  }
}
