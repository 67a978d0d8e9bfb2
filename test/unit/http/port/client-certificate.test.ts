/** Names in certificates, as Node.js writes the extension and as Go compares them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesIn } from '../../../../src/http/port/client-certificate.ts';

const cases = [
  { san: '', names: [] },
  { san: 'DNS:a.example', names: ['a.example'] },
  { san: 'DNS:a.example, DNS:*.b.example', names: ['a.example', '*.b.example'] },
  { san: 'IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1', names: ['10.0.0.1', '::1'] },
  { san: 'IP Address:2001:DB8:0:0:0:0:0:A', names: ['2001:db8::a'] },
  { san: 'email:ops@example.com, URI:spiffe://a/b', names: ['ops@example.com', 'spiffe://a/b'] },
  { san: 'DNS:"a, DNS:b", DNS:c', names: ['a, DNS:b', 'c'] },
  { san: 'DNS:"quote \\" in it", DNS:c', names: ['quote " in it', 'c'] },
  { san: 'DirName:"CN = a, DNS:b", DNS:c', names: ['c'] },
  { san: 'othername:<unsupported>, Registered ID:1.2.3, DNS:c', names: ['c'] },
] as const;

for (const { names, san } of cases)
  test(`names in ${JSON.stringify(san)}`, () => assert.deepEqual(namesIn(san), names));
