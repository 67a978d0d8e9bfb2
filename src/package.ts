/** What comes with the program in its package: beside src/ in a clone, beside dist/ where it is built. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A bundle has no folders: each of its files lies as deep as this one. */
const PACKAGE = new URL('../', import.meta.url);

const manifest = JSON.parse(readFileSync(new URL('package.json', PACKAGE), 'utf8')) as { version: string };

/** The version of this package. */
export const VERSION = manifest.version;

/** The folder of the query sets that come with the program. */
export const SHIPPED_QUERIES = fileURLToPath(new URL('queries/', PACKAGE));
