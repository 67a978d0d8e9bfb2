/** Names with `*`: what they match, and what they must not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  compileNamePattern,
  isWellFormed,
  overlap,
  reachesAnyHost,
} from '../../../src/model/name-pattern.ts';

const match = (pattern: string, name: string) => compileNamePattern(pattern).addressOf(name);

for (const [pattern, name] of [
  ['*.prod.example.com:3306', 'db1.prod.example.com:3306'],
  ['*.prod.example.com:3306', 'a.b.prod.example.com:3306'],
  ['*.prod.example.com:3306', 'x.prod.example.com.prod.example.com:3306'],
  ['db*.example.com:3306', 'db.example.com:3306'],
  ['db-*-eu.example.com:33*', 'db-7-eu.example.com:3307'],
  ['my_db*:3306', 'my_db7:3306'],
  ['10.1.*:3306', '10.1.2.3:3306'],
  ['*:3306', '10.1.2.3:3306'],
  ['*:3306', 'localhost:3306'],
  ['*:*', 'h:1'],
] as const)
  test(`${pattern} matches ${name}`, () => {
    const [host = '', port] = name.split(':');
    assert.deepEqual(match(pattern, name), { kind: 'tcp', host, port: Number(port) });
  });

for (const [pattern, name] of [
  ['*.prod.example.com:3306', 'prod.example.com:3306'],
  ['*.prod.example.com:3306', '.prod.example.com:3306'],
  ['*.prod.example.com:3306', 'db1.prod.example.com:3307'],
  ['*.prod.example.com:3306', 'db1.prod.example.com'],
  ['*.prod.example.com:3306', 'db1.prod.example.com.:3306'],
  ['*.prod.example.com:3306', 'db1xprod.example.com:3306'],
  ['*.prod.example.com:3306', 'evil.example:3306#.prod.example.com:3306'],
  ['*.prod.example.com:3306', 'u:p@evil.example/.prod.example.com:3306'],
  ['*.prod.example.com:3306', 'a b.prod.example.com:3306'],
  ['*.prod.example.com:3306', 'ä.prod.example.com:3306'],
  ['*.prod.example.com:3306', 'a_b.prod.example.com:3306'],
  ['*.prod.example.com:3306', '-a.prod.example.com:3306'],
  ['*.prod.example.com:3306', 'a..prod.example.com:3306'],
  ['*.prod.example.com:3306', `${'a'.repeat(64)}.prod.example.com:3306`],
  ['*.prod.example.com:3306', `${'a.'.repeat(120)}prod.example.com:3306`],
  ['*.prod.example.com:3306', `${'a.'.repeat(1e6)}prod.example.com:3306`],
  ['10.1.*:3306', '10.1.evil.example:3306'],
  ['10.1.*:3306', '10.1.2:3306'],
  ['10.1.*:3306', '10.1.2.3.4:3306'],
  ['10.1.*:3306', '10.1.02.3:3306'],
  ['10.1.*:3306', '10.10.2.3:3306'],
  ['*:3306', '[::1]:3306'],
  ['*:3306', 'unix:///run/mysqld.sock'],
  ['*:*', 'h:65536'],
  ['*:*', 'h:0'],
  ['*:*', 'h:03306'],
  ['*:*', 'h'],
  ['*a*a*:3306', 'a:3306'],
] as const)
  test(`${pattern} does not match ${name.slice(0, 60)}`, () => assert.equal(match(pattern, name), undefined));

for (const [pattern, expected] of [
  ['*:3306', true],
  ['db-*:3306', true],
  ['*db:3306', true],
  ['*.com:3306', true],
  ['db.*.com:3306', true],
  ['1*:3306', true],
  ['prod.*:3306', true],
  ['*.example.com:3306', false],
  ['*-db.example.com:3306', false],
  ['*.internal:3306', false],
  ['10.*:3306', false],
  ['10.1.*:3306', false],
  ['db.example.com:33*', false],
  ['localhost:33*', false],
] as const)
  test(`${pattern} ${expected ? 'reaches' : 'does not reach'} any host`, () =>
    assert.equal(reachesAnyHost(pattern), expected));

test('what is no pattern', () => {
  for (const text of ['*', 'a*', '*:', ':3306*', '*:http', 'a/*:1', '*@h:1', '[*]:1', '*:1:2', '* :1', ''])
    assert.equal(isWellFormed(text), false, text);
});

for (const [one, other, expected] of [
  ['*.a.com:3306', '*.b.com:3306', false],
  ['db*.x.com:3306', '*1.x.com:3306', true],
  ['a*:3306', 'b*:3306', false],
  ['*:3306', '*:3307', false],
  ['*:33*', '*:*06', true],
  ['a*c:1', 'a*b*c:1', true],
  ['10.1.*:3306', '*.x.com:3306', false],
  ['10.1.*:3306', '10.*.1:3306', true],
  ['10.1.*:3306', '*.1.1:3306', true],
  ['a_*:1', '*b:1', false],
] as const)
  test(`${one} and ${other} ${expected ? 'can match one name' : 'match no name together'}`, () => {
    assert.equal(overlap(one, other), expected);
    assert.equal(overlap(other, one), expected);
  });

const anyPattern = fc
  .array(fc.constantFrom('a', 'b', '1', '.', '-', '*'), { minLength: 1, maxLength: 6 })
  .map((parts) => `${parts.join('')}:3306`);
const anyName = fc
  .array(fc.constantFrom('a', 'b', '1', '.', '-'), { minLength: 1, maxLength: 8 })
  .map((parts) => `${parts.join('')}:3306`);

test('a name is matched by a pattern as by the expression that it stands for', () =>
  fc.assert(
    fc.property(anyPattern, anyName, (pattern, name) => {
      const expression = pattern.replaceAll('.', '\\.').replaceAll('*', '[a-z0-9.-]*');
      const host = name.split(':')[0] ?? '';
      const isHost = host.split('.').every((label) => label !== '' && !/^-|-$/.test(label));
      const isOfAddresses = /^\d[\d.*]*:/.test(pattern);
      const expected = isHost && !isOfAddresses && new RegExp(`^${expression}$`).test(name);
      assert.equal(match(pattern, name) !== undefined, expected);
    }),
    { numRuns: 2000 },
  ));

test('patterns that match one name overlap', () =>
  fc.assert(
    fc.property(anyPattern, anyPattern, anyName, (one, other, name) => {
      if (match(one, name) !== undefined && match(other, name) !== undefined) assert.ok(overlap(one, other));
    }),
    { numRuns: 5000 },
  ));
