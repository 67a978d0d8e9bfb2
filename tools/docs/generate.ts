/**
 * `npm run docs`: writes docs/reference/query-library.md anew from the shipped query files.
 */
import { writeFile } from 'node:fs/promises';
import { loadShippedSets } from '../../src/config/load.ts';
import { libraryPage } from './library-page.ts';

const PAGE = new URL('../../docs/reference/query-library.md', import.meta.url);

await writeFile(PAGE, libraryPage([...(await loadShippedSets()).values()]));
