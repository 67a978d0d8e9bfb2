/**
 * What a connection depends on: two targets, or one target before and after a reload, that agree in all of it can
 * use the same connections.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Credentials, Target } from '../../model/config.ts';

/** The part of a target that decides what its connections are like. */
export interface ConnectionNeeds
  extends Pick<
    Target,
    | 'address'
    | 'networks'
    | 'database'
    | 'tls'
    | 'allowPublicKeyRetrieval'
    | 'session'
    | 'idleTimeoutMs' // the session's wait_timeout follows it
    | 'queryTimeoutMs' // and so does its time limit
  > {
  readonly credentials: Credentials;
}

/** @param authModule credentials other than the target's own, one of `target.authModules` */
export function connectionNeeds(target: Target, authModule: string | undefined): ConnectionNeeds {
  const { address, allowPublicKeyRetrieval, database, idleTimeoutMs, networks } = target;
  const { queryTimeoutMs, session, tls } = target;
  const chosen = authModule === undefined ? undefined : target.authModules.get(authModule);
  const credentials = chosen ?? target.credentials;
  return {
    ...{ address, allowPublicKeyRetrieval, database, idleTimeoutMs, networks, queryTimeoutMs, session, tls },
    credentials,
  };
}

/**
 * Whether connections for one serve the other as well. A password in a file counts by its path: it is read again for
 * each connection anyway.
 */
export function haveSameNeeds(a: ConnectionNeeds, b: ConnectionNeeds): boolean {
  return isDeepStrictEqual(a, b);
}

/** Equal where a server accepts or refuses the same logins: who logs in is known only when it is read. */
export function serverKey({ address, allowPublicKeyRetrieval, database, tls }: ConnectionNeeds): string {
  return JSON.stringify([address, database ?? null, tls, allowPublicKeyRetrieval]);
}
