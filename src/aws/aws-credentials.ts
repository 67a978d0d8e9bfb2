/**
 * The credentials that a token is signed with: from the environment, or from the endpoint that a container has for them.
 *
 * Web identity (IRSA), the metadata of EC2 and profiles are not here: `aws rds generate-db-auth-token` has them.
 */
import { readFile } from 'node:fs/promises';
import type { AwsCredentials } from './rds-token.ts';

export type FoundCredentials =
  | { readonly ok: true; readonly credentials: AwsCredentials }
  /** A sentence that says what to do, without any secret. */
  | { readonly ok: false; readonly detail: string };

/** Where Amazon's ECS has it. */
const ECS = 'http://169.254.170.2';
/** Without TLS, credentials are asked for on the machine itself only: loopback, ECS, and Pod Identity of EKS. */
const PLAIN_HOSTS =
  /^(?:127(?:\.\d+){3}|localhost|169\.254\.170\.2|169\.254\.170\.23|\[::1\]|\[fd00:ec2::23\])$/;
const ENDPOINT_MS = 5_000;
const MAX_ANSWER = 64 << 10;

/** Looks in the order of Amazon's own tools. */
export async function findCredentials(env: NodeJS.ProcessEnv): Promise<FoundCredentials> {
  const accessKeyId = env['AWS_ACCESS_KEY_ID'] ?? '';
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'] ?? '';
  if (accessKeyId !== '' && secretAccessKey !== '')
    return {
      ok: true,
      credentials: { accessKeyId, secretAccessKey, sessionToken: env['AWS_SESSION_TOKEN'] || undefined },
    };
  if (accessKeyId !== '' || secretAccessKey !== '')
    return missing('only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set');
  const relative = env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'];
  const url = relative ? `${ECS}${relative}` : env['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  return url ? await fromContainer(url, env) : missing(NOTHING_SET);
}

const NOTHING_SET =
  'no credentials of AWS: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), or run where ' +
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or AWS_CONTAINER_CREDENTIALS_FULL_URI is set (ECS, Pod Identity of EKS); for ' +
  'roles by web identity, of EC2 or of a profile use aws rds generate-db-auth-token in its place';

const missing = (detail: string): FoundCredentials => ({ ok: false, detail });

async function fromContainer(text: string, env: NodeJS.ProcessEnv): Promise<FoundCredentials> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return missing('AWS_CONTAINER_CREDENTIALS_FULL_URI is no URL');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && PLAIN_HOSTS.test(url.hostname)))
    return missing(
      'AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor on the machine itself: nothing is asked there',
    );
  const token = await authorization(env);
  if (!token.ok) return token;
  try {
    const answer = await fetch(url, {
      headers: token.value === '' ? {} : { authorization: token.value },
      redirect: 'error',
      signal: AbortSignal.timeout(ENDPOINT_MS),
    });
    if (!answer.ok) return missing(`the endpoint of the container's credentials answers ${answer.status}`);
    return readAnswer(await answer.text());
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? ('code' in cause ? cause.code : cause.name) : 'unknown error';
    return missing(`the endpoint of the container's credentials cannot be asked (${why})`);
  }
}

/** A file is read anew each time, for its token rotates. */
async function authorization(
  env: NodeJS.ProcessEnv,
): Promise<{ readonly ok: true; readonly value: string } | (FoundCredentials & { readonly ok: false })> {
  const file = env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];
  const text = file
    ? await readFile(file, 'utf8').catch(() => undefined)
    : (env['AWS_CONTAINER_AUTHORIZATION_TOKEN'] ?? '');
  if (text === undefined)
    return { ok: false, detail: 'the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read' };
  const value = text.trim();
  return /[^\x20-\x7e]/.test(value)
    ? { ok: false, detail: "the token for the endpoint of the container's credentials is no header" }
    : { ok: true, value };
}

function readAnswer(text: string): FoundCredentials {
  if (text.length > MAX_ANSWER)
    return missing("the endpoint of the container's credentials answers too much");
  const answer = parsed(text);
  const accessKeyId = textAt(answer, 'AccessKeyId');
  const secretAccessKey = textAt(answer, 'SecretAccessKey');
  return accessKeyId === undefined || secretAccessKey === undefined
    ? missing("the endpoint of the container's credentials answers without AccessKeyId and SecretAccessKey")
    : { ok: true, credentials: { accessKeyId, secretAccessKey, sessionToken: textAt(answer, 'Token') } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textAt(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  return typeof found === 'string' && found !== '' ? found : undefined;
}
