/**
 * Names of targets with `*` in them: `*.prod.example.com:3306` stands for every host below that domain, `10.1.*:3306` for
 * every address that begins so.
 *
 * Knows nothing of settings. What a name leads to is checked when it is dialled, by the networks of its pattern.
 */
import { isIPv4 } from 'node:net';
import type { Address } from './config.ts';

export interface NamePattern {
  readonly text: string;
  /** How many characters are not `*`: of two patterns that match a name the one with more counts. */
  readonly literals: number;
  /** The address that a name is; undefined when the pattern does not match it. */
  readonly addressOf: (name: string) => Extract<Address, { readonly kind: 'tcp' }> | undefined;
}

/** Whether the name of a target in the file is a pattern. */
export const isPattern = (name: string): boolean => name.includes('*');

const PATTERN = /^([a-zA-Z0-9._*-]+):([0-9*]+)$/;
/** What a pattern looks like, for messages. */
export const PATTERN_FORM =
  'a pattern is a host and a port, each with letters, digits, "." and "-", and * for any number of them, such as "*.example.com:3306"';

/** Whether the text can be a pattern at all. */
export const isWellFormed = (text: string): boolean => PATTERN.test(text);

/** A port without a leading zero: a name must have one form only, or one server would be several targets. */
const NAME = /^([a-zA-Z0-9._-]+):([1-9]\d{0,4})$/;
const MAX_PORT = 65_535;
const MAX_HOST = 253;
/** What `*` stands for, any number of times. */
const ANY = /^[a-zA-Z0-9.-]*$/;

/** @param text one that is well-formed */
export function compileNamePattern(text: string): NamePattern {
  const segments = text.split('*');
  const isOfAddresses = namesAddresses(text);
  return {
    text,
    literals: text.length - (segments.length - 1),
    addressOf(name) {
      if (name.length > MAX_HOST + 6) return undefined;
      const [, host = '', port = ''] = NAME.exec(name) ?? [];
      const isHost = isOfAddresses ? isIPv4(host) : isHostName(host);
      if (!isHost || Number(port) > MAX_PORT || !matches(segments, name)) return undefined;
      return { kind: 'tcp', host, port: Number(port) };
    },
  };
}

/**
 * Whether the names are addresses and nothing else: those of `10.1.*`, which else would also match a name of somebody's
 * domain, `10.1.evil.example`.
 */
function namesAddresses(text: string): boolean {
  return /^[0-9][0-9.*]*:/.test(text);
}

const isHostName = (host: string): boolean =>
  host.length <= MAX_HOST && host.split('.').every((label) => /^(?!-).{1,63}(?<!-)$/.test(label));

/** Leftmost places for the literal parts: a later one for some part would leave no more room for the next. */
function matches([first = '', ...rest]: readonly string[], name: string): boolean {
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
    return false;
  const end = name.length - last.length;
  let at = first.length;
  for (const segment of rest) {
    const found = name.indexOf(segment, at);
    if (found < 0 || found + segment.length > end || !ANY.test(name.slice(at, found))) return false;
    at = found + segment.length;
  }
  return ANY.test(name.slice(at, end));
}

/** Top-level domains in which nobody can register a name: https://www.rfc-editor.org/rfc/rfc6761, and ICANN's `internal`. */
const PRIVATE_DOMAINS = new Set([
  'internal',
  'local',
  'localhost',
  'test',
  'lan',
  'corp',
  'home',
  'intranet',
  'private',
]);

/**
 * Whether somebody who makes names up can reach a host of his own by one that the pattern matches: it ends with no domain,
 * or with a top-level one in which everybody may have names, and does not begin with the first number of an address.
 */
export function reachesAnyHost(text: string): boolean {
  const host = text.slice(0, text.indexOf(':'));
  if (!host.includes('*')) return false;
  if (namesAddresses(text)) return !/^\d{1,3}\./.test(host);
  // Behind the last `*`, from the first dot on: the labels before it may be anybody's.
  const [, ...labels] = host.slice(host.lastIndexOf('*') + 1).split('.');
  const [only] = labels;
  if (only === undefined) return true;
  return labels.length === 1 && !PRIVATE_DOMAINS.has(only.toLowerCase());
}

/** Whether some name is matched by both. */
export function overlap(one: string, other: string): boolean {
  if (namesAddresses(one) !== namesAddresses(other)) {
    const [host = ''] = (namesAddresses(one) ? other : one).split(':');
    if (/[a-zA-Z_-]/.test(host)) return false; // no address has such a letter
  }
  return meet(one, other);
}

/** Walks both at once; a star takes part of the other's letters, or of its star. Each pair of places is looked at once. */
function meet(one: string, other: string): boolean {
  const seen = new Set<number>();
  const from = (i: number, j: number): boolean => {
    const key = i * (other.length + 1) + j;
    if (seen.has(key)) return false; // looked at before, without success
    seen.add(key);
    const [a, b] = [one[i], other[j]];
    if (a === undefined && b === undefined) return true;
    if (a === '*') return from(i + 1, j) || (b !== undefined && isTaken(b) && from(i, j + 1));
    if (b === '*') return from(i, j + 1) || (a !== undefined && isTaken(a) && from(i + 1, j));
    return a === b && a !== undefined && from(i + 1, j + 1);
  };
  return from(0, 0);
}

/** Whether a star may stand in this one's place. */
const isTaken = (letter: string): boolean => letter === '*' || ANY.test(letter);
