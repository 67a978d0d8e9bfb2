/** Requests that are refused are logged, and a flood of them does not fill the log. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RefusedRequests } from '../../../src/http/refused-requests.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';

test('one line a second, which says how many were left out', () => {
  const lines: string[] = [];
  let now = 0;
  const write = (line: string) => lines.push(line.trim().replace(/^time=\S+ /, ''));
  const refused = new RefusedRequests(createLogger({ level: 'info', format: 'logfmt', write }), () => now);
  const request = { method: 'GET', path: '/probe', status: 404, err: 'unknown target', client: '127.0.0.1' };
  for (let i = 0; i < 5; i++) refused.add(request);
  now = 1_000;
  refused.add({ ...request, path: `/${'x'.repeat(1_000)}` });
  now = 2_000;
  refused.add(request);
  const [first, second, third, ...others] = lines;
  assert.deepEqual(others, []);
  assert.equal(
    first,
    'level=info msg="request refused" method=GET status=404 client=127.0.0.1 path=/probe err="unknown target"',
  );
  assert.match(second ?? '', /path=\/x{299}\.\.\. err="unknown target" left_out=4$/);
  assert.equal(third, first);
});
