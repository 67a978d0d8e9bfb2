#!/usr/bin/env bash
# mysql2: a query that timed out calls its callback a second time when the server answers with an error, not when it
# answers with rows.
#
# The option `timeout` of a query ends the waiting, not the query: the command stays in charge of the connection until
# the server's answer is there. If that answer is a result, it is swallowed. If it is an error (the server's own time
# limit, a KILL, a deadlock), the callback that already got PROTOCOL_SEQUENCE_TIMEOUT is called again with it. Code
# that returns a connection to its pool, counts a failure or answers a request in that callback does so twice, and it
# does so just when client and server both have a time limit, as they should. With promises it does not show.
#
# Versions: mysql2 3.24.6, Node 20.20 with MariaDB 11.8.9 (Debian 1:11.8.9+ds-0+deb13u1).
# Source: lib/commands/query.js looks whether the query timed out before it reports rows; lib/commands/command.js, which
#   reports errors, does not. github.com/sidorares/node-mysql2/issues/1387 (closed in 2021) was the other order: an error
#   first and then the timeout. The README does not speak of late answers.
# Seen:
#   late rows: PROTOCOL_SEQUENCE_TIMEOUT
#   late error: PROTOCOL_SEQUENCE_TIMEOUT, 1969
#   late error, promise: PROTOCOL_SEQUENCE_TIMEOUT

# shellcheck source-path=SCRIPTDIR source=lib/servers.sh
source "$(dirname "$0")/lib/servers.sh"

npm_packages mysql2@3.24.6
mariadb_packages
server=$tmp/server
start_mariadb "$server"

cat >"$tmp/late.cjs" <<'END'
const mysql = require('mysql2');

const LATE_ROWS = 'SELECT SLEEP(1)';
const LATE_ERROR = 'SET STATEMENT max_statement_time = 1 FOR SELECT SLEEP(10)';
// A connection answers in order: when this one is answered, the late answer before it was there.
const NEXT = 'DO 1';
const name = (error) => (error === null ? 'rows' : (error.code ?? error.errno));

(async () => {
  const connection = mysql.createConnection({ socketPath: process.argv[2], user: 'root' });
  for (const sql of [LATE_ROWS, LATE_ERROR]) {
    const calls = [];
    connection.query({ sql, timeout: 200 }, (error) => calls.push(name(error)));
    await connection.promise().query(NEXT);
    console.log(calls.join(', '));
  }
  const outcomes = [];
  const query = connection.promise().query({ sql: LATE_ERROR, timeout: 200 });
  query.then(() => outcomes.push('rows'), (error) => outcomes.push(name(error)));
  await connection.promise().query(NEXT);
  console.log(outcomes.join(', '));
  connection.end();
})();
END
timeout --foreground 60 node "$tmp/late.cjs" "$server/socket" >"$tmp/calls"

expect 'late rows' PROTOCOL_SEQUENCE_TIMEOUT "$(sed -n 1p "$tmp/calls")"
expect 'late error' 'PROTOCOL_SEQUENCE_TIMEOUT, 1969' "$(sed -n 2p "$tmp/calls")"
expect 'late error, promise' PROTOCOL_SEQUENCE_TIMEOUT "$(sed -n 3p "$tmp/calls")"
conclude
