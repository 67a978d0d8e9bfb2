/** An account of a server, `user`@`host`, as people write it on a command line. */
import { quoteLiteral } from '../sql/quote.ts';

export interface Account {
  readonly user: string;
  readonly host: string;
}

const NAME = /^(?:'((?:[^']|'')*)'|"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|([^'"`]+))$/;

/** `'exporter'@'%'`, or without quotes, since a shell takes them away; any host when none is given. */
export function parseAccount(text: string): Account | undefined {
  // The name of a user may hold an @, that of a host does not.
  const at = text.lastIndexOf('@');
  const user = unquote(at < 0 ? text : text.slice(0, at));
  const host = at < 0 ? '%' : unquote(text.slice(at + 1));
  return user === undefined || host === undefined ? undefined : { user, host };
}

/** As SQL takes it. */
export function accountText({ user, host }: Account): string {
  return `${quoteLiteral(user)}@${quoteLiteral(host)}`;
}

function unquote(text: string): string | undefined {
  const [, single, double, back, bare] = NAME.exec(text) ?? [];
  return (
    bare ?? single?.replaceAll("''", "'") ?? double?.replaceAll('""', '"') ?? back?.replaceAll('``', '`')
  );
}
