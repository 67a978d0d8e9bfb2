/**
 * What a server sends, as it arrives: counted, and read in the turns that all connections share.
 */
import type { Socket } from 'node:net';
import type { Turns } from '../../turns.ts';

/** Bytes that a server may send before it has let us in. */
const MAX_LOGIN_BYTES = 1 << 20;

/** The usual answer is read when it is there, however busy the turn is with longer ones. */
const READ_AT_ONCE = 48 << 10;

/**
 * How much a server may send. A packet can be gathered for 16 MB before anybody sees it, so bytes are counted as they
 * arrive; at less than zero `exceeded` is called and the socket is closed.
 */
export interface Budget {
  left: number;
  /** What has arrived since the statement began to be answered. */
  taken: number;
  /** Whether what arrives is kept for somebody. */
  isWanted: boolean;
  exceeded: () => void;
  /** Told of all bytes as they arrive. */
  arrived: (bytes: number) => void;
}

/** That of a login. */
export function loginBudget(): Budget {
  return { left: MAX_LOGIN_BYTES, taken: 0, isWanted: true, exceeded: nobodyAsks, arrived: nobodyAsks };
}

/** Made out here: a function that is made in there would hold all that was answered last, on an idle connection. */
export function nobodyAsks(): void {}

/** Reads and counts what arrives; much of it not in the turn in which it arrives, when that is used up. */
export function listen(stream: Socket, read: (chunk: Buffer) => void, budget: Budget, turns: Turns): void {
  const goOn = () => stream.resume();
  stream.on('data', (chunk: Buffer) => {
    if (budget.taken + chunk.length > READ_AT_ONCE && !turns.begin()) {
      stream.pause();
      stream.unshift(chunk); // paused, it takes no second one behind a long one, and tells of an end only after it
      turns.wait(goOn, budget.isWanted);
      return;
    }
    budget.taken += chunk.length;
    read(chunk);
    budget.left -= chunk.length;
    budget.arrived(chunk.length);
    if (budget.left < 0) refuse(stream, budget);
  });
}

/** Closes the socket: what comes is more than it may be. */
export function refuse(stream: Socket, budget: Budget): void {
  budget.exceeded();
  stream.destroy(new Error('the server sends more than it is allowed to'));
}
