#!/usr/bin/env bash
# mysql2 and prom-client: the NULL of an empty SUM() adds 1 to a counter.
#
# SUM() over no rows is NULL, mysql2 gives NULL as null, and prom-client's Counter.inc(labels, null) takes null as "no
# value given", for which it adds 1. So a query of "how many since the last time" counts one each time that nothing
# happened, and without a word. Gauge.set(labels, null) throws, so the mistake shows with one type of metric and not with
# the other. The types do not help: what mysql2 returns is `any`, column by column.
#
# Versions: mysql2 3.24.6, prom-client 15.1.3 with MariaDB 11.8.9 (Debian 1:11.8.9+ds-0+deb13u1).
# Source: lib/counter.js of prom-client replaces null and undefined by 1; its README says that inc() adds 1 and inc(10)
#   adds 10, and nothing of null.
# Seen:
#   what the row has: null
#   counter after one increment: failed_logins_total{server="a"} 1
#   gauge: refused

# shellcheck source-path=SCRIPTDIR source=lib/servers.sh
source "$(dirname "$0")/lib/servers.sh"

npm_packages mysql2@3.24.6 prom-client@15.1.3
mariadb_packages
server=$tmp/server
start_mariadb "$server"
sql "$server" 'CREATE DATABASE shop; CREATE TABLE shop.failed_logins (count INT)'

cat >"$tmp/null.cjs" <<'END'
const mysql = require('mysql2/promise');
const { Counter, Gauge, Registry } = require('prom-client');

(async () => {
  const connection = await mysql.createConnection({ socketPath: process.argv[2], user: 'root' });
  const [[row]] = await connection.query('SELECT SUM(count) AS failed FROM shop.failed_logins');
  await connection.end();
  console.log(JSON.stringify(row.failed));

  const registers = [new Registry()];
  const labelNames = ['server'];
  const counter = new Counter({ name: 'failed_logins_total', help: 'Failed logins.', labelNames, registers });
  counter.inc({ server: 'a' }, row.failed);
  console.log((await registers[0].metrics()).split('\n').find((line) => line.startsWith('failed_logins_total')));

  const gauge = new Gauge({ name: 'failed_logins', help: 'Failed logins.', labelNames, registers });
  try {
    gauge.set({ server: 'a' }, row.failed);
    console.log('taken');
  } catch {
    console.log('refused');
  }
})();
END
timeout --foreground 30 node "$tmp/null.cjs" "$server/socket" >"$tmp/seen"

expect 'what the row has' null "$(sed -n 1p "$tmp/seen")"
expect 'counter after one increment' 'failed_logins_total{server="a"} 1' "$(sed -n 2p "$tmp/seen")"
expect 'gauge' refused "$(sed -n 3p "$tmp/seen")"
conclude
