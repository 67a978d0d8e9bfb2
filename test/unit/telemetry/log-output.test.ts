/** What becomes of lines that cannot be written: they are counted, and nothing else. */
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { LogOutput } from '../../../src/telemetry/log-output.ts';

function counting(output: LogOutput): () => number {
  let lost = 0;
  output.onLost((lines) => {
    lost += lines;
  });
  return () => lost;
}

test('lines that fail are counted, those before anybody listens too', async () => {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('ENOSPC')) });
  const output = new LogOutput(stream);
  output.write('before\n');
  await new Promise(setImmediate);
  const lost = counting(output);
  assert.equal(lost(), 1);
  output.write('behind\n');
  await new Promise(setImmediate);
  assert.equal(lost(), 2);
});

test('a reader that does not read costs a megabyte at most', () => {
  const stream = new Writable({ write: () => {} });
  const output = new LogOutput(stream);
  const lost = counting(output);
  for (let n = 0; n < 2_000; n++) output.write(`${'x'.repeat(1_023)}\n`);
  assert.ok(stream.writableLength <= 1 << 20, `${stream.writableLength} bytes`);
  assert.equal(lost(), 2_000 - 1_024);
});
