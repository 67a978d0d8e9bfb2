/** What of a program's standard error gets into the log. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { errorLine } from '../../../../src/mysql/password-command/error-line.ts';

const HOST = 'orders.c123abc456de.eu-central-1.rds.amazonaws.com';
const ENV = { AWS_SECRET_ACCESS_KEY: 'tiger', VAULT_TOKEN: 'hvs.short', PATH: '/usr/bin' };

const cases: readonly (readonly [said: string, line: string, output?: string])[] = [
  ['', ''],
  ['\n \n', ''],
  [
    '\nUnable to locate credentials. You can configure credentials by running "aws login".\nmore\n',
    'Unable to locate credentials. You can configure credentials by running "aws login".',
  ],
  ['+ curl -H X-Vault-Token: abcdef\ncurl: (7) refused\n', 'curl: (7) refused'],
  ['token hvs.short is over', 'token <...> is over'],
  ['got secret half a token', 'got <...> half a token', 'secret\n'],
  ['bad key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'bad key <...>'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl expired', '<...> expired'],
  [`no such host ${HOST}`, `no such host ${HOST}`],
  ['/usr/lib/python3.11/site-packages/botocore: no', '/usr/lib/python3.11/site-packages/botocore: no'],
  ['a\u001b[31mred\u202e', 'a?[31mred?'],
  ['word '.repeat(100), `${'word '.repeat(40)}...`],
];
for (const [said, line, output = ''] of cases)
  test(`a line of ${JSON.stringify(said.slice(0, 40))}`, () => {
    assert.equal(errorLine({ said, output: Buffer.from(output) }, [HOST, 'exporter'], ENV), line);
  });

test('no secret of the environment and nothing that was printed is in the line', () => {
  const word = fc.stringMatching(/^[\w+/=-]{6,40}$/);
  const property = fc.property(word, word, fc.array(fc.string()), (token, printed, words) => {
    const said = [...words, token, `(${printed})`, token + printed].join(' ').replaceAll(/[\r\n]/g, ' ');
    const line = errorLine({ said: `x ${said}`, output: Buffer.from(printed) }, [], { API_TOKEN: token });
    return !line.includes(token) && !line.includes(printed);
  });
  fc.assert(property, { numRuns: 300 });
});

test('a long text without a line break takes no time', () => {
  const start = performance.now();
  errorLine({ said: 'a'.repeat(4096), output: Buffer.from('b '.repeat(30_000)) }, [], ENV);
  assert.ok(performance.now() - start < 2_000);
});
