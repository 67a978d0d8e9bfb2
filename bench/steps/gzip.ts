/**
 * `npm run bench:gzip`: what does our compression of layouts cost, beside zlib for the same answers at the same level?
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { gzipBytes, plainBytes } from '../../src/exposition/encoded.ts';
import { prepare } from '../../src/exposition/gzip/layout-gzip.ts';
import { together } from '../../src/exposition/small-layouts.ts';
import { compareCpu, comparedTable } from './cpu-turns.ts';
import { realAnswers } from './real-answers.ts';

const { about, answers } = await realAnswers();
const encoded = answers.map(({ registry }) => registry.encode());
const [first] = encoded;
if (first === undefined || first.filled.length === 0) throw new Error('the answers have no layout');
// Small layouts are one from the second time on.
for (let time = 1; time <= 2; time++) together(first.filled);
await Promise.all(together(first.filled).layouts.map(prepare));
const pick = (n: number) => encoded[n % encoded.length] ?? first;

const ours = (n: number) => gzipBytes(pick(n));
// zlib needs the text as a whole, which our way never makes.
const theirs = (n: number) => gzipSync(plainBytes(pick(n)), { level: 1 });

const plain = plainBytes(first);
const own = await ours(0);
// Small layouts stand elsewhere in it.
const linesOf = (bytes: Buffer) => bytes.toString().split('\n').sort().join('\n');
if (linesOf(gunzipSync(own)) !== linesOf(plain))
  throw new Error('what we compressed is unpacked to something else');

const compared = await compareCpu(ours, theirs);
const sizes = [1, 6, 9].map((level) => {
  const { length } = gzipSync(plain, { level });
  return `${length} by zlib level ${level} (${(own.length / length).toFixed(2)})`;
});
process.stdout.write(
  `${about}; the default query sets\n\n${comparedTable(compared, 'zlib level 1')}\n\n` +
    `bytes: ${plain.length} of text, ${own.length} own, ${sizes.join(', ')}\n`,
);
