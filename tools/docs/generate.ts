/**
 * `npm run docs`: writes the pages of docs/reference that are made from the program and the shipped files.
 */
import { writeFile } from 'node:fs/promises';
import { pageUrl, referencePages } from './pages.ts';

for (const { file, text } of await referencePages()) await writeFile(pageUrl(file), text);
