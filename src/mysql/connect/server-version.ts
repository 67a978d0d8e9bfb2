/**
 * Flavour and version of a server, from the text that it or its greeting gives.
 */
import type { Flavour } from '../../model/query-set.ts';

export interface ServerVersion {
  readonly flavour: Flavour;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** No server has a longer version, and looking through one takes the square of its length. */
const MAX_LENGTH = 256;

/** Reads `VERSION()`, or the version of a greeting, where MariaDB up to 10.x puts `5.5.5-` in front for old replicas. */
export function parseVersion(said: string): ServerVersion {
  const text = said.slice(0, MAX_LENGTH);
  const mariadb = /(\d+)\.(\d+)\.(\d+)-mariadb/i.exec(text);
  const [, major, minor, patch] = mariadb ?? /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text) ?? [];
  return {
    flavour: mariadb !== null || /mariadb/i.test(text) ? 'mariadb' : 'mysql',
    major: Number(major ?? 0),
    minor: Number(minor ?? 0),
    patch: Number(patch ?? 0),
  };
}

/** Whether a version of the same flavour is that one or a later one. */
export function atLeast(version: ServerVersion, major: number, minor: number, patch: number): boolean {
  return (version.major - major || version.minor - minor || version.patch - patch) >= 0;
}
