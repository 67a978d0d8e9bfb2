/** The text of a configuration file, or why there is none. */
import { readFile } from 'node:fs/promises';
import type { DiagnosticList } from '../../diagnostics/diagnostics.ts';
import { inputOf } from '../../diagnostics/input.ts';
import { type Parsed, parsed, refused } from '../../diagnostics/parsed.ts';

export async function readText(file: string): Promise<Parsed<string>> {
  try {
    return parsed(await readFile(file, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return refused('the file does not exist');
    if (code === 'EISDIR') return refused('this is a folder, not a file');
    return refused(`the file cannot be read (${code ?? 'unknown reason'})`);
  }
}

/** As {@link readText}, for a part of the configuration: `found` notes that it was read. */
export async function readInput(file: string, found: DiagnosticList): Promise<Parsed<string>> {
  const text = await readText(file);
  found.noteInput(inputOf(text, () => readText(file)));
  return text;
}
