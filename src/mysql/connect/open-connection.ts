/**
 * From an address to a connection that queries can use: name, socket, TLS, login, session.
 */
import type { Deadline } from '../../deadline.ts';
import type { Address } from '../../model/config.ts';
import { currentTrace } from '../../trace.ts';
import type { Turns } from '../../turns.ts';
import { failure, type MysqlFailure, secretOf, withoutSecret } from '../failure.ts';
import type { ResultBudget } from '../protocol/result-budget.ts';
import { Connection } from './connection.ts';
import { dial } from './dial.ts';
import { type LoginOptions, logIn } from './driver.ts';
import type { Login } from './login.ts';
import type { ResolveHost } from './resolver.ts';
import { type SetUpSpec, setUp } from './set-up.ts';
import type { TlsPolicy } from './tls.ts';

/** What it takes to open connections to one server as one user. */
export interface ConnectionSpec extends SetUpSpec {
  readonly address: Address;
  readonly database: string | undefined;
  readonly tls: TlsPolicy;
  readonly allowClearPassword: boolean;
  readonly allowPublicKeyRetrieval: boolean;
  readonly allowFullLogin: boolean;
  /** Of all targets together. */
  readonly results: ResultBudget;
  /** In which results are read, of all targets together. */
  readonly turns: Turns;
}

const ER_USER_LIMIT_REACHED = 1226;

/** Opens a connection and sets its session up. `until` bounds all of it. */
export async function openConnection(
  spec: ConnectionSpec,
  login: Login,
  resolve: ResolveHost,
  until: Deadline,
): Promise<{ readonly ok: true; readonly connection: Connection } | MysqlFailure> {
  const dialed = await dial(spec.address, resolve, until);
  if (!dialed.ok) return dialed;
  const { socket, greeting } = dialed;
  const decision = await spec.tls.decide(greeting.offersTls || greeting.version === '', until);
  if (!decision.ok) {
    socket.destroy();
    return decision;
  }
  const options: LoginOptions = { ...spec, ...login, upgrade: decision.upgrade };
  const loggedIn = await logIn(socket, options, until);
  if (!loggedIn.ok) {
    const refused = withoutSecret(loggedIn, secretOf(login));
    currentTrace()?.note(`login as ${login.user}: ${refused.reason}, ${refused.detail}`);
    return refused;
  }
  currentTrace()?.note(`logged in as ${login.user}`);
  const connection = new Connection(loggedIn, dialed, login, spec.results);
  const ready = await setUp(connection, spec, greeting.version, until);
  if (ready.ok) {
    currentTrace()?.note(`session set up: ${connection.name}`);
    return { ok: true, connection };
  }
  connection.destroy();
  if (until.ended === 'timeout') return failure('connect_timeout', 'no end in time: setting the session up');
  // An account that has used up its queries per hour learns so from its first statement.
  return ready.errno === ER_USER_LIMIT_REACHED ? { ...ready, reason: 'refused' } : ready;
}
