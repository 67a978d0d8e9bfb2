/**
 * Connection texts: the DSN of go-sql-driver, and `mysql://` URLs (mysql-url.ts), read into plain fields.
 *
 * The DSN form is `[user[:password]@][net[(address)]]/[database][?key=value&...]`, split exactly as
 * go-sql-driver does, so that passwords with `@`, `:` and `/` keep working:
 * https://github.com/go-sql-driver/mysql#dsn-data-source-name
 *
 * No message here may repeat any part of the text: a misplaced part may be the password.
 */

import { type Parsed, parsed, refused } from '../../diagnostics/parsed.ts';
import type { Address } from '../../model/config.ts';
import { parseTcpAddress, socketAt } from './address.ts';
import type { Dsn } from './dsn-fields.ts';
import { readDsnOptions } from './go-options.ts';
import { parseMysqlUrl } from './mysql-url.ts';

const FORM = 'write user:password@tcp(host:3306)/database or mysql://user:password@host:3306/database';

/** Reads either form; a `mysql://` or `mariadb://` at the beginning decides. */
export function parseDsn(text: string): Parsed<Dsn> {
  if (/^(?:mysql|mariadb):\/\//i.test(text)) return parseMysqlUrl(text);
  if (/^(?:postgres(?:ql)?|sqlserver|oracle|clickhouse|sqlite):\/\//i.test(text))
    return refused('the URL is for another kind of database: this exporter knows MySQL and MariaDB only');
  return parseGoDsn(text);
}

function parseGoDsn(text: string): Parsed<Dsn> {
  const slash = text.lastIndexOf('/');
  if (slash < 0) return refused(`the DSN lacks the slash before the database: ${FORM}`);
  const at = text.lastIndexOf('@', slash);
  const address = addressOf(text.slice(at + 1, slash));
  if (!address.ok) return address;

  const tail = text.slice(slash + 1);
  const question = tail.indexOf('?');
  const database = decode(question < 0 ? tail : tail.slice(0, question));
  if (database === undefined)
    return refused('the database name in the DSN has a % that is no percent-encoding: write %25');
  const options = readDsnOptions(question < 0 ? '' : tail.slice(question + 1));
  if (!options.ok) return options;

  return parsed({
    address: address.value,
    ...(at < 0 ? {} : credentialsOf(text.slice(0, at))),
    ...(database === '' ? {} : { database }),
    ...options.value,
  });
}

/** Not percent-decoded: in this form `%40` is four characters of the password. */
function credentialsOf(text: string): { user: string; password: string } {
  const colon = text.indexOf(':');
  return colon < 0
    ? { user: text, password: '' }
    : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function addressOf(text: string): Parsed<Address> {
  const open = text.indexOf('(');
  const net = open < 0 ? text : text.slice(0, open);
  const inner = open < 0 ? '' : text.slice(open + 1, -1);
  if (open >= 0 && !text.endsWith(')'))
    return refused(
      text.includes(')', open)
        ? 'the DSN has a slash after its database: in an option write it as %2F'
        : 'the address of the DSN lacks its closing bracket: write tcp(host:3306)/',
    );
  if (net !== '' && net !== 'tcp' && net !== 'unix')
    return refused(`the network of the DSN must be tcp(host:port) or unix(/path/to/socket): ${FORM}`);
  const address =
    net === 'unix' ? socketAt(inner || '/tmp/mysql.sock') : parseTcpAddress(inner || '127.0.0.1');
  return address.ok ? address : refused(`in the DSN, ${address.message}`);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
