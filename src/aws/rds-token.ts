/**
 * The token by which an account of Amazon RDS or Aurora logs in: a request that is signed and never sent.
 *
 * Signature Version 4 with the signature in the query: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
import { createHash, createHmac } from 'node:crypto';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken: string | undefined;
}

export interface RdsTokenRequest {
  /** The endpoint of the instance or cluster: a token for another name is refused. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly region: string;
}

const SERVICE = 'rds-db';
const ALGORITHM = 'AWS4-HMAC-SHA256';
/** The longest that RDS takes. It is for the login alone: a session goes on. */
const LIFE_SECONDS = 900;

/** Signs for a moment; the token is good for 15 minutes from then, or for as long as the credentials. */
export function rdsToken(request: RdsTokenRequest, credentials: AwsCredentials, now: Date): string {
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const scope = `${day}/${request.region}/${SERVICE}/aws4_request`;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const parameters = {
    Action: 'connect',
    DBUser: request.user,
    'X-Amz-Algorithm': ALGORITHM,
    'X-Amz-Credential': `${accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(LIFE_SECONDS),
    ...(sessionToken === undefined ? {} : { 'X-Amz-Security-Token': sessionToken }),
    'X-Amz-SignedHeaders': 'host',
  };
  const authority = `${request.host}:${request.port}`;
  const canonical = ['GET', '/', queryOf(parameters), `host:${authority}`, '', 'host', sha256('')].join('\n');
  const key = [day, request.region, SERVICE, 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${secretAccessKey}`,
  );
  const signature = hmac(key, [ALGORITHM, time, scope, sha256(canonical)].join('\n')).toString('hex');
  return `${authority}/?${queryOf({ ...parameters, 'X-Amz-Signature': signature })}`;
}

/** Sorted by name, as they are signed. */
function queryOf(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${encoded(value)}`)
    .sort()
    .join('&');
}

/** RFC 3986: all but letters, digits and `-_.~`. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
