/**
 * Who may use the port: names and passwords of requests, compared with the hashes of the web file.
 *
 * A password that was right once is known by a digest, so its user never waits for bcrypt again, however many others
 * guess. Guesses wait for each other, a few of them, and those of one address behind those of others.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { isIPv6 } from 'node:net';

/** `busy`: too many others wait for their answer. */
export type LoginVerdict = 'right' | 'wrong' | 'busy';

export interface LoginRequest {
  /** The header of the request. */
  readonly authorization: string | undefined;
  /** The address of the client; empty for one of this machine. */
  readonly from: string;
  /** The hashes of now, by user. */
  readonly users: ReadonlyMap<string, string>;
}

export interface LoginsOptions {
  /** bcrypt, called once at a time; undefined when it could not be done. */
  readonly compare: (password: string, hash: string) => Promise<boolean | undefined>;
}

interface Guess {
  readonly password: string;
  readonly hash: string;
  readonly settle: (isEqual: boolean | undefined) => void;
}

/** Besides the one that is compared. */
const MOST_WAITING = 32;
const MOST_OF_ONE_CLIENT = 4;
/** Wrong ones are remembered too: a scraper with an old password costs bcrypt once. */
const MOST_WRONG = 1_000;

export class Logins {
  readonly #compare: LoginsOptions['compare'];
  /** Digests have no meaning outside of this process. */
  readonly #key = randomBytes(32);
  /** The digest of the last right login of each user: no guess can push one out. */
  readonly #right = new Map<string, Buffer>();
  readonly #wrong = new Set<string>();
  readonly #underWay = new Map<string, Promise<LoginVerdict>>();
  /** By client; whose turn is next stands first. */
  readonly #waiting = new Map<string, Guess[]>();
  #waitingCount = 0;
  #isComparing = false;

  constructor({ compare }: LoginsOptions) {
    this.#compare = compare;
  }

  /** At once for a login that is known; a promise where bcrypt decides. */
  check({ authorization = '', from, users }: LoginRequest): LoginVerdict | Promise<LoginVerdict> {
    const login = readBasic(authorization);
    if (login === undefined) return 'wrong';
    const { password, user } = login;
    const hash = users.get(user);
    const digest = this.#digest(user, hash ?? '', password);
    const known = this.#right.get(user);
    if (hash !== undefined && known !== undefined && timingSafeEqual(known, digest)) return 'right';
    const name = digest.toString('base64');
    if (this.#wrong.has(name)) return 'wrong';
    return (
      this.#underWay.get(name) ??
      this.#decide({ name, digest, user, password, hash, from: clientOf(from) }, users)
    );
  }

  #digest(user: string, hash: string, password: string): Buffer {
    // Lengths before the parts, or `a` with `bc` would be `ab` with `c`: CVE-2022-46146 of the toolkit.
    const parts = [user, hash, password].map((part) => `${part.length}:${part}`);
    return createHmac('sha256', this.#key).update(parts.join('')).digest();
  }

  #decide(
    login: {
      readonly name: string;
      readonly digest: Buffer;
      readonly user: string;
      readonly password: string;
      readonly hash: string | undefined;
      readonly from: string;
    },
    users: ReadonlyMap<string, string>,
  ): LoginVerdict | Promise<LoginVerdict> {
    const { digest, from, hash, name, password, user } = login;
    const queue = this.#waiting.get(from) ?? [];
    if (this.#waitingCount >= MOST_WAITING || queue.length >= MOST_OF_ONE_CLIENT) return 'busy';
    const verdict = new Promise<LoginVerdict>((resolve) => {
      const settle = (isEqual: boolean | undefined) => {
        const isRight = isEqual === true && hash !== undefined; // nobody has the password of the dummy, and it would be no use
        this.#underWay.delete(name);
        if (isRight) this.#keepRight(user, digest, users);
        else if (isEqual !== undefined) this.#keepWrong(name);
        resolve(isRight ? 'right' : isEqual === undefined ? 'busy' : 'wrong');
      };
      queue.push({ password, hash: hash ?? dummyFor(users), settle });
    });
    this.#waiting.set(from, queue);
    this.#waitingCount++;
    this.#underWay.set(name, verdict);
    if (!this.#isComparing) void this.#work();
    return verdict;
  }

  async #work(): Promise<void> {
    this.#isComparing = true;
    for (let guess = this.#next(); guess !== undefined; guess = this.#next())
      guess.settle(await this.#compare(guess.password, guess.hash));
    this.#isComparing = false;
  }

  /** One of the client whose turn it is; the rest of his go behind those of all others. */
  #next(): Guess | undefined {
    for (const [from, queue] of this.#waiting) {
      this.#waiting.delete(from);
      const guess = queue.shift();
      if (queue.length > 0) this.#waiting.set(from, queue);
      if (guess !== undefined) this.#waitingCount--;
      return guess;
    }
    return undefined;
  }

  #keepRight(user: string, digest: Buffer, users: ReadonlyMap<string, string>): void {
    for (const gone of this.#right.keys()) if (!users.has(gone)) this.#right.delete(gone);
    this.#right.set(user, digest);
  }

  #keepWrong(name: string): void {
    this.#wrong.add(name);
    if (this.#wrong.size <= MOST_WRONG) return;
    for (const oldest of this.#wrong) {
      this.#wrong.delete(oldest);
      return;
    }
  }
}

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

/** User and password of the header; undefined where there is none that can be read. */
function readBasic(authorization: string): { readonly user: string; readonly password: string } | undefined {
  const [, encoded] = BASIC.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Who has one address of a network of IPv6 has all of them. */
function clientOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [before = '', behind] = address.split('::');
  const groups = before.split(':');
  if (behind === undefined) return groups.slice(0, 4).join(':');
  const rest = behind === '' ? [] : behind.split(':');
  const zeros = Array.from({ length: 8 - groups.length - rest.length }, () => '0');
  return [...groups, ...zeros, ...rest].slice(0, 4).join(':');
}

/** Any 22 letters of salt and 31 of hash. */
const DUMMY = 'QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi';

/** For a user that there is not: as slow as the slowest that there is, so the time tells no names. */
function dummyFor(users: ReadonlyMap<string, string>): string {
  const costs = [...users.values()].map((hash) => hash.slice(4, 6));
  return `$2b$${costs.reduce((most, cost) => (cost > most ? cost : most), '10')}$${DUMMY}`;
}
