/**
 * The signature of MariaDB's `parsec`: a standard Ed25519 key from the password, salted and stretched by PBKDF2.
 *
 * https://mariadb.com/kb/en/authentication-plugin-parsec/
 */
import { createPrivateKey, pbkdf2, randomBytes, sign } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);

/** Behind `P` and the power of two by which the rounds are multiplied. */
const SALT_BYTES = 18;
const ALGORITHM = 'P'.charCodeAt(0);
const LEAST_ROUNDS = 1024;
/** As in MariaDB's own client: 8,192 rounds. A server must not have us work for seconds. */
const MOST_DOUBLINGS = 3;
export const MOST_ROUNDS = LEAST_ROUNDS << MOST_DOUBLINGS;

const NONCE_BYTES = 32;
const SEED_BYTES = 32;
/** What stands before the seed in a private key: RFC 8410, 7. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The salt of an account, and its rounds. */
export interface ParsecSalt {
  readonly salt: Buffer;
  readonly rounds: number;
}

/** Undefined when it is none. */
export function parseSalt(data: Buffer): ParsecSalt | undefined {
  const doublings = data[1];
  if (data.length !== 2 + SALT_BYTES || data[0] !== ALGORITHM) return undefined;
  if (doublings === undefined || doublings > MOST_DOUBLINGS) return undefined;
  return { salt: data.subarray(2), rounds: LEAST_ROUNDS << doublings };
}

/** Signs a server's nonce and one of our own with a password; our nonce stands before the signature. */
export async function signWithSalt(
  password: string,
  { rounds, salt }: ParsecSalt,
  serverNonce: Buffer,
): Promise<Buffer> {
  // Not on the event loop: 1,024 rounds take about a millisecond.
  const seed = await derive(Buffer.from(password, 'utf8'), salt, rounds, SEED_BYTES, 'sha512');
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const ours = randomBytes(NONCE_BYTES);
  return Buffer.concat([ours, sign(null, Buffer.concat([serverNonce, ours]), key)]);
}
