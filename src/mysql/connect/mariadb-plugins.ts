/**
 * Logins that MariaDB has and the driver has not: `client_ed25519` and `parsec`. Neither gives the password away, so they
 * need no TLS.
 *
 * Each signs once in a login: a server must not have us compute as often as it asks.
 */
import { signWithPassword } from './ed25519.ts';
import { MOST_ROUNDS, parseSalt, signWithSalt } from './parsec.ts';

const NONCE_BYTES = 32;
const NO_SALT = `the server sends a salt of parsec that is none, or asks for more than ${MOST_ROUNDS} rounds`;

type Step = (data: Buffer) => Buffer | Promise<Buffer>;

/** As the driver takes them: made for each login, called for each time that the server asks for one. */
export function mariadbPlugins(password: string) {
  let ed25519Asked = false;
  let parsecAsked = false;
  return {
    client_ed25519: () => {
      once(ed25519Asked, 'client_ed25519');
      ed25519Asked = true;
      return inTurn('client_ed25519', [
        (data) => signWithPassword(password, nonceOf(data, 'client_ed25519')),
      ]);
    },
    parsec: () => {
      once(parsecAsked, 'parsec');
      parsecAsked = true;
      let nonce: Buffer;
      return inTurn('parsec', [
        (data) => {
          nonce = nonceOf(data, 'parsec');
          return Buffer.alloc(0); // asks for the salt of the account
        },
        (data) => {
          const salt = parseSalt(data);
          if (salt === undefined) throw new Error(NO_SALT);
          return signWithSalt(password, salt, nonce);
        },
      ]);
    },
  };
}

function once(isAsked: boolean, plugin: string): void {
  if (isAsked) throw new Error(`the server asks for ${plugin} more than once`);
}

/** One answer after the other, and no more. */
function inTurn(plugin: string, steps: readonly Step[]): Step {
  let next = 0;
  return (data) => {
    const step = steps[next++];
    if (step === undefined)
      throw new Error(`the server goes on with ${plugin} when it has all that it needs`);
    return step(data);
  };
}

/** A zero byte may end it. */
function nonceOf(data: Buffer, plugin: string): Buffer {
  const isEnded = data.length === NONCE_BYTES + 1 && data[NONCE_BYTES] === 0;
  if (data.length !== NONCE_BYTES && !isEnded)
    throw new Error(`the server sends ${data.length} bytes to sign for ${plugin}, not ${NONCE_BYTES}`);
  return Buffer.from(data.subarray(0, NONCE_BYTES));
}
