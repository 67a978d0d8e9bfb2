/**
 * The signature of MariaDB's `client_ed25519`: Ed25519, but from the SHA-512 of the password where the standard has that of
 * a 32-byte seed, so no signer of a standard library makes it.
 *
 * https://mariadb.com/kb/en/authentication-plugin-ed25519/
 */
import { createHash } from 'node:crypto';

/** Signs a server's nonce with a password. */
export async function signWithPassword(password: string, nonce: Buffer): Promise<Buffer> {
  // Loaded when a server asks for it: 25 ms, and 30 more for its table of points, once in a process.
  const { ed25519 } = await import('@noble/curves/ed25519.js');
  const { BASE, Fn } = ed25519.Point;
  const hash = sha512(Buffer.from(password, 'utf8'));
  const scalar = Fn.create(littleEndian(clamped(hash.subarray(0, 32))));
  const secretNonce = Fn.create(littleEndian(sha512(hash.subarray(32), nonce)));
  const point = BASE.multiply(secretNonce).toBytes();
  const publicKey = BASE.multiply(scalar).toBytes();
  const challenge = Fn.create(littleEndian(sha512(point, publicKey, nonce)));
  return Buffer.concat([point, Fn.toBytes(Fn.add(secretNonce, Fn.mul(challenge, scalar)))]);
}

function sha512(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** RFC 8032, 5.1.5: a multiple of 8 of full length. */
function clamped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[0] = (copy[0] ?? 0) & 0xf8;
  copy[31] = ((copy[31] ?? 0) & 0x3f) | 0x40;
  return copy;
}

const littleEndian = (bytes: Buffer): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
