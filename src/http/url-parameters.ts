/**
 * The parameters of a URL: each may be repeated, and one that a route does not know is an error of the request.
 */
import { didYouMean } from '../diagnostics/suggest.ts';
import { cut, visible } from '../visible-text.ts';

/** The values of each parameter in their order; none when it is left out. */
export type UrlParameters<Name extends string> = Readonly<Record<Name, readonly string[]>>;

export interface UrlParameterReader<Name extends string> {
  read(query: unknown): UrlParameters<Name>;
  /** A sentence about the first parameter that is not known; undefined when all are. */
  unknownIn(query: unknown): string | undefined;
}

const NONE: readonly string[] = [];

/** A reader for a route that knows parameters of these names. */
export function urlParameters<const Name extends string>(names: readonly Name[]): UrlParameterReader<Name> {
  const known: ReadonlySet<string> = new Set(names);
  return {
    read(query) {
      const given = queryOf(query);
      const values: Partial<Record<Name, readonly string[]>> = {};
      // Not zod: with it reading a URL took four times as long, for each probe.
      for (const name of names) values[name] = valuesOf(given[name]);
      return values as Record<Name, readonly string[]>;
    },
    unknownIn(query) {
      for (const name in queryOf(query)) if (!known.has(name)) return sentenceOf(name, names);
      return undefined;
    },
  };
}

/** As Fastify's parser makes it: an object without a prototype. */
function queryOf(query: unknown): Readonly<Record<string, unknown>> {
  return typeof query === 'object' && query !== null ? (query as Readonly<Record<string, unknown>>) : {};
}

function valuesOf(given: unknown): readonly string[] {
  if (given === undefined) return NONE;
  return Array.isArray(given) ? given.map(String) : [String(given)];
}

function sentenceOf(unknown: string, names: readonly string[]): string {
  const near = didYouMean(unknown, names);
  return `unknown parameter ${quote(unknown)}${near === '' ? noneNear(names) : near}`;
}

const noneNear = (names: readonly string[]) =>
  names.length === 0 ? '; there are none here' : `; parameters are: ${names.join(', ')}`;

const MAX_ECHO = 100;

/** A value of the URL in a sentence: without line breaks, and not all of a long one. */
export function quote(value: string): string {
  return visible(JSON.stringify(cut(value, MAX_ECHO)));
}
