/** LOG_LEVEL of the environment, which query-exporter had, and the flag that wins over it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { PROGRAM } from '../../support/exporter.ts';

const CASES: [level: string, flags: readonly string[], says: RegExp, listens: boolean][] = [
  ['', [], /^$/, true],
  ['error', [], /^$/, false],
  ['ERROR', [], /^$/, false],
  ['error', ['--log.level=info'], /^$/, true],
  [
    'loud',
    [],
    /^LOG_LEVEL is "loud", which is no log level, ignored; levels are: debug, info, warn, error\n$/,
    true,
  ],
  ['eror', [], /^LOG_LEVEL is "eror", which is no log level, ignored; did you mean "error"\?\n$/, true],
  ['loud', ['--log.level=error'], /^$/, false],
];

for (const [level, flags, says, listens] of CASES)
  test(`LOG_LEVEL=${level} ${flags.join(' ')}`, async () => {
    const port = await freePort();
    const args = ['serve', `--web.listen-address=127.0.0.1:${port}`, ...flags];
    const [command = '', ...first] = PROGRAM;
    const child = spawn(command, [...first, ...args], {
      env: { ...process.env, LOG_LEVEL: level },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    const closed = once(child, 'close');
    try {
      await eventually(async () => {
        assert.equal((await fetch(`http://127.0.0.1:${port}/-/healthy`)).status, 200);
      }, 60_000);
    } finally {
      child.kill('SIGTERM');
      await closed;
    }
    const isLog = (line: string) => line.startsWith('time=');
    const lines = stderr.split(/(?<=\n)/);
    assert.match(lines.filter((line) => !isLog(line)).join(''), says);
    assert.equal(
      lines.some((line) => isLog(line) && line.includes('msg=listening')),
      listens,
    );
  });

/** A port that was free a moment ago. The log, which would tell it, is what is tested. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
