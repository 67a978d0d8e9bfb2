import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createLogger,
  type LogFields,
  type LogFormat,
  type LogLevel,
} from '../../../src/telemetry/logger.ts';

function logged(format: LogFormat, level: LogLevel, fields: LogFields): string {
  let text = '';
  const log = createLogger({
    level: 'info',
    format,
    write: (line) => {
      text += line;
    },
  });
  log[level]('it happened', fields);
  return text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, 'NOW');
}

test('logfmt quotes what needs it and stays on one line', () => {
  assert.equal(
    logged('logfmt', 'warn', {
      plain: 'a/b:c',
      n: 3,
      blank: 'a b',
      quote: '"',
      line: 'a\nlevel=error',
      none: undefined,
      empty: '',
    }),
    'time=NOW level=warn msg="it happened" plain=a/b:c n=3 blank="a b" quote="\\"" line="a\\nlevel=error" empty=""\n',
  );
});

test('JSON', () => {
  assert.equal(
    logged('json', 'error', { n: 3, text: 'a\nb' }),
    '{"time":"NOW","level":"error","msg":"it happened","n":3,"text":"a\\nb"}\n',
  );
});

test('less important lines are left out', () => assert.equal(logged('logfmt', 'debug', {}), ''));

test('a long text is cut', () => {
  for (const format of ['logfmt', 'json'] as const)
    assert.ok(logged(format, 'info', { err: 'x'.repeat(1e6) }).length < 3000);
});

test('characters that are not seen are escaped in both forms, and are the same when they are read', () => {
  const odd =
    '\u0000\u007f\u0085\u009b\u00ad\u061c\u200b\u200f\u2028\u2029\u202e\u2066\ufeff\ufff9\ud800\u{e0001}';
  for (const character of [...odd, odd]) {
    const json = logged('json', 'info', { err: `a${character}b` });
    const logfmt = logged('logfmt', 'info', { err: `a${character}b` });
    for (const line of [json, logfmt]) assert.match(line, /^[ -~]+\n$/);
    assert.equal((JSON.parse(json) as { err: string }).err, `a${character}b`);
    assert.equal(JSON.parse(/err=(".*")\n/.exec(logfmt)?.[1] ?? ''), `a${character}b`);
  }
});
