/**
 * A server that speaks MySQL with mistakes: a valid conversation, mutated at random.
 */
import { INTRODUCTION_SQL } from '../../src/mysql/connect/identity.ts';
import {
  authMoreData,
  authSwitch,
  err,
  framed,
  greeting,
  introductionOf,
  ok,
  type Peer,
  result,
  type Script,
} from '../support/scripted-server.ts';
import { MUTATIONS } from './mutation.ts';

/** What a server says before and during the login. */
const LOGIN_TURNS: readonly Buffer[] = [
  framed(greeting(), 0),
  framed(authSwitch('caching_sha2_password'), 2),
  Buffer.concat([framed(authMoreData(Buffer.of(3)), 4), framed(ok(), 5)]),
];
const inOrder = (payloads: readonly Buffer[]): Buffer =>
  Buffer.concat(payloads.map((payload, n) => framed(payload, n + 1)));
const ROWS = inOrder(
  result(
    ['name', 'value'],
    [
      ['a', '1'],
      ['b', null],
    ],
  ),
);
const INTRODUCED = inOrder(introductionOf(7, '8.4.0'));
const DONE = framed(ok(), 1);
const FAILED = framed(err(1064, 'You have an error', '42000'), 1);

/** A valid answer: of the login, then to statements. */
function turnOf(n: number, asked: Buffer, random: () => number): Buffer {
  const login = LOGIN_TURNS[n];
  if (login !== undefined) return login;
  const sql = asked.toString('latin1', 1);
  if (sql === INTRODUCTION_SQL) return INTRODUCED;
  if (!sql.startsWith('SELECT')) return DONE;
  return random() < 0.3 ? FAILED : ROWS;
}

/** Plays the conversation with some turns mutated, and now and then leaves. */
export function mutant(random: () => number): Script {
  const faults = 0.15 + random() * 0.5;
  return async (peer: Peer) => {
    for (let turn = 0; turn < 40; turn++) {
      const asked = turn > 0 ? await peer.packet() : Buffer.alloc(0);
      const valid = turnOf(turn, asked, random);
      const mutate = MUTATIONS[Math.floor(random() * MUTATIONS.length)];
      peer.raw(random() < faults && mutate !== undefined ? mutate(valid, random) : valid);
      if (random() < 0.03) return random() < 0.5 ? peer.cut() : peer.reset();
    }
  };
}
