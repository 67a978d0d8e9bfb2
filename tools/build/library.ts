/** The shipped query files, read once when the program is built. */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { libraryText } from '../../src/config/prepared-library.ts';
import { readQueryFiles, shippedFiles } from '../../src/config/query-files.ts';
import { formatDiagnostic } from '../../src/diagnostics/diagnostic.ts';
import { DiagnosticList } from '../../src/diagnostics/diagnostics.ts';

/** The text of library.json. Throws when a shipped file has a mistake, or even a warning. */
export async function readLibrary(): Promise<string> {
  const { files } = await shippedFiles();
  const read = await Promise.all(
    files.map(async (file) => {
      const found = new DiagnosticList();
      const { sets } = await readQueryFiles({ files: [file], complete: true }, found);
      if (found.all.length > 0) throw new Error(found.all.map(formatDiagnostic).join('\n'));
      return { file, text: await readFile(file, 'utf8'), sets };
    }),
  );
  return libraryText(read, dirname(files[0] ?? ''));
}
