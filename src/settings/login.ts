/**
 * Who logs in, and which file or program has the password. A password itself is not shown.
 */
import type { Config, Credentials, Target } from '../model/config.ts';
import { stringifyDuration } from '../model/duration-text.ts';
import { LOGIN_KEYS, moduleOrigin, type Origin, type TargetOrigins } from './origin.ts';
import { type Setting, setting } from './setting.ts';

/** The auth module of a target, or the login that is its own. */
export function loginOf(
  target: Target,
  { origins }: Pick<Config, 'origins'>,
  from: TargetOrigins | undefined,
): readonly Setting[] {
  const module = authModuleOf(target, { origins });
  if (module !== undefined) return setting('auth_module', module, from?.of('auth_module'));
  return credentialsOf(target.credentials, {
    user: from?.ofLogin('user'),
    password: from?.ofLogin('password'),
    ttl: from?.besidePassword('password_ttl'),
  });
}

interface LoginOrigins {
  readonly user: Origin | undefined;
  readonly password: Origin | undefined;
  readonly ttl: Origin | undefined;
}

function credentialsOf({ password, user }: Credentials, from: LoginOrigins): readonly Setting[] {
  const ofUser =
    typeof user === 'string' ? setting('user', user, from.user) : setting('user_file', user.path, from.user);
  switch (password.kind) {
    case 'none':
      return [...ofUser, ...setting('password', '', from.password)];
    case 'text':
      return [...ofUser, ...setting('password', String(password.secret), from.password)];
    case 'file':
      return [...ofUser, ...setting('password_file', password.path, from.password)];
    case 'command':
      return [
        ...ofUser,
        ...setting('password_command', [password.program, ...password.args], from.password),
        ...setting('password_ttl', stringifyDuration(password.ttlMs), from.ttl),
      ];
    default:
      return password satisfies never;
  }
}

/** The auth module that the target logs in as, unless it has a login of its own. */
export function authModuleOf(
  { ownAuthModules }: Target,
  { origins }: Pick<Config, 'origins'>,
): string | undefined {
  return [...ownAuthModules].find((name) => origins?.authModules.has(name));
}

/** The login of an auth module. */
export function settingsOfModule(
  name: string,
  credentials: Credentials,
  { origins }: Pick<Config, 'origins'>,
): readonly Setting[] {
  const of = (...paths: readonly string[]) => origins && moduleOrigin(origins, name, ...paths);
  return credentialsOf(credentials, {
    user: of(...LOGIN_KEYS.user),
    password: of(...LOGIN_KEYS.password),
    ttl: of('password_ttl'),
  });
}
