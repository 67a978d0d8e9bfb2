/**
 * `npm run docs`: writes the pages of docs/reference that are made from the program and the shipped files, completions
 * and the manual page, and the map in ARCHITECTURE.md from the table of the architecture test.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { ROOMS } from '../../test/repo/rooms.ts';
import { withFreshMap } from './architecture-map.ts';
import { pageUrl, referencePages } from './pages.ts';

for (const { file, text } of await referencePages()) await writeFile(pageUrl(file), text);

const ARCHITECTURE = pageUrl('ARCHITECTURE.md');
await writeFile(ARCHITECTURE, withFreshMap(await readFile(ARCHITECTURE, 'utf8'), ROOMS));
