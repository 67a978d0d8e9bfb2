/**
 * `npm run bench:gzip`: what does our compression of layouts cost, beside zlib for the same answers at the same level?
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { gzipBytes, plainBytes } from '../../src/exposition/encoded.ts';
import { compareCpu, comparedTable } from './cpu-turns.ts';
import { realAnswers } from './real-answers.ts';

const { about, answers } = await realAnswers();
const encoded = answers.map(({ registry }) => registry.encode());
const [first] = encoded;
if (first === undefined || first.filled.length === 0) throw new Error('the answers have no layout');
const pick = (n: number) => encoded[n % encoded.length] ?? first;

const ours = (n: number) => gzipBytes(pick(n));
// zlib needs the text as a whole, which our way never makes.
const theirs = (n: number) => gzipSync(plainBytes(pick(n)), { level: 1 });

const plain = plainBytes(first);
const own = await ours(0);
const zlib = theirs(0);
if (!gunzipSync(own).equals(plain)) throw new Error('what we compressed is unpacked to something else');

const compared = await compareCpu(ours, theirs);
process.stdout.write(
  `${about}; the default query sets\n\n${comparedTable(compared, 'zlib level 1')}\n\n` +
    `bytes: ${plain.length} of text, ${own.length} own, ${zlib.length} by zlib: ${(own.length / zlib.length).toFixed(2)}\n`,
);
