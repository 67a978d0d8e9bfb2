/**
 * The sample accounts and databases of lab/sql, loaded into a server that is running.
 */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('../lab/sql/', import.meta.url);

/** In the order of their names, as docker-entrypoint-initdb.d does; `except` leaves files out. */
export async function loadSamples(
  query: (sql: string) => Promise<unknown>,
  { except = [] }: { readonly except?: readonly string[] } = {},
): Promise<void> {
  const names = (await readdir(fileURLToPath(FOLDER))).filter((name) => name.endsWith('.sql')).sort();
  for (const name of names) {
    if (!except.includes(name)) await query(await readFile(new URL(name, FOLDER), 'utf8'));
  }
}
