/** Which release of Node is taken for what the caller of `npm run test:node` wrote. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { NODE_LINES, nodeRelease } from '../../../harness/node-program.ts';

test('a line stands for a release of that line', () => {
  assert.ok(NODE_LINES.length > 2);
  for (const line of NODE_LINES) assert.match(nodeRelease(line) ?? '', new RegExp(`^${line}\\.\\d+\\.\\d+$`));
});

test('the oldest release is the oldest that engines admits', async () => {
  const text = await readFile(new URL('../../../package.json', import.meta.url), 'utf8');
  const { engines } = JSON.parse(text) as { readonly engines: { readonly node: string } };
  assert.equal(`${engines.node}.0`, `>=${nodeRelease(NODE_LINES[0] ?? '')}`);
});

test('a complete version stands for itself', () => assert.equal(nodeRelease('24.21.0'), '24.21.0'));

for (const wrong of ['', '25', '26.12', 'v26.12.1', '26.12.1-rc.1', 'mysql', '--test-only', 'constructor'])
  test(`"${wrong}" is no version`, () => assert.equal(nodeRelease(wrong), undefined));
