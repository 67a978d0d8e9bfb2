/**
 * Servers that mean no good, by what they send, and what an honest exporter makes of each.
 */
import {
  answering,
  authMoreData,
  authSwitch,
  column,
  eof,
  err,
  framed,
  greeting,
  lengthOf,
  ok,
  result,
  row,
  type Script,
} from '../../support/scripted-server.ts';
import { type Expected, WHOLE } from '../judge.ts';
import { failing } from '../ward.ts';
import type { Target } from '../world.ts';

/** The password of all of them, unlike anything else in the conversation, so that it would be found. */
export const SECRET = 'a secret that stays here';

export interface Rogue {
  readonly name: string;
  readonly script: Script;
  readonly expected: Expected;
  /**
   * Whether it sends as fast as it can: beside it the others here, in the same process, would be slow. What it sends is
   * made beforehand, so that its connections are accepted and greeted while others are being poured into.
   */
  readonly floods?: boolean;
  readonly more?: Target['more'];
}

const CACHING = 'caching_sha2_password';
/** Of C1, line and paragraph ends, and what turns the direction of text around. */
const ODD_LETTERS = '\u009b2J\u0085\u2028\u2029\u202e\u2066\u007f\u001b[31m';
/** As many letters as of a server's words are kept. */
const CUT = 1_000;
const cells = (t: string | Buffer) => (sql: string) =>
  sql.includes('60')
    ? result(['v', '__proto__', 't'], [['60', 'x', t]])
    : result(['v', 'toString'], [['5', 'x']]);

/** The packets of an answer as they go over the wire; they are made when first asked for. */
function prepared(payloads: () => readonly Buffer[], firstSequence = 1): () => Buffer {
  let bytes: Buffer | undefined;
  return () => {
    bytes ??= Buffer.concat(payloads().map((payload, i) => framed(payload, (firstSequence + i) & 0xff)));
    return bytes;
  };
}

/** As many as have numbers, many times over: 64 KB, as other floods are poured. */
const endlessRows = prepared(() => new Array<Buffer>(256 * 42).fill(row('1')), 4);
const endlessPacket = Buffer.alloc(1 << 16, 1);
const hugeError = prepared(() => [err(1064, 'x'.repeat((1 << 24) - 100))]);
const hugeResult = (value: string) =>
  prepared(() => [
    ...[lengthOf(2), column('v'), column('t'), eof()],
    ...Array.from({ length: 900 }, (_, i) => row(value, `${i}-${'x'.repeat(16_000)}`)),
    eof(),
  ]);
const [hugeFives, hugeSixties] = [hugeResult('5'), hugeResult('60')];

/** Makes now what floods send: later it would hold up those that are to be accepted. */
export function prepareFloods(): void {
  for (const prepare of [endlessRows, hugeError, hugeFives, hugeSixties]) prepare();
}

export const ROGUES: readonly Rogue[] = [
  {
    name: 'rows without an end',
    script: answering(async (peer) => {
      peer.send(lengthOf(1), column('v'), eof());
      await peer.pour(endlessRows());
    }),
    expected: failing('limit', 'timeout', 'queue', 'lost'),
    floods: true,
  },
  {
    name: 'a packet without an end',
    script: answering(async (peer) => {
      peer.raw(Buffer.of(0xff, 0xff, 0xff, 1));
      await peer.pour(endlessPacket);
    }),
    expected: failing('limit', 'timeout', 'queue', 'lost'),
    floods: true,
  },
  {
    name: 'bytes without an end in place of a greeting',
    script: async (peer) => {
      await peer.pour(Buffer.alloc(1 << 16, 10));
    },
    expected: failing('lost', 'connect_timeout'),
    floods: true,
  },
  {
    name: 'a cell longer than its packet',
    script: answering((peer) => peer.send(lengthOf(1), column('v'), eof(), lengthOf(2n ** 63n), eof())),
    expected: failing('lost'),
  },
  {
    name: '10,000 columns',
    script: answering((peer) =>
      peer.send(lengthOf(10_000), ...Array.from({ length: 100 }, () => column('v'))),
    ),
    expected: failing('limit'),
  },
  {
    name: 'LOCAL INFILE',
    script: answering((peer) => peer.send(Buffer.from('\xfb/etc/passwd', 'latin1'))),
    expected: failing('lost'),
  },
  {
    name: 'a switch to mysql_clear_password',
    script: async (peer) => {
      peer.send(greeting());
      await peer.packet();
      peer.send(authSwitch('mysql_clear_password'));
      await peer.packet();
    },
    expected: failing('auth', 'backoff'),
  },
  {
    name: 'a login that needs the key of the server',
    script: async (peer) => {
      peer.send(greeting({ plugin: CACHING }));
      await peer.packet();
      peer.send(authMoreData(Buffer.of(4)));
      await peer.packet();
    },
    expected: failing('auth', 'backoff'),
    more: { allow_public_key_retrieval: false },
  },
  {
    name: 'an error of 16 MB',
    script: answering((peer) => peer.raw(hugeError())),
    expected: failing('sql', 'limit', 'lost', 'timeout', 'queue'),
    floods: true,
  },
  {
    name: 'an answer nobody asked for',
    script: answering((peer) => peer.send(ok(), ...result(['v'], [['5']]))),
    expected: failing('missing_column', 'lost'),
  },
  {
    name: 'a million digits and a letter for a number',
    script: inTurn((sql) => result(['v', 't'], [[`${'9'.repeat(1_000_000)}x`, sql.slice(0, 9)]])),
    expected: failing('invalid_value'),
  },
  {
    name: 'a million blanks and a letter for a number',
    script: inTurn(() => result(['v', 't'], [[`${' '.repeat(1_000_000)}x`, 'x']])),
    expected: failing('invalid_value'),
  },
  {
    name: 'the password across the end of what is kept of an error',
    script: answering((peer) => peer.send(err(1064, `${'x'.repeat(CUT - 8)}${SECRET}`))),
    expected: failing('sql'),
  },
  {
    name: 'the password as the name of a column',
    script: inTurn(() => result([SECRET], [['1']])),
    expected: failing('missing_column'),
  },
  {
    name: 'an error that turns text around and clears screens',
    script: answering((peer) => peer.send(err(1064, ODD_LETTERS))),
    expected: failing('sql'),
  },
  {
    name: 'a login refused in such letters',
    script: async (peer) => {
      peer.send(greeting());
      await peer.packet();
      peer.send(err(1045, `${ODD_LETTERS}${SECRET}`)); // in the name of no SQLSTATE: HY000
    },
    expected: failing('auth', 'backoff'),
  },
  ...Array.from(
    { length: 8 },
    (_, n): Rogue => ({
      name: `15 MB in 900 rows, one of eight (${n})`,
      script: answering((peer, sql) => peer.raw(sql.includes('60') ? hugeSixties() : hugeFives())),
      expected: { reasons: ['limit', 'timeout', 'queue', 'lost', 'connect_timeout'], mustFail: false },
      floods: true,
    }),
  ),
  { name: 'odd names of columns', script: inTurn(cells('constructor')), expected: WHOLE },
  { name: 'invalid UTF-8', script: inTurn(cells(Buffer.of(0xff, 0xfe, 0xc0, 0x22, 0x0a))), expected: WHOLE },
];

function inTurn(answer: (sql: string) => readonly Buffer[]): Script {
  return answering((peer, sql) => peer.send(...answer(sql)));
}
