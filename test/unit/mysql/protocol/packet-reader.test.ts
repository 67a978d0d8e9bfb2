import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PacketReader, type ReusablePacket } from '../../../../src/mysql/protocol/packet-reader.ts';

interface Read {
  readonly packets: readonly { readonly sequence: number; readonly payload: Buffer }[];
  readonly tooLong: number;
}

const emptyPacket = (): ReusablePacket => ({
  sequenceId: 0,
  numPackets: 0,
  buffer: Buffer.alloc(0),
  start: 0,
  offset: 0,
  end: 0,
});

function read(chunks: readonly Buffer[]): Read {
  const packets: Read['packets'][number][] = [];
  let tooLong = 0;
  const reader = new PacketReader(emptyPacket(), {
    packet: ({ buffer, end, offset, sequenceId, start }) => {
      assert.equal(offset, start + 4);
      packets.push({ sequence: sequenceId, payload: Buffer.from(buffer.subarray(offset, end)) });
    },
    tooLong: () => tooLong++,
  });
  for (const chunk of chunks) reader.execute(chunk);
  return { packets, tooLong };
}

function packet(payload: Buffer, sequence: number): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, payload]);
}

/** The bytes in pieces that end at these places. */
function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
}

test('packets come out as they went in, wherever the bytes are cut', () => {
  const payload = fc.oneof(
    { weight: 9, arbitrary: fc.uint8Array({ maxLength: 40 }) },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 1 << 20, max: 3 << 20 }).map((n) => new Uint8Array(n).fill(n % 0xff)),
    },
  );
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 8 }), fc.array(fc.nat()), (payloads, places) => {
      const sent = payloads.map((bytes, i) => ({ sequence: i, payload: Buffer.from(bytes) }));
      const bytes = Buffer.concat(sent.map(({ payload, sequence }) => packet(payload, sequence)));
      const { packets, tooLong } = read(cut(bytes, places));
      assert.equal(tooLong, 0);
      assert.equal(packets.length, sent.length);
      for (const [i, { payload, sequence }] of sent.entries()) {
        assert.equal(packets[i]?.sequence, sequence);
        assert.ok(packets[i]?.payload.equals(payload));
      }
    }),
  );
});

test('a byte at a time', () => {
  const bytes = Buffer.concat([packet(Buffer.from('ab'), 1), packet(Buffer.alloc(0), 2)]);
  const { packets } = read([...bytes].map((byte) => Buffer.of(byte)));
  assert.deepEqual(
    packets.map(({ payload, sequence }) => `${sequence} ${payload}`),
    ['1 ab', '2 '],
  );
});

test('a packet of 16 MB ends reading where it begins', () => {
  const before = packet(Buffer.from('a'), 0);
  const tooLong = Buffer.of(0xff, 0xff, 0xff, 1, 1, 2, 3);
  for (const chunks of [
    [Buffer.concat([before, tooLong]), before],
    [before, tooLong.subarray(0, 2), tooLong.subarray(2), before],
  ]) {
    const result = read(chunks);
    assert.equal(result.packets.length, 1);
    assert.equal(result.tooLong, 1);
  }
});

test('of an error in several pieces as much is kept as is read, and what is behind it is found', () => {
  const error = Buffer.concat([
    Buffer.of(0xff, 0x28, 0x04),
    Buffer.from('#42000'),
    Buffer.alloc(3 << 20, 'x'),
  ]);
  const row = Buffer.concat([Buffer.of(1), Buffer.alloc(8_000, 0xff)]);
  const bytes = Buffer.concat([packet(error, 1), packet(row, 2), packet(Buffer.from('a'), 3)]);
  for (const places of [[5], [3, 4, 6], [4, 70_000, 4_096, 4_097], [1 << 20, bytes.length - 8_000]]) {
    const { packets } = read(cut(bytes, places));
    assert.deepEqual(
      packets.map(({ payload, sequence }) => [sequence, payload.length]),
      [
        [1, 4_092],
        [2, row.length],
        [3, 1],
      ],
    );
    assert.ok(packets[0]?.payload.equals(error.subarray(0, 4_092)));
    assert.ok(packets[1]?.payload.equals(row));
  }
});

test('an idle reader keeps no bytes', () => {
  const reusable = emptyPacket();
  const reader = new PacketReader(reusable, { packet: () => {}, tooLong: () => {} });
  reader.execute(packet(Buffer.alloc(1_000), 0));
  reader.forget();
  assert.equal(reusable.buffer.length, 0);
});
