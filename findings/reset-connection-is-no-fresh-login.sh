#!/usr/bin/env bash
# COM_RESET_CONNECTION does not give back the session that the login made, and MySQL and MariaDB differ in what is lost.
#
# A login sets more than the account and the schema: its collation number sets collation_connection, and the flag
# CLIENT_IGNORE_SPACE adds IGNORE_SPACE to sql_mode. mysql2 sends both unless told otherwise. After a reset, MySQL has
# dropped the collation and kept IGNORE_SPACE; MariaDB has kept the collation and dropped IGNORE_SPACE. So one
# statement on one connection means different things before and after: on MySQL 'a ' = 'a' turns from 1 to 0 (the
# driver's collation pads, the server's default does not), on MariaDB COUNT (1) with its space turns from a count into
# an error. A pool with resetOnRelease gives its first user of a connection another session than all later ones.
#
# Versions: mysql2 3.24.6 with MySQL 9.7.4 (Debian 9.7.4-2) and MariaDB 11.8.9 (Debian 1:11.8.9+ds-0+deb13u1).
# Source: seen on running servers. MySQL's protocol pages call the command a lighter COM_CHANGE_USER that does about
#   the same; MariaDB's page says that session variables are reset, and that only the schema is not.
# Seen:
#   MySQL, login: utf8mb4_unicode_ci, IGNORE_SPACE, 'a ' = 'a' is 1, COUNT (1) is 1
#   MySQL, reset: utf8mb4_0900_ai_ci, IGNORE_SPACE, 'a ' = 'a' is 0, COUNT (1) is 1
#   MariaDB, login: utf8mb4_unicode_ci, IGNORE_SPACE, 'a ' = 'a' is 1, COUNT (1) is 1
#   MariaDB, reset: utf8mb4_unicode_ci, no IGNORE_SPACE, 'a ' = 'a' is 1, COUNT (1) is error 1630

# shellcheck source-path=SCRIPTDIR source=lib/servers.sh
source "$(dirname "$0")/lib/servers.sh"

npm_packages mysql2@3.24.6
cat >"$tmp/reset.cjs" <<'END'
const mysql = require('mysql2/promise');

async function describe(connection) {
  const row = async (statement) => (await connection.query({ sql: statement, rowsAsArray: true }))[0][0];
  const [collation, mode] = await row('SELECT @@collation_connection, @@sql_mode');
  const ignoresSpace = mode.split(',').includes('IGNORE_SPACE');
  const [padded] = await row("SELECT 'a ' = 'a'");
  const count = await row('SELECT COUNT (1)').then(String, (error) => `error ${error.errno}`);
  return `${collation}, ${ignoresSpace ? '' : 'no '}IGNORE_SPACE, 'a ' = 'a' is ${padded}, COUNT (1) is ${count}`;
}

(async () => {
  const connection = await mysql.createConnection({ socketPath: process.argv[2], user: 'root', database: 'shop' });
  console.log(await describe(connection));
  await connection.reset();
  console.log(await describe(connection));
  await connection.end();
})();
END

# Prints the session after the login and after the reset, a line each.
sessions() {
  sql "$1" 'CREATE DATABASE shop'
  timeout --foreground 30 node "$tmp/reset.cjs" "$1/socket" >"$tmp/sessions"
}

mysql_packages
start_mysql "$tmp/mysql"
sessions "$tmp/mysql"
expect 'MySQL, login' "utf8mb4_unicode_ci, IGNORE_SPACE, 'a ' = 'a' is 1, COUNT (1) is 1" "$(sed -n 1p "$tmp/sessions")"
expect 'MySQL, reset' "utf8mb4_0900_ai_ci, IGNORE_SPACE, 'a ' = 'a' is 0, COUNT (1) is 1" "$(sed -n 2p "$tmp/sessions")"
stop_last

mariadb_packages
start_mariadb "$tmp/mariadb"
sessions "$tmp/mariadb"
expect 'MariaDB, login' "utf8mb4_unicode_ci, IGNORE_SPACE, 'a ' = 'a' is 1, COUNT (1) is 1" "$(sed -n 1p "$tmp/sessions")"
expect 'MariaDB, reset' "utf8mb4_unicode_ci, no IGNORE_SPACE, 'a ' = 'a' is 1, COUNT (1) is error 1630" \
  "$(sed -n 2p "$tmp/sessions")"
conclude
