/** What shipped queries do in each state of a server: measured, and as measured.json keeps it for the reference. */
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { FLAVOURS, type Flavour } from '../../../src/model/query-set.ts';
import type { PrivateServer } from '../../support/real-servers.ts';
import { openSession, type ShippedQuery } from '../each-query.ts';
import { type Observed, observe } from './observe.ts';
import { STATE_NAMES, type StateName } from './state-names.ts';
import { ENTER, Others } from './states.ts';

const perFlavour = <S extends z.ZodType>(schema: S) => z.record(z.enum(FLAVOURS), schema);
const NAMES = z.enum(STATE_NAMES as readonly [StateName, ...StateName[]]);

const LOCKS = z.object({
  /** Of the servers that were asked. */
  versions: perFlavour(z.string()),
  /** Queries that a server was asked, as `set/query`. */
  asked: perFlavour(z.array(z.string())),
  /** Those that waited: in all other states, and all other queries, nothing did. */
  waits: z.array(
    z.object({
      flavour: z.enum(FLAVOURS),
      state: NAMES,
      query: z.string(),
      /** `answers`, or the reason of its failure. */
      end: z.string(),
      seconds: z.number().int(),
      /** Tables of users that it had locked meanwhile. */
      held: z.array(z.string()),
    }),
  ),
});

export type LocksMeasured = z.output<typeof LOCKS>;
export type Wait = LocksMeasured['waits'][number];

const FILE = new URL('measured.json', import.meta.url);

export const readMeasured = async (): Promise<LocksMeasured> =>
  LOCKS.parse(JSON.parse(await readFile(FILE, 'utf8')));

export const writeMeasured = async (measured: LocksMeasured): Promise<void> =>
  await writeFile(FILE, `${JSON.stringify(measured, undefined, 2)}\n`);

export interface Seen extends Observed {
  readonly query: string;
}

/** Asks every query while the server is in a state, in a session that is opened in it too. */
export async function seenIn(
  server: PrivateServer,
  state: StateName,
  queries: readonly ShippedQuery[],
): Promise<readonly Seen[]> {
  await using others = new Others(server);
  await ENTER[state](others, server.flavour);
  const connection = await openSession(server);
  try {
    const seen: Seen[] = [];
    for (const query of queries)
      seen.push({ query: query.id, ...(await observe(server, connection, query)) });
    return seen;
  } finally {
    connection.destroy();
  }
}

export const askedOf = (seen: readonly Seen[]): readonly string[] =>
  seen.filter(({ end }) => end !== 'skipped').map(({ query }) => query);

/** What is to be told of a state. */
export const waitsOf = (flavour: Flavour, state: StateName, seen: readonly Seen[]): readonly Wait[] =>
  seen
    .filter(({ waitedSeconds }) => waitedSeconds > 0)
    .map(({ query, end, held, waitedSeconds }) => ({
      flavour,
      state,
      query,
      end,
      seconds: Math.round(waitedSeconds),
      held: [...held],
    }));
