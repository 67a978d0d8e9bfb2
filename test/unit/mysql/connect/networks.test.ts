/** A name may lead to some networks only, and what was checked is what is dialled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { resolveWithin } from '../../../../src/mysql/connect/networks.ts';

const leadingTo =
  (...addresses: readonly string[]) =>
  () =>
    Promise.resolve({ ok: true, addresses } as const);

for (const { networks, addresses, left } of [
  { networks: ['10.0.0.0/8'], addresses: ['10.1.2.3'], left: ['10.1.2.3'] },
  { networks: ['10.0.0.0/8'], addresses: ['11.1.2.3', '10.1.2.3', 'fd00::1'], left: ['10.1.2.3'] },
  { networks: ['10.1.2.128/25'], addresses: ['10.1.2.127', '10.1.2.128'], left: ['10.1.2.128'] },
  { networks: ['192.0.2.7/32'], addresses: ['192.0.2.7', '192.0.2.6'], left: ['192.0.2.7'] },
  { networks: ['fd00:1::/33'], addresses: ['fd00:1:7fff::5', 'fd00:1:8000::5'], left: ['fd00:1:7fff::5'] },
  { networks: ['0.0.0.0/0'], addresses: ['8.8.8.8', '::1', 'fd00::1'], left: ['8.8.8.8'] },
  { networks: ['::/0'], addresses: ['fd00::1', '10.0.0.1', '::ffff:10.0.0.1'], left: ['fd00::1'] },
  {
    networks: ['10.0.0.0/8'],
    addresses: ['::ffff:10.0.0.1', '::FFFF:169.254.169.254'],
    left: ['::ffff:10.0.0.1'],
  },
])
  test(`${networks} of ${addresses}`, async () => {
    const resolved = await resolveWithin(networks, leadingTo(...addresses))('db.example');
    assert.deepEqual(resolved, { ok: true, addresses: left });
  });

test('a name that leads elsewhere is a failure that says where', async () => {
  const resolve = resolveWithin(['10.0.0.0/8'], leadingTo('192.0.2.1', '::1', '127.0.0.1', '127.0.0.2'));
  assert.deepEqual(await resolve('db.example'), {
    ok: false,
    detail: 'db.example leads to 192.0.2.1, ::1, 127.0.0.1, outside of the networks of its pattern',
  });
});

test('a failure of the name server stays what it is, and an address can still be given up', async () => {
  const failed = { ok: false, detail: 'no such name' } as const;
  assert.equal(await resolveWithin(['10.0.0.0/8'], () => Promise.resolve(failed))('db.example'), failed);
  const forget = () => {};
  const found = { ok: true, addresses: ['10.0.0.1'], forget } as const;
  const resolved = await resolveWithin(['10.0.0.0/8'], () => Promise.resolve(found))('db.example');
  assert.equal(resolved.ok && resolved.forget, forget);
});

test('an IPv4 address is inside when its first bits are those of a network', async () => {
  const numberOf = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  await fc.assert(
    fc.asyncProperty(fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.ipV4(), async (first, bits, address) => {
      const size = 2 ** (32 - bits);
      const isInside = Math.floor(numberOf(first) / size) === Math.floor(numberOf(address) / size);
      const resolved = await resolveWithin([`${first}/${bits}`], leadingTo(address))('db.example');
      assert.equal(resolved.ok, isInside, `${address} in ${first}/${bits}`);
    }),
  );
});
