/**
 * From a login to a connection that queries can use: its session set up, its server known.
 */
import type { Deadline } from '../../deadline.ts';
import type { MysqlFailure } from '../failure.ts';
import { NO_ROWS, type ResultLimits, type TextResult } from '../protocol/text-query.ts';
import { INTRODUCTION_SQL, type Introduction, readIntroduction } from './identity.ts';
import { parseVersion, type ServerVersion } from './server-version.ts';
import { type SessionWishes, sessionStatements, unknownOptional } from './session.ts';

/** What the connections to one address learn for those after them. */
export interface ServerMemory {
  /** Optional variables that the server turned out not to have. */
  readonly unknownVariables: Set<string>;
  /** The server that they were learned of. */
  server?: string;
  /** What stood behind a greeting, which is a proxy's own where there is one. */
  greeted?: { readonly greeting: string; readonly version: ServerVersion };
}

/** What a session is to be like, and what is known of its server. */
export interface SetUpSpec extends SessionWishes {
  readonly memory: ServerMemory;
}

/** A connection, as far as it takes part in this. */
export interface Newcomer {
  query(
    statement: { readonly sql: string; readonly limits: ResultLimits },
    until: Deadline,
  ): Promise<TextResult | MysqlFailure>;
  introduce(introduction: Introduction): void;
  noteTimeLimit(ms: number): void;
}

type Done = { readonly ok: true } | MysqlFailure;

const ER_UNKNOWN_SYSTEM_VARIABLE = 1193;

/**
 * Sets the session up and asks the server who it is: two round trips, as long as the greeting tells the truth.
 *
 * The session comes first: on a Galera node without its cluster the question is answered only with its setting.
 *
 * @param greeting the version that the greeting gave
 */
export async function setUp(
  connection: Newcomer,
  spec: SetUpSpec,
  greeting: string,
  until: Deadline,
): Promise<Done> {
  const { memory } = spec;
  const guess = memory.greeted?.greeting === greeting ? memory.greeted.version : parseVersion(greeting);
  let set = await setTogether(connection, guess, spec, until);
  if (!set.done.ok && set.done.reason !== 'sql') return set.done;
  const introduced = await introduction(connection, until);
  if (!introduced.ok) return introduced;
  const { introduction: known } = introduced;
  const version = known?.version ?? guess;
  if (known !== undefined) {
    connection.introduce(known);
    remember(memory, greeting, known);
    if (sessionStatements(version, spec, memory.unknownVariables).together.sql !== set.sql)
      set = await setTogether(connection, version, spec, until);
  }
  return set.done.ok || set.done.reason !== 'sql'
    ? set.done
    : await setOneByOne(connection, version, spec, until);
}

function remember(memory: ServerMemory, greeting: string, { server, version }: Introduction): void {
  memory.greeted = { greeting, version };
  if (memory.server !== undefined && memory.server !== server.name) memory.unknownVariables.clear();
  memory.server = server.name;
}

/** Without variables that the server does not have, each of which it names in turn. */
async function setTogether(
  connection: Newcomer,
  version: ServerVersion,
  spec: SetUpSpec,
  until: Deadline,
): Promise<{ readonly sql: string; readonly done: Done }> {
  const unknownVariables = spec.memory.unknownVariables;
  for (;;) {
    const { sql, timeLimitMs } = sessionStatements(version, spec, unknownVariables).together;
    const done = await connection.query({ sql, limits: NO_ROWS }, until);
    const unknown =
      !done.ok && done.errno === ER_UNKNOWN_SYSTEM_VARIABLE
        ? unknownOptional(version.flavour, done.detail)
        : undefined;
    if (unknown === undefined || unknownVariables.has(unknown)) {
      if (done.ok) connection.noteTimeLimit(timeLimitMs);
      return { sql, done };
    }
    unknownVariables.add(unknown);
  }
}

/** For a proxy or an old server that refuses one of them: fails only for those that are required. */
async function setOneByOne(
  connection: Newcomer,
  version: ServerVersion,
  spec: SetUpSpec,
  until: Deadline,
): Promise<Done> {
  for (const { sql, required } of sessionStatements(version, spec, spec.memory.unknownVariables).alone) {
    const one = await connection.query({ sql, limits: NO_ROWS }, until);
    if (!one.ok && (required || one.reason !== 'sql')) return { ...one, detail: `${sql}: ${one.detail}` };
  }
  return { ok: true };
}

/** Undefined in the place of an introduction when the server refuses to tell: nothing depends on it but KILL. */
async function introduction(
  connection: Newcomer,
  until: Deadline,
): Promise<{ readonly ok: true; readonly introduction: Introduction | undefined } | MysqlFailure> {
  const answer = await connection.query({ sql: INTRODUCTION_SQL, limits: INTRODUCTION_LIMITS }, until);
  if (answer.ok) return { ok: true, introduction: readIntroduction(answer.rows[0]) };
  return answer.reason === 'sql' ? { ok: true, introduction: undefined } : answer;
}

const INTRODUCTION_LIMITS = { maxRows: 1, maxBytes: 1 << 16 };
