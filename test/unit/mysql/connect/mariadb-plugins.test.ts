/** What a rogue server can do with client_ed25519 and parsec: the login ends, we work once, and the password stays here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOGIN, open, PASSWORD, play } from '../../../support/mysql.ts';
import {
  authMoreData,
  authSwitch,
  err,
  greeting,
  ok,
  type Peer,
  type Script,
} from '../../../support/scripted-server.ts';

const NONCE = Buffer.alloc(32, 9);
const SALT = Buffer.concat([Buffer.from('P\0'), Buffer.alloc(18, 3)]);

const asking =
  (...packets: readonly Buffer[]): Script =>
  async (peer) => {
    peer.send(greeting());
    await peer.packet();
    for (const packet of packets) {
      peer.send(packet);
      await peer.packet();
    }
    await peer.gone;
  };

const cases: readonly (readonly [name: string, script: Script, detail: RegExp])[] = [
  ...['client_ed25519', 'parsec'].flatMap((plugin) =>
    [0, 30, 34, 10_000].map(
      (length) =>
        [
          `${plugin} for ${length} bytes`,
          asking(authSwitch(plugin, Buffer.alloc(length, 1))),
          new RegExp(`the server sends ${length + 1} bytes to sign for ${plugin}, not 32`),
        ] as const,
    ),
  ),
  [
    'client_ed25519 twice',
    asking(authSwitch('client_ed25519', NONCE), authSwitch('client_ed25519', NONCE)),
    /asks for client_ed25519 more than once/,
  ],
  [
    'more of client_ed25519',
    asking(authSwitch('client_ed25519', NONCE), authMoreData(NONCE)),
    /goes on with client_ed25519 when it has all that it needs/,
  ],
  [
    'parsec twice',
    asking(authSwitch('parsec', NONCE), authMoreData(SALT), authSwitch('parsec', NONCE)),
    /asks for parsec more than once/,
  ],
  [
    'two salts of parsec',
    asking(authSwitch('parsec', NONCE), authMoreData(SALT), authMoreData(SALT)),
    /goes on with parsec when it has all that it needs/,
  ],
  [
    'parsec with 16,384 rounds',
    asking(authSwitch('parsec', NONCE), authMoreData(Buffer.concat([Buffer.of(80, 4), SALT.subarray(2)]))),
    /a salt of parsec that is none, or asks for more than 8192 rounds/,
  ],
  [
    'parsec with a salt of one byte',
    asking(authSwitch('parsec', NONCE), authMoreData(Buffer.of(80))),
    /a salt of parsec that is none/,
  ],
];

for (const [name, script, detail] of cases)
  test(`a server that asks for ${name}`, async (t) => {
    const server = await play(t, script);
    const opened = await open(t, server);
    assert.ok(!opened.ok);
    assert.equal(opened.reason, 'auth', opened.detail);
    assert.match(opened.detail, detail);
    const [peer] = server.peers;
    await peer?.gone;
    assert.ok(!peer?.sent(PASSWORD));
  });

test('both answers as a server reads them, then a refusal', async (t) => {
  const answers: Record<string, number[]> = {};
  const plugins = [
    ['client_ed25519', []],
    ['parsec', [authMoreData(SALT)]],
  ] as const;
  for (const [plugin, more] of plugins) {
    const server = await play(t, async (peer: Peer) => {
      peer.send(greeting({ plugin, version: '11.8.9-MariaDB' }));
      await peer.packet();
      const lengths: number[] = [];
      for (const packet of [authSwitch(plugin, NONCE), ...more]) {
        peer.send(packet);
        lengths.push((await peer.packet()).length);
      }
      answers[plugin] = lengths;
      peer.send(err(1045, `Access denied for ${LOGIN.user}`, '28000'));
    });
    const opened = await open(t, server);
    assert.deepEqual(opened.ok || [opened.reason, opened.errno], ['auth', 1045]);
    assert.ok(!server.peers[0]?.sent(PASSWORD));
  }
  assert.deepEqual(answers, { client_ed25519: [64], parsec: [0, 96] });
});

test('a server that lets us in before it has the signature gets it late, and nothing breaks', async (t) => {
  const server = await play(t, async (peer) => {
    peer.send(greeting());
    await peer.packet();
    peer.send(authSwitch('parsec', NONCE));
    await peer.packet();
    peer.send(authMoreData(SALT), ok());
    await peer.gone;
  });
  const opened = await open(t, server, {}, 500);
  assert.equal(opened.ok ? 'open' : opened.reason, 'connect_timeout');
  assert.ok(!server.peers[0]?.sent(PASSWORD));
});
