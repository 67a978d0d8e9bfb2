/**
 * Runs the files of test/parity/sql, a statement at a time: one text of many statements would leave digests that
 * depend on what follows.
 */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('sql/', import.meta.url);

export async function runSqlFiles(query: (sql: string) => Promise<unknown>): Promise<void> {
  const names = (await readdir(fileURLToPath(FOLDER))).sort();
  for (const name of names) {
    for (const statement of statementsOf(await readFile(new URL(name, FOLDER), 'utf8'))) {
      await query(statement);
    }
  }
}

/** A statement ends with a semicolon at the end of its line; a comment has lines of its own. */
function statementsOf(text: string): readonly string[] {
  const withoutComments = text.replace(/^-- .*\n/gm, '');
  return withoutComments
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
